"""Parameter Store's errors, named as it names them."""

from panregion.wire.errors import AwsError


class HierarchyLevelLimitExceededException(AwsError):
    pass


class InvalidFilterKey(AwsError):
    pass


class InvalidNextToken(AwsError):
    pass


class InvalidResourceId(AwsError):
    pass


class ParameterAlreadyExists(AwsError):
    pass


class ParameterNotFound(AwsError):
    pass


class ParameterPatternMismatchException(AwsError):
    pass


class ParameterVersionLabelLimitExceeded(AwsError):
    pass


class ParameterVersionNotFound(AwsError):
    pass


class UnsupportedParameterType(AwsError):
    pass


class ValidationException(AwsError):
    pass
