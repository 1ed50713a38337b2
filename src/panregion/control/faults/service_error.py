"""`service-error`: a service, or some of its operations, answers with errors; all calls, or a share of them."""

from panregion.control.faults.in_region import InRegionFault
from panregion.control.faults.of_service import calls
from panregion.region.faults import model


class ServiceError(model.ServiceError, InRegionFault, frozen=True, kw_only=True):
    """A service in a region errs, in AWS's words for it or in those that are given."""

    def describe(self) -> str:
        status = self.status or (503 if self.how == "unavailable" else 500)
        return f"{calls(self)} in {self.region} fails with {self.code or status}"
