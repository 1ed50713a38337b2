"""`service-slow`: a service, or some of its operations, answers later."""

from panregion.control.faults.in_region import InRegionFault
from panregion.control.faults.of_service import calls
from panregion.region.faults import model


class ServiceSlow(model.ServiceSlow, InRegionFault, frozen=True, kw_only=True):
    """Have a service answer later.

    Calls that are part of another operation's transaction are not delayed: nobody can wait there.
    """

    def describe(self) -> str:
        jitter = f" and up to {self.jitter_ms:g} ms more" if self.jitter_ms else ""
        return f"{calls(self)} take {self.delay_ms:g} ms longer{jitter}"
