"""IAM's errors, named as it names them."""

from panregion.wire.errors import AwsError


class DeleteConflictException(AwsError):
    code = "DeleteConflict"
    status = 409


class EntityAlreadyExistsException(AwsError):
    code = "EntityAlreadyExists"
    status = 409


class InvalidInputException(AwsError):
    code = "InvalidInput"


class LimitExceededException(AwsError):
    code = "LimitExceeded"
    status = 409


class MalformedPolicyDocumentException(AwsError):
    code = "MalformedPolicyDocument"


class NoSuchEntityException(AwsError):
    code = "NoSuchEntity"
    status = 404


class ValidationError(AwsError):
    pass
