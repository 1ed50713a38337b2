"""The messages of a standard queue: one ordered map, by when each may next be seen.

Receiving moves a message to a later place and its receipt handle says where; deleting is the removal of that place.
Time passing changes nothing in the store: a message that was not deleted is simply first again. Changing a message's
visibility moves it without its handle knowing, so it leaves a pointer where the handle looks.
"""

import struct
from collections.abc import Callable
from itertools import islice

import msgspec

from panregion.services.sqs import layout
from panregion.services.sqs.errors import MessageNotInflight, invalid
from panregion.services.sqs.model import US, VISIBILITY_MAX_S, Message, Queue, Taken, Tally
from panregion.services.sqs.receipts import Receipt, receipt_text
from panregion.store import Transaction

Bury = Callable[[Message], bool]
"""Puts a message on the dead-letter queue; False where there is none to put it on."""

PASSED_MAX = 100
"""Dead and expired messages that one receive request clears away at most."""

_moment = struct.Struct(">Q")
_FOR_EVER = b"\xff" * 8


def place_at(visible_us: int, tail: bytes) -> bytes:
    return _moment.pack(visible_us) + tail


def visible_us_of(place: bytes) -> int:
    moment: int = _moment.unpack_from(place)[0]
    return moment


def put(tx: Transaction, queue: Queue, message: Message, visible_us: int, tail: bytes) -> None:
    """Add a message that may be seen from then on. `tail` tells it apart from others of the same moment."""
    _write(tx, queue, place_at(visible_us, tail), message)
    tx.touch(queue.feed)


def _write(tx: Transaction, queue: Queue, place: bytes, message: Message) -> None:
    row = layout.pack_message(tx, queue.heap, message)
    tx.put_bytes("sqs-messages", layout.heap_bytes(queue.heap) + place, row)


def take(tx: Transaction, queue: Queue, now_us: int, wanted: int, hide_us: int, bury: Bury) -> list[Taken]:
    """Receive up to `wanted` messages, which are then hidden for `hide_us`."""
    heap = layout.heap_bytes(queue.heap)
    taken: list[Taken] = []
    rows = tx.range_bytes("sqs-messages", heap, heap + place_at(now_us + 1, b""))
    for key, raw in islice(rows, wanted + PASSED_MAX):
        place = key[4:]
        message = layout.decode_message(raw)
        if expired(queue, message, now_us) or (is_dead(queue, message) and bury(layout.whole(tx, queue.heap, message))):
            _drop(tx, queue, place, message)
        else:
            taken.append(_receive(tx, queue, place, message, now_us, hide_us))
            if len(taken) == wanted:
                break
    return taken


def expired(queue: Queue, message: Message, now_us: int) -> bool:
    return message.expires_from_us + queue.retention_s * US <= now_us


def there_since_us(message: Message) -> int:
    """When the message came to the queue that it is in."""
    return message.buried_us or message.sent_us


def is_dead(queue: Queue, message: Message) -> bool:
    return queue.redrive is not None and message.receives >= queue.redrive.receives_max


def received(message: Message, now_us: int) -> Message:
    return msgspec.structs.replace(
        message,
        receives=message.receives + 1,
        received_us=message.received_us or now_us,
        last_us=now_us,
        origin=b"",
    )


def _receive(tx: Transaction, queue: Queue, old: bytes, message: Message, now_us: int, hide_us: int) -> Taken:
    place = place_at(now_us + hide_us, old[8:])
    if place != old:
        tx.delete_bytes("sqs-messages", layout.heap_bytes(queue.heap) + old)
    _forget_move(tx, queue, message)
    message = received(message, now_us)
    _write(tx, queue, place, message)
    return Taken(message, receipt_text(queue.id, queue.heap, place, message.receives))


def _forget_move(tx: Transaction, queue: Queue, message: Message) -> None:
    if message.origin:
        tx.delete(("sqs-moved", layout.heap_bytes(queue.heap) + message.origin))


def _drop(tx: Transaction, queue: Queue, place: bytes, message: Message) -> None:
    tx.delete_bytes("sqs-messages", layout.heap_bytes(queue.heap) + place)
    layout.drop_body(tx, queue.heap, message)
    _forget_move(tx, queue, message)


def _located(tx: Transaction, queue: Queue, receipt: Receipt) -> tuple[bytes, Message] | None:
    """Where the message of that receipt is, unless it was deleted or received again since."""
    if receipt.heap != queue.heap:
        return None
    heap, place = layout.heap_bytes(queue.heap), receipt.place
    raw = tx.get(("sqs-messages", heap + place))
    if raw is None:
        moved = tx.get(("sqs-moved", heap + place))
        if moved is None:
            return None
        place, raw = moved, tx.get(("sqs-messages", heap + moved))
    if raw is None:
        return None
    message = layout.decode_message(raw)
    return (place, message) if message.receives == receipt.receives else None


def remove(tx: Transaction, queue: Queue, receipt: Receipt, _now_us: int) -> bool:
    """Delete the message of that receipt. One that is gone, or was received again since, stays as it is."""
    found = _located(tx, queue, receipt)
    if found is not None:
        _drop(tx, queue, *found)
    return found is not None


def rehide(tx: Transaction, queue: Queue, receipt: Receipt, now_us: int, hide_s: int) -> None:
    """Hide the message of that receipt from now on for `hide_s`. Raises MessageNotInflight, InvalidParameterValue."""
    found = _located(tx, queue, receipt)
    if found is None:
        raise gone(receipt)
    old, message = found
    if visible_us_of(old) <= now_us:
        raise not_inflight(receipt)
    check_total(message, now_us, hide_s)
    place = place_at(now_us + hide_s * US, old[8:])
    if place == old:
        return
    heap = layout.heap_bytes(queue.heap)
    tx.delete(("sqs-messages", heap + old))
    _write(tx, queue, place, msgspec.structs.replace(message, origin=receipt.place))
    if place != receipt.place:
        tx.put(("sqs-moved", heap + receipt.place), place)
    tx.touch(queue.feed)


def gone(receipt: Receipt) -> Exception:
    reason = "Message does not exist or is not available for visibility timeout change."
    return invalid("ReceiptHandle", receipt.text, reason)


def not_inflight(_receipt: Receipt) -> Exception:
    return MessageNotInflight("The specified message isn't in flight.")


def check_total(message: Message, now_us: int, hide_s: int) -> None:
    if now_us + hide_s * US > message.last_us + VISIBILITY_MAX_S * US:
        reason = f"Total VisibilityTimeout for the message is beyond the limit [{VISIBILITY_MAX_S} seconds]"
        raise invalid("VisibilityTimeout", hide_s, reason)


def next_us(tx: Transaction, queue: Queue) -> int | None:
    """When the first message may be seen; None where there is no message."""
    heap = layout.heap_bytes(queue.heap)
    for key, _ in tx.range_bytes("sqs-messages", heap, heap + _FOR_EVER):
        return visible_us_of(key[4:])
    return None


def tally(tx: Transaction, queue: Queue, now_us: int, after: bytes | None, limit: int) -> tuple[Tally, bytes | None]:
    """Count up to `limit` messages; where to go on, or None at the end."""
    heap = layout.heap_bytes(queue.heap)
    start = heap if after is None else after + b"\0"
    rows = list(islice(tx.range_bytes("sqs-messages", start, heap + _FOR_EVER), limit))
    visible = inflight = delayed = 0
    oldest_us: int | None = None
    for key, raw in rows:
        message = layout.decode_message(raw)
        if expired(queue, message, now_us):
            continue
        oldest_us = min(there_since_us(message), oldest_us or now_us)
        if visible_us_of(key[4:]) <= now_us:
            visible += 1
        elif message.receives:
            inflight += 1
        else:
            delayed += 1
    return Tally(visible, inflight, delayed, oldest_us), rows[-1][0] if len(rows) == limit else None


def inflight(tx: Transaction, queue: Queue, now_us: int, most: int) -> int:
    """How many messages are in flight, counted up to `most`."""
    heap = layout.heap_bytes(queue.heap)
    rows = tx.range_values(("sqs-messages", heap + place_at(now_us + 1, b"")), ("sqs-messages", heap + _FOR_EVER))
    return sum(1 for _ in islice((raw for raw in rows if layout.decode_message(raw).receives), most))


def trim(tx: Transaction, queue: Queue, now_us: int, limit: int) -> int:
    """Delete expired messages from the front, at most `limit`; how many."""
    heap = layout.heap_bytes(queue.heap)
    end = heap + place_at(max(0, now_us - queue.retention_s * US), b"")
    rows = list(islice(tx.range_bytes("sqs-messages", heap, end), limit))
    for key, raw in rows:
        message = layout.decode_message(raw)
        if expired(queue, message, now_us):
            _drop(tx, queue, key[4:], message)
    return len(rows)


def clear(tx: Transaction, heap: int, limit: int) -> int:
    """Delete up to `limit` rows of a heap that no queue has any more; how many there were."""
    dropped = 0
    for space in ("sqs-messages", "sqs-moved", "sqs-bodies"):
        start = layout.heap_bytes(heap)
        rows = tx.range((space, start), (space, start + b"\xff" * 40))
        keys = [key for key, _ in islice(rows, limit - dropped)]
        for key in keys:
            tx.delete(key)
        dropped += len(keys)
    return dropped
