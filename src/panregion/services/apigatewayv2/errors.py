"""The errors of HTTP APIs' control plane, named as AWS names them."""

from panregion.wire import AwsError


class BadRequestException(AwsError):
    """What is asked for cannot be."""

    status = 400


class NotFoundException(AwsError):
    """What the request names does not exist."""

    status = 404


class ConflictException(AwsError):
    """The name is taken, or the thing is in use."""

    status = 409


def unsupported(what: str) -> BadRequestException:
    """The answer to a part that is not here: it is named, never pretended."""
    return BadRequestException(f"{what} is not supported by panregion")
