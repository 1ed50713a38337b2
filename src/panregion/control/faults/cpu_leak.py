"""`cpu-leak`: processes of a region use up processors and do nothing."""

from panregion.control.faults.in_region import InRegionFault
from panregion.region.faults import model


class CpuLeak(model.CpuLeak, InRegionFault, frozen=True, kw_only=True):
    """They are of the region's process group: what kills or freezes the region does so to them."""

    def describe(self) -> str:
        return f"{self.region} leaks {self.processes} CPU{'s' if self.processes > 1 else ''}"
