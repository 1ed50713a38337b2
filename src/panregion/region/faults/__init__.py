"""The faults that a region has in itself: of its calls, functions, replication, disk, clock and processors."""

from panregion.region.faults.keeper import CannotHave, RegionFaults

__all__ = ["CannotHave", "RegionFaults"]
