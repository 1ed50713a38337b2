"""`cpu-leak`: processes of a region use up processors and do nothing."""

from panregion.control.faults.in_region import InRegionFault
from panregion.region.faults import model


class CpuLeak(model.CpuLeak, InRegionFault, frozen=True, kw_only=True):
    """Have a region leak CPUs: processes of its group that do nothing, as fast as they can."""

    def describe(self) -> str:
        return f"{self.region} leaks {self.processes} CPU{'s' if self.processes > 1 else ''}"
