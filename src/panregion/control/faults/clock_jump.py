"""`clock-jump`: the clock of a region jumps to and fro."""

from panregion.control.faults.in_region import InRegionFault
from panregion.region.faults import model


class ClockJump(model.ClockJump, InRegionFault, frozen=True, kw_only=True):
    """Have a region's clock jump: by `by_s` at once, back after `every_s`, and so on."""

    def describe(self) -> str:
        return f"the clock of {self.region} jumps by {self.by_s:+g} s and back, every {self.every_s:g} s"
