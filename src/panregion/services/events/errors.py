"""EventBridge's errors, named as AWS names them."""

from panregion.wire import AwsError


class InvalidEventPatternException(AwsError):
    """The pattern is none."""


class LimitExceededException(AwsError):
    """One more than there may be."""


class ResourceAlreadyExistsException(AwsError):
    """The bus exists."""


class ResourceNotFoundException(AwsError):
    """No such bus, no such rule."""


class Unsupported(AwsError):
    """AWS has it, this world does not; the message names it."""

    status = 501
    code = "NotImplemented"


class ValidationException(AwsError):
    """A parameter says what cannot be."""


def no_bus(name: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Event bus {name} does not exist.")


def no_rule(name: str, bus: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Rule {name} does not exist on EventBus {bus}.")
