"""The `json` protocol (AWS JSON 1.0 and 1.1): the operation in X-Amz-Target, documents both ways.

This is the path of DynamoDB and SQS, so it does as little as it can: see json_body.
"""

import zlib
from typing import Any

from panregion.wire import event_stream, front_door, json_body
from panregion.wire.call import Call
from panregion.wire.errors import AwsError, UnknownOperationException, answer
from panregion.wire.model import Operation, ServiceModel, Shape
from panregion.world.http import Request, Response

_NAMESPACES = {
    "dynamodb": "com.amazonaws.dynamodb.v20120810#",
    "dynamodbstreams": "com.amazonaws.dynamodb.v20120810#",
    "sqs": "com.amazonaws.sqs#",
}
_CORAL = {
    "ValidationException": "com.amazon.coral.validate#",
    "SerializationException": "com.amazon.coral.service#",
    "UnknownOperationException": "com.amazon.coral.service#",
    "AccessDeniedException": "com.amazon.coral.service#",
    "IncompleteSignatureException": "com.amazon.coral.service#",
    "InvalidSignatureException": "com.amazon.coral.service#",
    "MissingAuthenticationTokenException": "com.amazon.coral.service#",
    "UnrecognizedClientException": "com.amazon.coral.service#",
}
"""What AWS's service framework raises before a service sees the request has the framework's prefix."""

SUMMED = frozenset({"dynamodb", "dynamodbstreams"})
"""Services whose replies carry a CRC-32, which the SDKs check."""


def read(model: ServiceModel, request: Request, body: bytes) -> Call:
    name = front_door.admit(model, request) if model.name in SUMMED else operation_name(model, request)
    shape = model.operation(name).input
    if shape is None:
        return Call(model.name, name, {}, "json")
    params = json_body.decode(shape, body, text_blobs=model.name in json_body.TEXT_BLOBS)
    return Call(model.name, name, params, "json")


def operation_name(model: ServiceModel, request: Request) -> str:
    target = request.header("x-amz-target") or ""
    prefix, _, name = target.rpartition(".")
    if not prefix:
        raise UnknownOperationException(f"X-Amz-Target names no operation of {model.metadata.service_id}")
    return name


def write(operation: Operation, output: dict[str, Any], request_id: str) -> Response:
    shape = operation.output
    if shape is not None and shape.event_stream is not None:
        return _stream(shape, shape.event_stream, output, request_id)
    return _response(operation.service, 200, json_body.encode(shape, output), request_id)


def _stream(shape: Shape, name: str, output: dict[str, Any], request_id: str) -> Response:
    initial = json_body.encode(shape, {key: value for key, value in output.items() if key != name})
    frames = event_stream.messages(
        output[name], shape.members[name], json_body.encode_value, "application/json", initial
    )
    return Response(200, [("Content-Type", event_stream.CONTENT_TYPE), ("x-amzn-RequestId", request_id)], frames)


def write_error(model: ServiceModel, error: AwsError, request_id: str) -> Response:
    told = answer(model, error)
    namespace = _NAMESPACES.get(model.name, "")
    if namespace:
        namespace = _CORAL.get(error.code, namespace)
    document = json_body.error_document(told.shape, error)
    if model.name in SUMMED and not error.message:
        document = error.fields
    response = _response(
        model, told.status, json_body.encode(None, {"__type": namespace + told.name, **document}), request_id
    )
    if model.metadata.aws_query_compatible is not None:
        response.headers.append(("x-amzn-query-error", f"{told.code};{told.fault}"))
    return response


def _response(model: ServiceModel, status: int, body: bytes, request_id: str) -> Response:
    content_type = ("Content-Type", f"application/x-amz-json-{model.metadata.json_version}")
    if model.name in SUMMED:
        return Response(status, [content_type, *summed_headers(body, request_id)], body)
    return Response(status, [content_type, ("x-amzn-RequestId", request_id)], body)


ID_END = "SO5AEMVJF66Q9ASUAAJG"
"""What ids of DynamoDB's requests end in, after 32 hexadecimal digits."""


def summed_headers(body: bytes, request_id: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """The headers of DynamoDB alone: a checksum, and an id in the form of its own, 52 capitals and digits."""
    long_id = request_id.replace("-", "").upper() + ID_END
    return ("x-amzn-RequestId", long_id), ("x-amz-crc32", str(zlib.crc32(body)))
