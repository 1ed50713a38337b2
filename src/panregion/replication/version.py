"""When a replicated item was written, by whom, and what its writer had seen.

`Version`  the moment of one write: hybrid logical clock time and the region of origin. Versions are totally
           ordered (later wins; on equal times the greater region name wins), so every region that has
           received the same writes of an item shows the same one. No two writes have the same version: a
           region's clock never gives one time twice.
`Stamp`    what travels and is stored beside an item: the version of the value that is shown, and a version
           vector of all writes of this item that are known here, shown or not.

The vector counts in clock times rather than in 1, 2, 3: `vector["eu-west-1"] = t` says "every write of this
item that eu-west-1 made up to its time t is known". A region's times only grow, so they are counters like
any other, and they have two advantages. A counter that restarts at one after an item was deleted and its
tombstone forgotten would make the reborn item look older than its ghost; a clock does not restart. And the
version of the value that is shown is simply the greatest entry of the vector, so it need not be stored
twice:

    what is shown is the latest of the writes that arrived (last writer wins), and a write that has not
    arrived, but is known from the vector of one that has, is older than that one, because a writer's time
    is later than all it has seen.

A time is one integer: milliseconds since 1970 in the upper bits, 16 bits of counter in the lower (see
`clock.py`).
"""

from collections.abc import Mapping
from typing import Protocol, Self

import msgspec

COUNTER_BITS = 16
COUNTER_MAX = (1 << COUNTER_BITS) - 1


class Version(msgspec.Struct, frozen=True, order=True, array_like=True):
    """The moment of a write. Ordered by its fields, so the greater region name wins a tie."""

    physical_ms: int
    counter: int
    origin: str

    @classmethod
    def at(cls, time: int, origin: str) -> Self:
        return cls(time >> COUNTER_BITS, time & COUNTER_MAX, origin)

    @property
    def time(self) -> int:
        return self.physical_ms << COUNTER_BITS | self.counter

    def __str__(self) -> str:
        return f"{self.physical_ms}.{self.counter}@{self.origin}"


class Ticking(Protocol):
    """The one thing a write wants of a clock: a time later than all it gave, and than `after`."""

    def tick(self, after: int = 0) -> int: ...


class Stamp(msgspec.Struct, frozen=True, array_like=True):
    """The shown write's region, the vector, and the version of the value that its writer overwrote (if any).

    `overwrote` is what a reader in the writer's region saw the moment before the write. The vector alone
    cannot tell: it also holds writes that had already lost there, and that the writer therefore never saw.
    """

    origin: str
    vector: dict[str, int]
    overwrote: Version | None = None

    @property
    def time(self) -> int:
        return self.vector.get(self.origin, 0)

    @property
    def version(self) -> Version:
        return Version.at(self.time, self.origin)

    def knows(self, version: Version) -> bool:
        return self.vector.get(version.origin, 0) >= version.time

    def covers(self, other: "Stamp") -> bool:
        """Whether the other's shown write is one that this stamp knows."""
        return self.vector.get(other.origin, 0) >= other.vector.get(other.origin, 0)

    def merged(self, other: "Stamp") -> "Stamp":
        """This stamp's value, and what both know."""
        mine, theirs = self.vector, other.vector
        if all(mine.get(region, 0) >= time for region, time in theirs.items()):
            return self
        vector = {**mine, **{region: time for region, time in theirs.items() if time > mine.get(region, 0)}}
        return Stamp(self.origin, vector, self.overwrote)

    def __str__(self) -> str:
        known = " ".join(
            f"{region}:{Version.at(t, '').physical_ms}.{t & COUNTER_MAX}" for region, t in self.vector.items()
        )
        return f"{self.version} knows {known}"


BASE = Stamp("", {})
"""Of an item that was written before its table was replicated: older than every write, known to every
writer."""


def stamp_write(previous: Stamp | None, clock: Ticking, region: str, floor: Mapping[str, int] | None = None) -> Stamp:
    """The stamp of a write made now in `region` over `previous` (a value or a tombstone; None if there is
    neither).

    `floor` is for an item without a stamp: the vector of the tombstones that were collected in this table.
    The writer did see those deletions, and must say so, or its write would look concurrent with them where
    they are still kept.
    """
    if previous is not None:
        vector = dict(previous.vector)
        latest = previous.time  # by the rule above the greatest entry
        overwrote = previous.version if latest else None
    else:
        vector = dict(floor) if floor else {}
        latest = max(vector.values(), default=0)
        overwrote = None
    vector[region] = clock.tick(latest)
    return Stamp(region, vector, overwrote)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Stamp)


def encode_stamp(stamp: Stamp) -> bytes:
    return _encoder.encode(stamp)


def decode_stamp(data: bytes | memoryview) -> Stamp:
    return _decoder.decode(data)
