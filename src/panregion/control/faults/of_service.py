"""What faults of a service's operations have in common."""

from panregion.control.faults.in_region import percent
from panregion.region.faults.model import OfService


def calls(fault: OfService) -> str:
    """Which calls, for people: "10 % of dynamodb GetItem"."""
    service = "all services" if fault.service == "*" else fault.service
    return f"{percent(fault.share)}{service} {' '.join(fault.operations)}".rstrip()
