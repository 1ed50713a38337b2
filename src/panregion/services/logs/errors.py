"""CloudWatch Logs' errors, named as AWS names them."""

from panregion.wire import AwsError


class InvalidParameterException(AwsError):
    """A parameter says what cannot be."""


class ResourceNotFoundException(AwsError):
    """The log group or stream does not exist."""


class ResourceAlreadyExistsException(AwsError):
    """The log group or stream exists."""


class LimitExceededException(AwsError):
    """One more than there may be."""


class DataAlreadyAcceptedException(AwsError):
    """The events were logged before."""


def no_group() -> ResourceNotFoundException:
    return ResourceNotFoundException("The specified log group does not exist.")


def no_stream() -> ResourceNotFoundException:
    return ResourceNotFoundException("The specified log stream does not exist.")
