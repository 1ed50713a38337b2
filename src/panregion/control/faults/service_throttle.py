"""`service-throttle`: a service, or some of its operations, says that it is asked too often."""

from panregion.control.faults.in_region import InRegionFault
from panregion.control.faults.of_service import calls
from panregion.region.faults import model


class ServiceThrottle(model.ServiceThrottle, InRegionFault, frozen=True, kw_only=True):
    """A service in a region throttles, each with AWS's error for it (SlowDown, ThrottlingException ...)."""

    def describe(self) -> str:
        return f"{calls(self)} in {self.region} is throttled"
