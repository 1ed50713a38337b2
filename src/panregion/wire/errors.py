"""Errors as AWS names them.

An error is a class whose name is the code on the wire; a service's `errors.py` is a list of such classes:

    class ResourceNotFoundException(AwsError):
        status = 404

    raise ResourceNotFoundException("Function not found: arn:...", Type="User")

`status` is what the service answers with where its model does not say (`wire.serialize_error` prefers the
class's own status, and looks at the model only for AwsError made by `of` without one). Keyword arguments are the
modelled members of the error beside its message, under AWS's own names.
"""

from functools import cache
from typing import Any, ClassVar, Literal

Fault = Literal["Sender", "Receiver"]


class AwsError(Exception):
    """What AWS would answer instead of a result."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "AwsError"
    namespace: ClassVar[str | None] = None
    """Goes before the code in `__type` of the json protocols where it is not the service's own."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = cls.__name__

    def __init__(self, message: str = "", **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields

    @property
    def fault(self) -> Fault:
        return "Receiver" if self.status >= 500 else "Sender"

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    @staticmethod
    def of(code: str, message: str = "", status: int = 400, **fields: Any) -> "AwsError":
        """An error known only by its code: one that arrived from another service or region."""
        return error_class(code, status)(message, **fields)


@cache
def error_class(code: str, status: int) -> type[AwsError]:
    """A class for a code that no service here declares. Compare such errors by `code`, not by class."""
    return type(code, (AwsError,), {"code": code, "status": status})


class ValidationException(AwsError):
    """A parameter's shape is wrong, in the services that say it this way."""


class SerializationException(AwsError):
    """The bytes do not have the form that the protocol wants."""


class UnknownOperationException(AwsError):
    """The service has no operation of that name, or none at that method and path."""

    status = 404


class InternalFailure(AwsError):
    """Something of ours went wrong; never the caller's fault."""

    status = 500
