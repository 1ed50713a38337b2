"""Where SQS keeps things.

    ("sqs", "queue", name)                       -> Queue
    ("sqs", "deleted", name)                     -> when, seconds as decimal text
    ("sqs", "next")                              -> the last number given to a queue or heap
    ("sqs", "sequence", queue id)                -> the last number given to a message of a FIFO queue
    ("sqs", "task", source name, started us)     -> Task, a message move task

    ("sqs-messages", heap + place)               -> Message of a standard queue
    ("sqs-moved", heap + place)                  -> the place where the message of that receipt lies now
    ("sqs-bodies", heap + message id)            -> a long body
    ("sqs-groups", heap, group)                  -> Group of a FIFO queue
    ("sqs-turns", heap + turn, group)            -> nothing; the groups, the one whose turn is first in front
    ("sqs-lines", heap, group, number)           -> Message of a FIFO queue
    ("sqs-seen", queue id, span, scope, id)      -> Seen, a deduplication id of that span of five minutes
    ("sqs-attempts", queue id, attempt)          -> Attempt, what a receive request on a FIFO queue gave

A place is when a message may next be seen (microseconds), then a count and four bytes of the process's own, which tell
messages of the same moment apart. So the first place of a heap is the message whose turn it is, and receiving is one
range scan.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from panregion.services.sqs.errors import no_queue
from panregion.services.sqs.model import Message, Queue
from panregion.store import Transaction

BODY_APART_CHARACTERS = 4096
"""A body of more does not lie in the message's own row, which is written anew whenever it is received."""

_heap = struct.Struct(">I")
_queue = msgspec.msgpack.Decoder(Queue)
_message = msgspec.msgpack.Decoder(Message)
pack = msgspec.msgpack.Encoder().encode


@lru_cache(1024)
def _decoded(raw: bytes) -> Queue:
    return _queue.decode(raw)


def find_queue(tx: Transaction, name: str) -> Queue | None:
    raw = tx.get(("sqs", "queue", name))
    return None if raw is None else _decoded(raw)


def require_queue(tx: Transaction, name: str) -> Queue:
    """Raises QueueDoesNotExist."""
    queue = find_queue(tx, name)
    if queue is None:
        raise no_queue()
    return queue


def put_queue(tx: Transaction, queue: Queue) -> None:
    tx.put(("sqs", "queue", queue.name), pack(queue))


def queues(tx: Transaction, after: str | None = None) -> Iterator[Queue]:
    """All queues, or those whose names come after one, by name."""
    position = None if after is None else ("sqs", "queue", after)
    return (_queue.decode(raw) for raw in tx.values(("sqs", "queue"), after=position))


def queues_named(tx: Transaction, prefix: str, after: str | None = None) -> Iterator[Queue]:
    """The queues whose names start so."""
    start = after + "\0" if after is not None and after >= prefix else prefix
    end = ("sqs", "queue", prefix + "\U0010ffff")
    return (_queue.decode(raw) for _, raw in tx.range(("sqs", "queue", start), end))


def next_number(tx: Transaction) -> int:
    """A number that no queue or heap of this region has had."""
    number = int(tx.get(("sqs", "next")) or 0) + 1
    tx.put(("sqs", "next"), b"%d" % number)
    return number


def next_sequence(tx: Transaction, queue_id: int) -> int:
    key = ("sqs", "sequence", queue_id)
    number = int(tx.get(key) or 0) + 1
    tx.put(key, b"%d" % number)
    return number


def heap_bytes(heap: int) -> bytes:
    return _heap.pack(heap)


def decode_message(raw: bytes) -> Message:
    return _message.decode(raw)


def pack_message(tx: Transaction, heap: int, message: Message) -> bytes:
    """The message's row; a long body that is not yet apart is put there."""
    if not message.apart and len(message.body) > BODY_APART_CHARACTERS:
        tx.put(("sqs-bodies", _heap.pack(heap) + message.id.encode()), message.body.encode())
        message = msgspec.structs.replace(message, body="", apart=True)
    return pack(message)


def body_of(tx: Transaction, heap: int, message: Message) -> str:
    if not message.apart:
        return message.body
    body = tx.get(("sqs-bodies", _heap.pack(heap) + message.id.encode()))
    assert body is not None, "a message's body goes with the message"
    return body.decode()


def drop_body(tx: Transaction, heap: int, message: Message) -> None:
    """Delete the body of a message that leaves the heap."""
    if message.apart:
        tx.delete(("sqs-bodies", _heap.pack(heap) + message.id.encode()))


def whole(tx: Transaction, heap: int, message: Message) -> Message:
    """The message with its body, as it is carried to another heap."""
    if not message.apart:
        return message
    return msgspec.structs.replace(message, body=body_of(tx, heap, message), apart=False)
