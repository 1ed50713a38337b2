"""DynamoDB's errors, named as AWS names them."""

from panregion.wire import AwsError, SerializationException, ValidationException

__all__ = [
    "AccessDeniedException",
    "BackupInUseException",
    "BackupNotFoundException",
    "ConditionalCheckFailedException",
    "ContinuousBackupsUnavailableException",
    "DuplicateItemException",
    "ExpiredIteratorException",
    "ExportConflictException",
    "ExportNotFoundException",
    "GlobalTableAlreadyExistsException",
    "GlobalTableNotFoundException",
    "IdempotentParameterMismatchException",
    "ImportConflictException",
    "ImportNotFoundException",
    "IndexNotFoundException",
    "InternalServerError",
    "InvalidExportTimeException",
    "InvalidRestoreTimeException",
    "ItemCollectionSizeLimitExceededException",
    "KeyValueRejected",
    "LimitExceededException",
    "PointInTimeRecoveryUnavailableException",
    "PolicyNotFoundException",
    "ProvisionedThroughputExceededException",
    "ReplicaAlreadyExistsException",
    "ReplicaNotFoundException",
    "ReplicatedWriteConflictException",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "SerializationException",
    "TableAlreadyExistsException",
    "TableInUseException",
    "TableNotFoundException",
    "TransactionCanceledException",
    "TransactionConflictException",
    "TransactionInProgressException",
    "TrimmedDataAccessException",
    "ValidationException",
]


class KeyValueRejected(ValidationException):
    """An empty or too long value of a key. A transaction that has one is refused as a whole, not cancelled."""

    code = "ValidationException"


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


class TransactionInProgressException(AwsError):
    pass


class IdempotentParameterMismatchException(AwsError):
    pass


class ReplicatedWriteConflictException(AwsError):
    pass


class InternalServerError(AwsError):
    status = 500


class TableNotFoundException(AwsError):
    pass


class AccessDeniedException(AwsError):
    pass


class ExpiredIteratorException(AwsError):
    pass


class TrimmedDataAccessException(AwsError):
    pass


class BackupInUseException(AwsError):
    pass


class BackupNotFoundException(AwsError):
    pass


class ContinuousBackupsUnavailableException(AwsError):
    pass


class DuplicateItemException(AwsError):
    pass


class ExportConflictException(AwsError):
    pass


class ExportNotFoundException(AwsError):
    pass


class GlobalTableAlreadyExistsException(AwsError):
    pass


class GlobalTableNotFoundException(AwsError):
    pass


class ImportConflictException(AwsError):
    pass


class ImportNotFoundException(AwsError):
    pass


class InvalidExportTimeException(AwsError):
    pass


class InvalidRestoreTimeException(AwsError):
    pass


class PointInTimeRecoveryUnavailableException(AwsError):
    pass


class PolicyNotFoundException(AwsError):
    pass


class ProvisionedThroughputExceededException(AwsError):
    pass


class ReplicaAlreadyExistsException(AwsError):
    pass


class ReplicaNotFoundException(AwsError):
    pass


class IndexNotFoundException(AwsError):
    pass


class TableInUseException(AwsError):
    pass


class TableAlreadyExistsException(AwsError):
    pass
