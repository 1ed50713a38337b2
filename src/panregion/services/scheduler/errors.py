"""EventBridge Scheduler's errors, named as AWS names them."""

from panregion.wire import AwsError


class ConflictException(AwsError):
    """It exists, or is being deleted."""


class ResourceNotFoundException(AwsError):
    """No such schedule, no such group."""


class ServiceQuotaExceededException(AwsError):
    """One more than there may be."""


class Unsupported(AwsError):
    """AWS has it, this world does not; the message names it."""

    status = 501
    code = "NotImplemented"


class ValidationException(AwsError):
    """A parameter says what cannot be."""


def no_schedule(name: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Schedule {name} does not exist.")


def no_group(name: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Schedule group {name} does not exist.")
