"""DynamoDB's errors, named as AWS names them."""

from panregion.wire import AwsError, SerializationException, ValidationException

__all__ = [
    "AccessDeniedException",
    "ConditionalCheckFailedException",
    "IdempotentParameterMismatchException",
    "ItemCollectionSizeLimitExceededException",
    "LimitExceededException",
    "ReplicatedWriteConflictException",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "SerializationException",
    "TableNotFoundException",
    "TransactionCanceledException",
    "TransactionConflictException",
    "ValidationException",
]


class ResourceNotFoundException(AwsError):
    pass


class ResourceInUseException(AwsError):
    pass


class LimitExceededException(AwsError):
    pass


class ConditionalCheckFailedException(AwsError):
    pass


class ItemCollectionSizeLimitExceededException(AwsError):
    pass


class TransactionCanceledException(AwsError):
    pass


class TransactionConflictException(AwsError):
    pass


class IdempotentParameterMismatchException(AwsError):
    pass


class ReplicatedWriteConflictException(AwsError):
    pass


class TableNotFoundException(AwsError):
    pass


class AccessDeniedException(AwsError):
    pass
