"""`region-kill`: SIGKILL to the processes of a region, told nothing beforehand; undone, it starts on its folder."""

from collections.abc import Iterable

from panregion.control.faults.base import BaseFault
from panregion.control.faults.effects import Effect, SiteDown, Where


class RegionKill(BaseFault, frozen=True, kw_only=True):
    """Kill a region: SIGKILL, nothing told beforehand. Recovery cells at the same site go with it."""

    region: str

    def describe(self) -> str:
        return f"{self.region} is killed"

    def effects(self, where: Where) -> Iterable[Effect]:
        return [SiteDown(where.require_down(self.region), "killed")]
