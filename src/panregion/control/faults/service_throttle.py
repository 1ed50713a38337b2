"""`service-throttle`: a service, or some of its operations, says that it is asked too often."""

from panregion.control.faults.in_region import InRegionFault
from panregion.control.faults.of_service import calls
from panregion.region.faults import model


class ServiceThrottle(model.ServiceThrottle, InRegionFault, frozen=True, kw_only=True):
    """Have a service throttle.

    Each has AWS's own error for it: SlowDown, ThrottlingException, ProvisionedThroughputExceededException ...
    """

    def describe(self) -> str:
        return f"{calls(self)} are throttled"
