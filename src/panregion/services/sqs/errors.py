"""SQS's errors. Where AWS's JSON name and its query code differ, wire/errors.py has the second."""

from panregion.wire import AwsError


class BatchEntryIdsNotDistinct(AwsError):
    """Two entries of a batch have one id."""


class BatchRequestTooLong(AwsError):
    """All entries of a batch together are too long."""


class EmptyBatchRequest(AwsError):
    """A batch without entries."""


class InvalidAddress(AwsError):
    """The queue's URL is none of this endpoint."""


class InvalidAttributeName(AwsError):
    """No queue, or no queue of this type, has such an attribute."""


class InvalidAttributeValue(AwsError):
    """A queue's attribute cannot have that value."""


class InvalidBatchEntryId(AwsError):
    """An id with other characters than are allowed."""


class InvalidMessageContents(AwsError):
    """The body has characters that no message may have."""


class InvalidParameterValue(AwsError):
    """A parameter says what cannot be."""


class MessageNotInflight(AwsError):
    """Its visibility timeout has passed."""


class MissingParameter(AwsError):
    """A parameter that this request needs is not there."""


class OverLimit(AwsError):
    """More than there may be."""

    status = 403


class PurgeQueueInProgress(AwsError):
    """The queue was purged less than a minute ago."""

    status = 403


class QueueDeletedRecently(AwsError):
    """A queue of that name was deleted less than a minute ago."""


class QueueDoesNotExist(AwsError):
    """No queue of that name."""


class QueueNameExists(AwsError):
    """A queue of that name has other attributes."""


class ReceiptHandleIsInvalid(AwsError):
    """Not a receipt handle of ours."""


class RequestThrottled(AwsError):
    """More calls than a FIFO queue takes."""


class ResourceNotFoundException(AwsError):
    """What a message move task needs is not there."""

    status = 404


class TooManyEntriesInBatchRequest(AwsError):
    """More than ten entries."""


class UnsupportedOperation(AwsError):
    """AWS has no such thing."""


def no_queue() -> QueueDoesNotExist:
    return QueueDoesNotExist("The specified queue does not exist.")


def missing(parameter: str) -> MissingParameter:
    return MissingParameter(f"The request must contain the parameter {parameter}.")


def invalid(parameter: str, value: object, reason: str) -> InvalidParameterValue:
    return InvalidParameterValue(f"Value {value} for parameter {parameter} is invalid. Reason: {reason}")
