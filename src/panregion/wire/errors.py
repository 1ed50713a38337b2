"""Errors as AWS names them.

An error is a class whose name is the code on the wire; a service's `errors.py` is a list of such classes:

    class ResourceNotFoundException(AwsError):
        status = 404

    raise ResourceNotFoundException("Function not found: arn:...", Type="User")

A class that sets no status takes the one that the service's model gives to the error, and else 400. Keyword
arguments are the modelled members of the error beside its message, under AWS's own names.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

if TYPE_CHECKING:
    from panregion.wire.model import ServiceModel, Shape

Fault = Literal["Sender", "Receiver"]


class AwsError(Exception):
    """What AWS would answer instead of a result."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "AwsError"
    has_own_status: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = cls.__name__
        if "status" in cls.__dict__:
            cls.has_own_status = True

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
    def of(code: str, message: str = "", status: int | None = None, **fields: Any) -> "AwsError":
        """An error known only by its code: one that arrived from another service or region."""
        return error_class(code, status)(message, **fields)


@cache
def error_class(code: str, status: int | None) -> type[AwsError]:
    """A class for a code that no service here declares. Compare such errors by `code`, not by class."""
    return type(code, (AwsError,), {"code": code} if status is None else {"code": code, "status": status})


class Answer(NamedTuple):
    """An error as a service tells it: what the model adds to what the class says."""

    name: str
    """The name of the shape, which the JSON protocols send."""
    code: str
    """The code that the query and XML protocols send; mostly the same."""
    status: int
    fault: Fault
    shape: "Shape | None"


def answer(model: "ServiceModel", error: AwsError) -> Answer:
    shape = model.errors.get(error.code)
    trait = shape.definition.error if shape else None
    status = error.status
    if not error.has_own_status and shape is not None:
        modelled = trait.http_status_code if trait else None
        status = modelled or (500 if shape.definition.fault else status)
    return Answer(
        name=shape.name if shape else error.code,
        code=(trait.code if trait else None) or _QUERY_CODES.get((model.name, error.code), error.code),
        status=status,
        fault="Receiver" if status >= 500 else "Sender",
        shape=shape,
    )


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


_SQS = "AWS.SimpleQueueService."
_QUERY_CODES = {
    ("sqs", "QueueNameExists"): "QueueAlreadyExists",
    ("sqs", "QueueDoesNotExist"): f"{_SQS}NonExistentQueue",
} | {
    ("sqs", name): _SQS + name
    for name in (
        "BatchEntryIdsNotDistinct",
        "BatchRequestTooLong",
        "EmptyBatchRequest",
        "InvalidBatchEntryId",
        "MessageNotInflight",
        "PurgeQueueInProgress",
        "QueueDeletedRecently",
        "TooManyEntriesInBatchRequest",
        "UnsupportedOperation",
    )
}
"""SQS once spoke the query protocol with these codes, and still tells them in x-amzn-query-error, for which older
clients look. botocore's model no longer has them."""
