"""Recovery control configuration's errors, named as AWS names them. The message's member has a capital here."""

from panregion.wire import AwsError


class ConflictException(AwsError):
    """What is asked for does not go with what there is now."""


class ResourceNotFoundException(AwsError):
    """There is no such thing."""


class ServiceQuotaExceededException(AwsError):
    """There would be more of it than AWS allows."""


class ValidationException(AwsError):
    """The request makes no sense."""
