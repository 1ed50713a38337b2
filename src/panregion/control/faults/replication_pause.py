"""`replication-pause`: replication of a table, or of all, stands still between a region and another, or all others."""

from collections.abc import Iterable

import msgspec

from panregion.control.faults.base import BaseFault
from panregion.control.faults.effects import Effect, InRegion, Where
from panregion.region.faults import model


class ReplicationPause(BaseFault, frozen=True, kw_only=True):
    """Pause replication of tables.

    What is written waits in the feeds, and comes when it is undone. Strong tables do not replicate by feeds.
    """

    region: str
    peer: str | None = None
    """The other region; none: every other."""
    table: str | None = None
    """One table; none: every one."""
    both: bool = True
    """Both ways; else only what `region` would take from the other."""

    def describe(self) -> str:
        what = self.table or "every table"
        ways = "between" if self.both else "into"
        other = self.peer or "the other regions"
        return f"replication of {what} {ways} {self.region} {'and' if self.both else 'from'} {other} is paused"

    def effects(self, where: Where) -> Iterable[Effect]:
        region = where.require_region(self.region)
        peer = None if self.peer is None else where.require_region(self.peer)
        if peer == region:
            raise ValueError(f"{region} does not replicate with itself")
        yield _told(region, self.table, peer)
        if self.both:
            for other in where.regions if peer is None else [peer]:
                if other != region:
                    yield _told(other, self.table, region)


def _told(region: str, table: str | None, source: str | None) -> InRegion:
    pause = model.ReplicationPause(region=region, table=table, source=source)
    return InRegion(region, msgspec.Raw(msgspec.json.encode(pause)))
