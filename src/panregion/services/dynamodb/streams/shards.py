"""A stream's shards: each holds a range of partition key hashes for a while, then ends, and others go on for it.

    ("dynamodb-stream-shards", stream, shard)    -> Shard, MessagePack

As on AWS a shard belongs to a partition. It ends after some hours (its one child has the same range), or when
the partition is split (two children have half of it each), or with the stream. Ranges of open shards cover all places
without overlap, so an item's records are in one open shard, and what follows an ended shard is in its children:
who reads a parent to its end before its children reads every item's records in order.

Sequence numbers rise over the whole stream. An end takes one, so that an ended shard's range is never empty.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from zlib import crc32

import msgspec

from panregion.languages.dynamodb import HASH_BITS
from panregion.services.dynamodb.model import Table
from panregion.services.dynamodb.streams import layout
from panregion.services.dynamodb.streams.layout import Stream
from panregion.store import Transaction

SHARDS = "dynamodb-stream-shards"
PLACES = 1 << HASH_BITS

READS_PER_PARTITION, WRITES_PER_PARTITION = 3000, 1000
ON_DEMAND_PARTITIONS = 4
PARTITIONS_MAX = 1024


class Shard(msgspec.Struct, frozen=True, array_like=True):
    """Places from `low` up to, not including, `high`; sequence numbers from `first` to `last` once it has ended."""

    number: int
    low: int
    high: int
    created: float
    first: int
    parent: int | None = None
    ended: float | None = None
    last: int | None = None
    parent_id: str | None = None


Range = tuple[int, int, Shard | None]
"""(low, high, parent) of a shard to be."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Shard).decode


def partitions_of(table: Table) -> int:
    """How many partitions bear what the table asks for: 3,000 reads or 1,000 writes a second each."""
    warm = table.warm or {}
    reads = max(table.throughput.read, warm.get("ReadUnitsPerSecond", 0))
    writes = max(table.throughput.write, warm.get("WriteUnitsPerSecond", 0))
    least = ON_DEMAND_PARTITIONS if table.billing == "PAY_PER_REQUEST" else 1
    wanted = max(least, -(-reads // READS_PER_PARTITION), -(-writes // WRITES_PER_PARTITION))
    return min(wanted, PARTITIONS_MAX)


def shard_id(stream: Stream, shard: Shard) -> str:
    """Ids sort as the shards were made; the time in them is of the shard's beginning."""
    mark = crc32(f"{stream.number}/{stream.label}".encode()) & 0xFFFF
    return f"shardId-{int(shard.created * 1000):020d}-{mark:04x}{shard.number & 0xFFFF:04x}"


def put(tx: Transaction, stream: int, shard: Shard) -> None:
    tx.put((SHARDS, stream, shard.number), _encode(shard))


def all_of(tx: Transaction, stream: int) -> Iterator[Shard]:
    """A stream's shards as they were made, the ended ones too."""
    return map(_decode, tx.values((SHARDS, stream)))


def read(tx: Transaction, stream: int, number: int) -> Shard | None:
    data = tx.get((SHARDS, stream, number))
    return None if data is None else _decode(data)


def open_of(tx: Transaction, stream: int) -> list[Shard]:
    """The shards that records go to, in the order of their places."""
    return sorted((shard for shard in all_of(tx, stream) if shard.ended is None), key=lambda shard: shard.low)


def delete(tx: Transaction, stream: int, number: int) -> None:
    """Drop a shard that has no records any more."""
    tx.delete((SHARDS, stream, number))
    layout.forget_trimmed(tx, stream, number)


# Beginning, ending, going on


def evenly(count: int) -> list[Range]:
    """The whole space in so many ranges."""
    bounds = [PLACES * part // count for part in range(count + 1)]
    return [(low, high, None) for low, high in pairwise(bounds)]


def make(tx: Transaction, stream: Stream, ranges: Iterable[Range], now: float) -> None:
    """New shards, younger than all that there are."""
    known = list(all_of(tx, stream.number))
    number = max((shard.number for shard in known), default=-1) + 1
    created = max([now, *(shard.created + 0.001 for shard in known)])  # clocks may jump back
    first = layout.head(tx, stream.number) + 1
    for place, (low, high, parent) in enumerate(ranges, number):
        shard = Shard(place, low, high, created, first)
        if parent is not None:
            shard = msgspec.structs.replace(shard, parent=parent.number, parent_id=shard_id(stream, parent))
        put(tx, stream.number, shard)


def close(tx: Transaction, stream: int, closing: Iterable[Shard], now: float) -> None:
    """End shards; the sequence number that this takes is their last."""
    last = layout.take_number(tx, stream)
    for shard in closing:
        put(tx, stream, msgspec.structs.replace(shard, ended=max(now, shard.created), last=last))


def halves(shard: Shard) -> list[Range]:
    middle = (shard.low + shard.high) // 2
    return [(shard.low, middle, shard), (middle, shard.high, shard)]


def successors(open_shards: list[Shard], wanted: int, ended_before: float) -> tuple[list[Shard], list[Range]]:
    """Which shards are to end, and what ranges go on: the widest split until there are `wanted`; old ones renewed.

    Shards made after `ended_before` are young enough to go on, unless they are split.
    """
    splits: list[Shard] = []
    widest = sorted(open_shards, key=lambda shard: (shard.low - shard.high, shard.low))
    for shard in widest:
        if len(open_shards) + len(splits) >= wanted or shard.high - shard.low < 2:
            break
        splits.append(shard)
    old = [shard for shard in open_shards if shard not in splits and shard.created <= ended_before]
    ranges: list[Range] = [half for shard in splits for half in halves(shard)]
    return [*splits, *old], [*ranges, *((shard.low, shard.high, shard) for shard in old)]
