"""ACM's errors, named as AWS names them."""

from panregion.wire import AwsError


class ResourceNotFoundException(AwsError):
    """There is no certificate of that ARN."""


class ResourceInUseException(AwsError):
    """The certificate is some endpoint's."""


class InvalidArnException(AwsError):
    """The ARN is no certificate's."""


class InvalidParameterException(AwsError):
    """A parameter has a value that it cannot have."""


class InvalidDomainValidationOptionsException(AwsError):
    """A validation option names a domain that the request does not."""


class InvalidStateException(AwsError):
    """The certificate is not one with which this can be done."""


class TooManyTagsException(AwsError):
    """More than 50 tags."""


class ValidationException(AwsError):
    """What the model cannot say is wrong."""
