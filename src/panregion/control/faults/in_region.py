"""What faults inside a region have in common: the region is told of them, and has them in itself (region/faults)."""

from collections.abc import Iterable

import msgspec

from panregion.control.faults.base import BaseFault
from panregion.control.faults.effects import Effect, InRegion, Where
from panregion.region.faults.model import Within


class InRegionFault(Within, BaseFault, frozen=True, kw_only=True):
    """A fault of one region; its fields are in region/faults/model.py, under the same kind."""

    def effects(self, where: Where) -> Iterable[Effect]:
        return [InRegion(where.require_region(self.region), msgspec.Raw(msgspec.json.encode(self)))]


def percent(share: float) -> str:
    """A share for people, in front of what is struck; nothing where it is all of it."""
    return "" if share >= 1 else f"{share * 100:g} % of "
