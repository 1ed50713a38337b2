"""SNS's errors; the codes that go out are the model's (InvalidParameter for InvalidParameterException)."""

from panregion.wire import AwsError


class AuthorizationErrorException(AwsError):
    """The caller may not."""


class BatchEntryIdsNotDistinctException(AwsError):
    """Two entries of a batch have one id."""


class BatchRequestTooLongException(AwsError):
    """All entries of a batch together are too long."""


class EmptyBatchRequestException(AwsError):
    """A batch without entries."""


class FilterPolicyLimitExceededException(AwsError):
    """More filter policies than a topic may have."""


class InvalidBatchEntryIdException(AwsError):
    """An id with other characters than are allowed."""


class InvalidParameterException(AwsError):
    """A parameter says what cannot be."""


class InvalidParameterValueException(AwsError):
    """A message attribute cannot be that."""


class NotFoundException(AwsError):
    """No such topic, no such subscription."""


class ResourceNotFoundException(AwsError):
    """What is to be tagged does not exist."""


class SubscriptionLimitExceededException(AwsError):
    """More subscriptions than a topic may have."""


class TagLimitExceededException(AwsError):
    """More tags than a topic may have."""


class TooManyEntriesInBatchRequestException(AwsError):
    """More than ten entries."""


class Unsupported(AwsError):
    """AWS has it, this world does not; the message names it."""

    status = 501
    code = "NotImplemented"


def invalid(what: str) -> InvalidParameterException:
    return InvalidParameterException(f"Invalid parameter: {what}")


def no_topic() -> NotFoundException:
    return NotFoundException("Topic does not exist")


def no_subscription() -> NotFoundException:
    return NotFoundException("Subscription does not exist")
