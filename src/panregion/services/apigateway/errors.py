"""API Gateway's errors, named as AWS names them, and the messages that it words the same everywhere."""

from panregion.wire import AwsError


class BadRequestException(AwsError):
    """The request is well-formed but asks for what cannot be."""

    status = 400


class NotFoundException(AwsError):
    """What the request names does not exist."""

    status = 404


class ConflictException(AwsError):
    """The name is taken, or the thing is in use."""

    status = 409


class LimitExceededException(AwsError):
    """One more than the account may have."""

    status = 429


def unsupported(what: str) -> BadRequestException:
    """The answer to a part of API Gateway that is not here: it is named, never pretended."""
    return BadRequestException(f"{what} is not supported by panregion")
