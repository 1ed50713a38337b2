"""`clock-skew`: the clock of a region is ahead or behind, and may run too fast or too slow."""

from panregion.control.faults.in_region import InRegionFault
from panregion.region.faults import model


class ClockSkew(model.ClockSkew, InRegionFault, frozen=True, kw_only=True):
    """Set a region's clock wrong.

    What the region itself reads is wrong; its functions' processes have the machine's clock.
    """

    def describe(self) -> str:
        words = []
        if self.skew_s:
            words.append(f"is {abs(self.skew_s):g} s {'ahead' if self.skew_s > 0 else 'behind'}")
        if self.drift_ms_per_s:
            way = "gains" if self.drift_ms_per_s > 0 else "loses"
            words.append(f"{way} {abs(self.drift_ms_per_s):g} ms a second")
        return f"the clock of {self.region} {' and '.join(words)}"
