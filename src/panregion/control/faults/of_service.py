"""What faults of a service's operations have in common."""

from panregion.control.faults.in_region import percent
from panregion.region.faults.model import OfService


def calls(fault: OfService) -> str:
    """Which calls, for people: "10 % of the calls to dynamodb GetItem in us-east-1"."""
    service = "any service" if fault.service == "*" else fault.service
    return f"{percent(fault.share)}the calls to {' '.join((service, *fault.operations))} in {fault.region}"
