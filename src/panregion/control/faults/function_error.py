"""`function-error`: invocations of a Lambda function fail, run out of time, or end their process."""

from panregion.control.faults.in_region import InRegionFault
from panregion.control.faults.of_functions import invocations
from panregion.region.faults import model

WORDS = {"error": "fail", "timeout": "time out", "exit": "exit"}


class FunctionError(model.FunctionError, InRegionFault, frozen=True, kw_only=True):
    """Have functions fail.

    By an error of their own, by running out of time, or by the end of their process; with `after` they run first.
    """

    def describe(self) -> str:
        return f"{invocations(self, self.region)} {WORDS[self.how]}" + (" after they have run" if self.after else "")
