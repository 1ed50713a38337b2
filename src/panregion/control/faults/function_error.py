"""`function-error`: invocations of a Lambda function fail, run out of time, or end their process."""

from panregion.control.faults.in_region import InRegionFault
from panregion.control.faults.of_functions import invocations
from panregion.region.faults import model

WORDS = {"error": "fail", "timeout": "time out", "exit": "exit"}


class FunctionError(model.FunctionError, InRegionFault, frozen=True, kw_only=True):
    """Functions in a region fail; `after` lets them run first and spoils the answer."""

    def describe(self) -> str:
        return f"{invocations(self, self.region)} {WORDS[self.how]}" + (" after they have run" if self.after else "")
