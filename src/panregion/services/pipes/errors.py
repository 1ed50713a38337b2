"""Pipes' errors, named as AWS names them."""

from panregion.wire import AwsError


class ConflictException(AwsError):
    """There is a pipe of that name, or one that is on its way to another state."""


class NotFoundException(AwsError):
    """There is no such pipe."""


class Unsupported(AwsError):
    """AWS has it, this world does not; the message names it."""

    status = 501
    code = "NotImplemented"


class ValidationException(AwsError):
    """A parameter says what cannot be."""


def invalid(name: str, message: str) -> ValidationException:
    return ValidationException(message, fieldList=[{"name": name, "message": message}])


def unsupported(what: str) -> Unsupported:
    return Unsupported(f"panregion's pipes does not support {what}")


def no_pipe(name: str) -> NotFoundException:
    return NotFoundException(f"Pipe {name} does not exist.")


def conflict(name: str, message: str) -> ConflictException:
    return ConflictException(message, resourceId=name, resourceType="Pipe")
