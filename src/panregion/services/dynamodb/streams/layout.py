"""What a stream is, and where streams lie in the store.

    ("dynamodb-streams", table's name, label)                  -> Stream, MessagePack
    ("dynamodb-stream-numbers",)                               -> the last stream number given out
    ("dynamodb-stream-heads", stream)                          -> the last sequence number given out
    ("dynamodb-stream-records", stream, shard, sequence)       -> record, JSON as GetRecords shows it
    ("dynamodb-stream-trimmed", stream, shard)                 -> the last sequence number that was forgotten

A stream belongs to a table but outlives it: once it has ended, it can be read for 24 hours. Its shards divide the
space of partition key hashes evenly, so all records of an item are in one shard, in order. Sequence numbers rise
over the whole stream.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import msgspec

from panregion.languages.dynamodb import HASH_BITS
from panregion.services.dynamodb.model import Schema, Table
from panregion.services.here import Here
from panregion.store import Key, Transaction

STREAMS = "dynamodb-streams"
HEADS = "dynamodb-stream-heads"
RECORDS = "dynamodb-stream-records"
TRIMMED = "dynamodb-stream-trimmed"

SHARDS = 4
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
    last: int | None = None

    @property
    def key(self) -> Key:
        return (STREAMS, self.table, self.label)

    def shard_id(self, shard: int) -> str:
        return f"shardId-{int(self.created * 1000):020d}-{self.number:06x}{shard:02x}"


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Stream).decode


def shard_of(place: int) -> int:
    """The shard of a partition key's hash."""
    return place * SHARDS >> HASH_BITS


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


def append(tx: Transaction, number: int, shard: int, record: bytes) -> None:
    sequence = head(tx, number) + 1
    tx.put((HEADS, number), b"%d" % sequence)
    tx.put((RECORDS, number, shard, sequence), record)


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


def delete_stream(tx: Transaction, stream: Stream) -> None:
    """Drop a stream that has no records any more."""
    tx.delete(stream.key)
    tx.delete((HEADS, stream.number))
    for shard in range(SHARDS):
        tx.delete((TRIMMED, stream.number, shard))


# A table's stream begins and ends


def begin(here: Here, table: Table, view: str) -> Table:
    """The table with a new stream. Its label is the moment; no two of a table are the same."""
    moment = here.now()
    while read_stream(here.tx, table.name, _label(moment)) is not None:
        moment += 0.001
    number = next_number(here.tx)
    stream = Stream(
        number=number, table=table.name, label=_label(moment), view=view, created=here.now(), schema=table.schema
    )
    put_stream(here.tx, stream)
    return msgspec.structs.replace(table, stream=view, stream_label=stream.label, stream_number=number)


def end(here: Here, table: Table) -> Table:
    """The table without its stream, which can still be read for a while."""
    stream = None if table.stream_label is None else read_stream(here.tx, table.name, table.stream_label)
    if stream is not None and stream.ended is None:
        ended = msgspec.structs.replace(stream, ended=here.now(), last=head(here.tx, stream.number))
        put_stream(here.tx, ended)
    return msgspec.structs.replace(table, stream=None, stream_number=None)


def _label(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
