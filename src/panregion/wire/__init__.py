"""Bytes to and from values: AWS's protocols, driven by botocore's models. No sockets, no clock, no state.

    addressed = identify(request)                       # service, region, who; None: no AWS request
    call = parse(request, addressed.service)            # service, operation, params, protocol
    check(call.service, call.operation, call.params)    # shapes: required, type, enum, min, max, pattern
    response = serialize_output(call.service, call.operation, output, request_id, call.protocol)
    response = serialize_error(call.service, error, request_id, call.protocol)

Timestamps are timezone-aware datetimes in parameters; in outputs they may be datetimes or epoch seconds.
"""

from panregion.wire.address import Addressed, identify
from panregion.wire.call import Call
from panregion.wire.codec import parse, protocol_of, serialize_error, serialize_output
from panregion.wire.errors import (
    AwsError,
    InternalFailure,
    SerializationException,
    UnknownOperationException,
    ValidationException,
)
from panregion.wire.model import Operation, ServiceModel, Shape, service_model
from panregion.wire.prepared import Prepared, prepare
from panregion.wire.shapes import check
from panregion.wire.typed import REQUIRED, Argument, Unusual

__all__ = [
    "REQUIRED",
    "Addressed",
    "Argument",
    "AwsError",
    "Call",
    "InternalFailure",
    "Operation",
    "Prepared",
    "SerializationException",
    "ServiceModel",
    "Shape",
    "UnknownOperationException",
    "Unusual",
    "ValidationException",
    "check",
    "identify",
    "parse",
    "prepare",
    "protocol_of",
    "serialize_error",
    "serialize_output",
    "service_model",
]
