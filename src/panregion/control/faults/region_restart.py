"""`region-restart`: the region is asked to stop, as a deployment would, and started again; it ends by itself."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from panregion.control.faults.base import BaseFault
from panregion.control.faults.effects import Effect, SiteDown, Where


class RegionRestart(BaseFault, frozen=True, kw_only=True):
    """Restart a region.

    SIGTERM, requests in flight may end; it stays down for `down_s` seconds, and is started again.
    """

    region: str
    down_s: Annotated[float, Meta(ge=0, le=86400)] = 0.0

    @property
    def lasts_s(self) -> float:
        return self.down_s

    def describe(self) -> str:
        return f"{self.region} is restarted" + (f" and is down for {self.down_s:g} s" if self.down_s else "")

    def effects(self, where: Where) -> Iterable[Effect]:
        return [SiteDown(where.require_down(self.region), "stopped")]
