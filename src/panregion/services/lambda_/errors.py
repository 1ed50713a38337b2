"""Lambda's errors, named and worded as AWS names and words them. `Type` is the member beside the message."""

from panregion.wire import AwsError


class ResourceNotFoundException(AwsError):
    """The function, version, alias or layer does not exist."""

    status = 404


class ResourceConflictException(AwsError):
    """It exists already, or is in use."""

    status = 409


class InvalidParameterValueException(AwsError):
    """A parameter says what cannot be."""


class InvalidRequestContentException(AwsError):
    """The payload is not JSON."""


class RequestTooLargeException(AwsError):
    """The payload is larger than a request may be."""

    status = 413


class TooManyRequestsException(AwsError):
    """Concurrency is used up."""

    status = 429


class ProvisionedConcurrencyConfigNotFoundException(AwsError):
    """The version or alias has no provisioned concurrency."""

    status = 404


class PreconditionFailedException(AwsError):
    """Somebody else changed it meanwhile."""

    status = 412


class CodeStorageExceededException(AwsError):
    """There is no room for the code."""


class PolicyLengthExceededException(AwsError):
    """The policy would be too long."""


def no_function(arn: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Function not found: {arn}", Type="User")


def no_alias(arn: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Cannot find alias arn: {arn}", Type="User")


def invalid(message: str) -> InvalidParameterValueException:
    return InvalidParameterValueException(message, Type="User")


def unsupported(what: str) -> InvalidParameterValueException:
    """The answer to a part of Lambda that is not here: it is named, never pretended."""
    return invalid(f"panregion does not support {what}")


def not_latest_revision() -> PreconditionFailedException:
    return PreconditionFailedException(
        "The Revision Id provided does not match the latest Revision Id. Call the "
        "GetFunction/GetAlias API to retrieve the latest Revision Id",
        Type="User",
    )
