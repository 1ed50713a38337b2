"""What faults of functions have in common."""

from panregion.control.faults.in_region import percent
from panregion.region.faults.model import OfFunctions


def invocations(fault: OfFunctions, region: str) -> str:
    """Which invocations, for people."""
    name = "all functions" if fault.function == "*" else fault.function
    return f"{percent(fault.share)}the invocations of {name} in {region}"
