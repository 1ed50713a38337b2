"""`function-cold`: invocations of a Lambda function never find a warm environment."""

from panregion.control.faults.in_region import InRegionFault
from panregion.control.faults.of_functions import invocations
from panregion.region.faults import model


class FunctionCold(model.FunctionCold, InRegionFault, frozen=True, kw_only=True):
    """Have functions start cold: no invocation finds a warm environment."""

    def describe(self) -> str:
        return f"{invocations(self, self.region)} start cold"
