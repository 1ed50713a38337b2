"""`function-slow`: invocations of a Lambda function begin later."""

from panregion.control.faults.in_region import InRegionFault
from panregion.control.faults.of_functions import invocations
from panregion.region.faults import model


class FunctionSlow(model.FunctionSlow, InRegionFault, frozen=True, kw_only=True):
    """Have functions begin later; the delay is not part of their own time."""

    def describe(self) -> str:
        return f"{invocations(self, self.region)} begin {self.delay_ms:g} ms later"
