"""The `smithy-rpc-v2-cbor` protocol: /service/NAME/operation/NAME, with CBOR both ways."""

from collections.abc import Callable
from typing import Any

from panregion.wire import cbor, times
from panregion.wire.call import Call
from panregion.wire.compiled import Transform, compiler
from panregion.wire.errors import AwsError, SerializationException, UnknownOperationException, answer
from panregion.wire.model import Operation, ServiceModel, Shape
from panregion.world.http import Request, Response


def read(model: ServiceModel, request: Request, body: bytes) -> Call:
    parts = request.path.split("/")
    if parts[-2:-1] != ["operation"]:
        raise UnknownOperationException(f"{request.path} names no operation of {model.metadata.service_id}")
    name = parts[-1]
    shape = model.operation(name).input
    if shape is None or not body:
        return Call(model.name, name, {}, "smithy-rpc-v2-cbor")
    document = cbor.loads(body)
    if type(document) is not dict:
        raise SerializationException("Unexpected value type in payload")
    return Call(model.name, name, _reader(shape)(document), "smithy-rpc-v2-cbor")


def write(operation: Operation, output: dict[str, Any], request_id: str) -> Response:
    if operation.output is None:
        return Response(200, _headers(request_id), b"")
    body = cbor.dumps(_writer(operation.output)(output))
    return Response(200, [("Content-Type", "application/cbor"), *_headers(request_id)], body)


def write_error(model: ServiceModel, error: AwsError, request_id: str) -> Response:
    told = answer(model, error)
    members = told.shape.members if told.shape else {}
    fields = _writer(told.shape)(error.fields) if told.shape else dict(error.fields)
    document = {"__type": told.name, **fields, "Message" if "Message" in members else "message": error.message}
    response = Response(told.status, [("Content-Type", "application/cbor"), *_headers(request_id)])
    response.body = cbor.dumps(document)
    if model.metadata.aws_query_compatible is not None:
        response.headers.append(("x-amzn-query-error", f"{told.code};{told.fault}"))
    return response


def _headers(request_id: str) -> list[tuple[str, str]]:
    return [("smithy-protocol", "rpc-v2-cbor"), ("x-amzn-RequestId", request_id)]


def _walker(scalar: Callable[[Shape], Transform]) -> Callable[[Shape], Transform]:
    """Walks a value by shape. CBOR has all of AWS's types, so there is little to do but to leave out nulls."""

    def build(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
        if shape.type == "structure":
            return _structure({name: compiled(member) for name, member in shape.members.items()})
        if shape.type == "list":
            return _list(compiled(shape.member))
        if shape.type == "map":
            return _map(compiled(shape.value), sparse=shape.definition.sparse)
        return scalar(shape)

    return compiler(build)


def _structure(fields: dict[str, Transform]) -> Transform:
    def walk_structure(value: Any) -> Any:
        if type(value) is not dict:
            return value
        return {name: fields[name](item) for name, item in value.items() if item is not None and name in fields}

    return walk_structure


def _list(inner: Transform) -> Transform:
    def walk_list(value: Any) -> Any:
        if type(value) is not list:
            return value
        return [None if item is None else inner(item) for item in value]

    return walk_list


def _map(inner: Transform, *, sparse: bool) -> Transform:
    def walk_map(value: Any) -> Any:
        if type(value) is not dict:
            return value
        return {key: None if item is None else inner(item) for key, item in value.items() if sparse or item is not None}

    return walk_map


def _same(value: Any) -> Any:
    return value


def _read_scalar(_shape: Shape) -> Transform:
    return _same


def _write_scalar(shape: Shape) -> Transform:
    """What goes out must have the very type that the model says: clients are strict in this protocol."""
    if shape.type == "timestamp":
        return times.as_datetime
    return float if shape.type in ("float", "double") else _same


_reader = _walker(_read_scalar)
_writer = _walker(_write_scalar)
