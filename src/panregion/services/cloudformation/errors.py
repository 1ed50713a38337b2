"""CloudFormation's errors, named as it names them."""

from panregion.wire.errors import AwsError


class ValidationError(AwsError):
    """Nearly everything that CloudFormation refuses."""


class AlreadyExistsException(AwsError):
    pass


class InsufficientCapabilitiesException(AwsError):
    pass


class ChangeSetNotFound(AwsError):
    status = 404


class InvalidChangeSetStatus(AwsError):
    pass


class TokenAlreadyExistsException(AwsError):
    pass
