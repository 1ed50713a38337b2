"""What a stream is, and where streams lie in the store.

    ("dynamodb-streams", table's name, label)                  -> Stream, MessagePack
    ("dynamodb-stream-numbers",)                               -> the last stream number given out
    ("dynamodb-stream-heads", stream)                          -> the last sequence number given out
    ("dynamodb-stream-records", stream, shard, sequence)       -> record, JSON as GetRecords shows it
    ("dynamodb-stream-trimmed", stream, shard)                 -> the last sequence number that was forgotten
    ("dynamodb-stream-shards", stream, shard)                  -> Shard (shards.py)

A stream belongs to a table but outlives it: once it has ended, it can be read for 24 hours. Its shards (shards.py)
divide the space of partition key hashes. Sequence numbers rise over the whole stream.
"""

from collections.abc import Iterator
from itertools import islice

import msgspec

from panregion.services.dynamodb.model import Schema
from panregion.store import Key, Transaction

STREAMS = "dynamodb-streams"
HEADS = "dynamodb-stream-heads"
RECORDS = "dynamodb-stream-records"
TRIMMED = "dynamodb-stream-trimmed"

SEQUENCE_BASE = 100_000_000_000_000_000_000
"""Added to sequence numbers as they are shown: AWS's have 21 digits or more."""


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """A table's stream, from when it was enabled until it was disabled (`ended`), and what it says of changes."""

    number: int
    table: str
    label: str
    view: str
    created: float
    schema: Schema
    ended: float | None = None

    @property
    def key(self) -> Key:
        return (STREAMS, self.table, self.label)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Stream).decode


def shown(sequence: int) -> str:
    return str(SEQUENCE_BASE + sequence)


def put_stream(tx: Transaction, stream: Stream) -> None:
    tx.put(stream.key, _encode(stream))


def read_stream(tx: Transaction, table: str, label: str) -> Stream | None:
    data = tx.get((STREAMS, table, label))
    return None if data is None else _decode(data)


def streams(tx: Transaction, table: str | None, after: Key | None = None) -> Iterator[Stream]:
    """All streams, or those of tables of one name, in order, those past `after`."""
    prefix: Key = (STREAMS,) if table is None else (STREAMS, table)
    return map(_decode, tx.values(prefix, after=after))


def next_number(tx: Transaction) -> int:
    number = int(tx.get(("dynamodb-stream-numbers",)) or 0) + 1
    tx.put(("dynamodb-stream-numbers",), b"%d" % number)
    return number


def head(tx: Transaction, number: int) -> int:
    """The last sequence number that the stream has given out."""
    return int(tx.get((HEADS, number)) or 0)


def take_number(tx: Transaction, number: int) -> int:
    """The next sequence number, given out."""
    sequence = head(tx, number) + 1
    tx.put((HEADS, number), b"%d" % sequence)
    return sequence


def feed_of(number: int) -> str:
    """What is touched when the stream has a new record, for those who wait for one."""
    return f"dynamodb/stream/{number}"


def append(tx: Transaction, number: int, shard: int, record: bytes) -> None:
    tx.put((RECORDS, number, shard, take_number(tx, number)), record)
    tx.touch(feed_of(number))


def records(tx: Transaction, number: int, shard: int, after: int) -> Iterator[tuple[int, bytes]]:
    """(sequence number, record) of a shard, those past `after`."""
    prefix: Key = (RECORDS, number, shard)
    for key, record in tx.prefix(prefix, after=(*prefix, after)):
        yield int(key[3]), record


def oldest(tx: Transaction, number: int, shard: int) -> int | None:
    """The first sequence number that the shard still has."""
    return next((sequence for sequence, _ in islice(records(tx, number, shard, 0), 1)), None)


def trimmed(tx: Transaction, number: int, shard: int) -> int:
    """The last sequence number that the shard has forgotten."""
    return int(tx.get((TRIMMED, number, shard)) or 0)


def forget(tx: Transaction, number: int, shard: int, sequence: int) -> None:
    """Drop the shard's oldest record."""
    tx.delete((RECORDS, number, shard, sequence))
    tx.put((TRIMMED, number, shard), b"%d" % sequence)


def forget_trimmed(tx: Transaction, number: int, shard: int) -> None:
    tx.delete((TRIMMED, number, shard))


def delete_stream(tx: Transaction, stream: Stream) -> None:
    """Drop a stream that has no shards any more."""
    tx.delete(stream.key)
    tx.delete((HEADS, stream.number))
