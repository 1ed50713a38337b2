"""`disk-full`: the disk of a region has room for so much more, and then for nothing."""

from panregion.control.faults.in_region import InRegionFault
from panregion.region.faults import model


class DiskFull(model.DiskFull, InRegionFault, frozen=True, kw_only=True):
    """Fill a region's disk.

    What is written beyond `free_bytes` is refused as the system refuses it; what is there can be read.
    """

    def describe(self) -> str:
        room = f"has room for {self.free_bytes:,} bytes" if self.free_bytes else "is full"
        return f"the disk of {self.region} {room}"
