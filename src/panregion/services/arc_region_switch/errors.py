"""Region switch's errors, named as AWS names them."""

from typing import ClassVar

from panregion.wire import AwsError


class ConflictException(AwsError):
    """The plan is being executed already."""

    status: ClassVar[int] = 409


class IllegalArgumentException(AwsError):
    """The plan does not have what the request is about."""


class IllegalStateException(AwsError):
    """The execution, or the plan, is in a state in which this cannot be done."""


class ResourceNotFoundException(AwsError):
    """There is no such plan, execution or step."""

    status: ClassVar[int] = 404


class ValidationException(AwsError):
    """The plan makes no sense."""
