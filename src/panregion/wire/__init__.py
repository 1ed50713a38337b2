"""Bytes to and from values: AWS's protocols, driven by botocore's models. No sockets, no clock, no state."""

from panregion.wire.errors import (
    AwsError,
    InternalFailure,
    SerializationException,
    UnknownOperationException,
    ValidationException,
)

__all__ = [
    "AwsError",
    "InternalFailure",
    "SerializationException",
    "UnknownOperationException",
    "ValidationException",
]
