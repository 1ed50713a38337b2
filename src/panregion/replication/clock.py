"""A hybrid logical clock: wall time that never repeats and never goes back.

A time is wall-clock milliseconds and a 16-bit counter, packed into one integer. It follows the wall clock
while that moves forward; while it stands still or has jumped back, only the counter moves (and carries into
the milliseconds when it is full), so a new write is always later than the last one made here. `tick(after)`
also makes it later than what it overwrites, wherever that was written and however wrong the clock was
there: an overwrite never loses to what it saw.

Times from elsewhere. `observe` moves the clock up to what a peer wrote, so that a region whose wall clock
is slow does not lose every conflict. It does so only within `ahead_ms_max`: adopting the time of a peer
whose clock runs a year fast would make this region's times useless for a year, in every item. Such a time
is not adopted, and `observe` says so (the replicator counts it and shows it as the peer's health), but the
write that carries it *is* applied: the ledger and the vectors are right whatever the clocks say, and
refusing it would stop replication for as long as the clock is wrong. The price: until it is set right, such
a region wins its conflicts, and whoever overwrites one of its items takes its time over.

A restart. Times must not go back then either, even if the wall clock did. Nothing is written for this on
the way of a write: the newest record of a region's own feeds carries the newest time it gave away, trimming
leaves that record, and `raise_to` takes it at start, before the first write.
"""

from collections.abc import Callable

from .version import COUNTER_BITS

AHEAD_MS_MAX = 60_000


class HybridLogicalClock:
    __slots__ = ("_ahead_ms_max", "_last", "_now")

    def __init__(self, now: Callable[[], float], last: int = 0, ahead_ms_max: int = AHEAD_MS_MAX) -> None:
        assert ahead_ms_max >= 0
        self._now = now
        self._last = last
        self._ahead_ms_max = ahead_ms_max

    @property
    def last(self) -> int:
        """The latest time given or taken over."""
        return self._last

    def tick(self, after: int = 0) -> int:
        """A time later than every other that this clock gave, and than `after`."""
        wall = int(self._now() * 1000) << COUNTER_BITS
        self._last = max(wall, self._last + 1, after + 1)
        return self._last

    def observe(self, time: int) -> bool:
        """Take over a peer's time. False: it is too far ahead of the wall clock to be taken over."""
        if time <= self._last:
            return True
        if self.ahead_ms(time) > self._ahead_ms_max:
            return False
        self._last = time
        return True

    def ahead_ms(self, time: int) -> int:
        """By how much a time is ahead of the wall clock."""
        return (time >> COUNTER_BITS) - int(self._now() * 1000)

    def raise_to(self, time: int) -> None:
        """At start: times given before the restart are not given again."""
        self._last = max(self._last, time)

    def __repr__(self) -> str:
        return f"<HybridLogicalClock {self._last >> COUNTER_BITS}.{self._last & ((1 << COUNTER_BITS) - 1)}>"
