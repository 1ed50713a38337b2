"""FIS's errors, named as AWS names them."""

from typing import ClassVar

from panregion.wire import AwsError


class ConflictException(AwsError):
    """The request contradicts an earlier one, or the state of what it is about."""

    status: ClassVar[int] = 409


class ResourceNotFoundException(AwsError):
    """There is no such template, experiment, action, resource type or safety lever."""

    status: ClassVar[int] = 404


class ValidationException(AwsError):
    """The template makes no sense, or asks for what this world cannot do."""
