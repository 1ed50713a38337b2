"""CloudWatch's errors, named as AWS names them."""

from panregion.wire import AwsError


class ResourceNotFound(AwsError):
    """There is no alarm of that name."""

    status = 404


class ResourceNotFoundException(AwsError):
    """There is nothing of that ARN."""

    status = 404


class InvalidFormatFault(AwsError):
    """Data was not syntactically valid JSON."""

    code = "InvalidFormat"


class InvalidNextToken(AwsError):
    """The token is none of ours."""


class InvalidParameterValueException(AwsError):
    """A parameter has a value that it cannot have."""

    code = "InvalidParameterValue"


class InvalidParameterCombinationException(AwsError):
    """Parameters that cannot be used together."""

    code = "InvalidParameterCombination"


class ValidationError(AwsError):
    """What the model cannot say is wrong."""


class MissingRequiredParameterException(AwsError):
    """A parameter that must be there is not."""

    code = "MissingParameter"
