"""What becomes of one call while there are faults: nothing, a delay, an error, or both. Pure, but for its dice."""

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from panregion.region.faults.errors import error
from panregion.region.faults.model import OfService, RegionFault, ServiceError, ServiceSlow, ServiceThrottle, Within
from panregion.wire import AwsError

PLANE = "plane"
"""The operation of users' requests to what a service has deployed."""


class Decision(NamedTuple):
    """What a call suffers before it would begin."""

    delay_s: float
    error: AwsError | None


def decide(faults: Iterable[Within], service: str, operation: str, roll: Callable[[], float]) -> Decision | None:
    """What an operation of a service suffers; None: nothing. `roll` gives floats in [0, 1), one for each fault that
    could strike and strikes only a share, so that the same dice give the same decisions."""
    delay_s, struck, failed = 0.0, False, None
    for fault in faults:
        if not isinstance(fault, OfService) or not concerns(fault, service, operation):
            continue
        if fault.share < 1 and roll() >= fault.share:
            continue
        struck = True
        match fault:
            case ServiceSlow():
                delay_s += (fault.delay_ms + (fault.jitter_ms * roll() if fault.jitter_ms else 0)) / 1000
            case ServiceError():
                failed = failed or _told(fault, service)
            case ServiceThrottle():
                failed = failed or error(service, "throttle")
    return Decision(delay_s, failed) if struck else None


def concerns(fault: OfService, service: str, operation: str) -> bool:
    """Whether a fault is about this operation."""
    if fault.service not in (service, "*"):
        return False
    return not fault.operations or any(fnmatchcase(operation, pattern) for pattern in fault.operations)


def _told(fault: ServiceError, service: str) -> AwsError:
    usual = error(service, fault.how)
    status = fault.status or usual.status
    return AwsError.of(fault.code or usual.code, fault.message or usual.message, status)


def touches_calls(faults: Iterable[RegionFault]) -> bool:
    """Whether any of them is about operations."""
    return any(isinstance(fault, OfService) for fault in faults)
