"""`service-error`: a service, or some of its operations, answers with errors; all calls, or a share of them."""

from panregion.control.faults.in_region import InRegionFault
from panregion.control.faults.of_service import calls
from panregion.region.faults import model


class ServiceError(model.ServiceError, InRegionFault, frozen=True, kw_only=True):
    """Have a service answer with errors.

    They are in AWS's words (`how`), or have the code, message and status that are given.
    """

    def describe(self) -> str:
        status = self.status or (503 if self.how == "unavailable" else 500)
        return f"{calls(self)} fail with {self.code or status}"
