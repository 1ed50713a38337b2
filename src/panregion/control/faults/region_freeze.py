"""`region-freeze`: SIGSTOP to the processes of a region: alive but silent. Undone, they go on where they were."""

from collections.abc import Iterable

from panregion.control.faults.base import BaseFault
from panregion.control.faults.effects import Effect, SiteDown, Where


class RegionFreeze(BaseFault, frozen=True, kw_only=True):
    """Freeze a region.

    SIGSTOP to it, its workers and all else of its process group; its kernel still takes connections.
    """

    region: str

    def describe(self) -> str:
        return f"{self.region} is frozen"

    def effects(self, where: Where) -> Iterable[Effect]:
        return [SiteDown(where.require_down(self.region), "frozen")]
