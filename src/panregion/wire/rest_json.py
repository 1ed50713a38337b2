"""The `rest-json` protocol: paths, queries and headers as `rest` has them, JSON documents in the body."""

from typing import Any

from panregion.wire import json_body, rest
from panregion.wire.call import Call
from panregion.wire.errors import AwsError, answer
from panregion.wire.model import Operation, ServiceModel, Shape
from panregion.world.http import Request, Response

_TYPE = "application/json"


def read(model: ServiceModel, request: Request, body: bytes) -> Call:
    name, params = rest.read(model, request, body, json_body.decode_document, json_body.decode_value)
    return Call(model.name, name, params, "rest-json")


def write(operation: Operation, output: dict[str, Any], request_id: str) -> Response:
    response = rest.write(operation, output, _TYPE, _document, _payload)
    response.headers.append(("x-amzn-RequestId", request_id))
    return response


def _document(operation: Operation, output: dict[str, Any]) -> bytes:
    return json_body.encode(operation.output, output)


def _payload(shape: Shape, _name: str, value: Any) -> bytes:
    return json_body.encode_value(shape, value)


def write_error(model: ServiceModel, error: AwsError, request_id: str) -> Response:
    told = answer(model, error)
    headers = [("Content-Type", _TYPE), ("x-amzn-RequestId", request_id), ("x-amzn-ErrorType", told.name)]
    if told.shape is not None:
        headers += rest.output_headers(rest.bindings(told.shape), error.fields)
    body = json_body.encode(None, json_body.error_document(told.shape, error))
    return Response(told.status, headers, body)
