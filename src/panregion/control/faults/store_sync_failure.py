"""`store-sync-failure`: what a region would keep cannot be synced to disk, and is refused."""

from panregion.control.faults.in_region import InRegionFault
from panregion.region.faults import model


class StoreSyncFailure(model.StoreSyncFailure, InRegionFault, frozen=True, kw_only=True):
    """Have a region's store fail to sync: a group of transactions is refused whole, and none of it acknowledged."""

    def describe(self) -> str:
        share = "" if self.share >= 1 else f" {self.share * 100:g} % of the time"
        return f"the store of {self.region} fails to sync{share}"
