"""One operation of a JSON service with everything looked up that `parse`, `check` and `serialize_output` look up.

For requests that look like one before them: the same target, the same signer's scope. What it does is what those
three do, and a test holds it to that (tests/region/test_lanes.py).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from zlib import crc32

from panregion.wire import json_body, json_rpc, shape_errors
from panregion.wire.errors import SerializationException
from panregion.wire.model import Operation, Shape, service_model
from panregion.wire.shapes import predicate
from panregion.wire.typed import Argument, arguments_reader
from panregion.world.chance import Chance
from panregion.world.http import Response, WrittenResponse

Params = dict[str, Any]


class Prepared(NamedTuple):
    """`read` gives an operation's checked parameters from a request's body; `write` its response from its output.

    `read_arguments`, where it can be had, gives the function's arguments, but not from every body: see typed.py.
    """

    read: Callable[[bytes], Params]
    write: Callable[[Params, str], Response]
    answer: Callable[[bytes, Chance], Response]
    """As `write`, from an output that is JSON already, and with a request's id made here."""
    read_arguments: Callable[[bytes], Params] | None


def prepare(service: str, operation: str, arguments: Mapping[str, Argument]) -> Prepared | None:
    """The operation, ready for bodies; None where it needs more than a body and an answer. `arguments` are those of the
    function that carries it out, by the model's member names."""
    model = service_model(service).operation(operation)
    if model.input is None or (model.output is not None and model.output.event_stream is not None):
        return None
    text_blobs = service in json_body.TEXT_BLOBS
    read_arguments = arguments_reader(model.input, arguments, text_blobs=text_blobs)
    respond = _responder(model)
    shape = model.output
    return Prepared(
        read=_reader(service, model.input),
        write=lambda output, request_id: respond(json_body.encode(shape, output), request_id),
        answer=_answerer(model),
        read_arguments=read_arguments,
    )


def _reader(service: str, shape: Shape) -> Callable[[bytes], Params]:
    text_blobs = service in json_body.TEXT_BLOBS
    is_right = predicate(shape)

    def read(body: bytes) -> Params:
        try:
            params = json_body.decode(shape, body, text_blobs=text_blobs)
            if not is_right(params):
                shape_errors.explain(service, shape, params)
        except RecursionError as error:
            raise SerializationException("The request is nested too deeply") from error
        return params

    return read


def _responder(operation: Operation) -> Callable[[bytes, str], Response]:
    content_type = ("Content-Type", f"application/x-amz-json-{operation.service.metadata.json_version}")
    summed = operation.service.name in json_rpc.SUMMED

    def respond(body: bytes, request_id: str) -> Response:
        if summed:
            return Response(200, [content_type, *json_rpc.summed_headers(body, request_id)], body)
        return Response(200, [content_type, ("x-amzn-RequestId", request_id)], body)

    return respond


def _answerer(operation: Operation) -> Callable[[bytes, Chance], Response]:
    """As `_responder`, with every header but two written in advance."""
    if operation.service.name not in json_rpc.SUMMED:
        content_type = f"Content-Type: application/x-amz-json-{operation.service.metadata.json_version}\r\n"
        head = content_type.encode() + b"x-amzn-RequestId: %b\r\n"
        return lambda body, chance: WrittenResponse(head % chance.uuid().encode(), body)
    first = f"Content-Type: application/x-amz-json-{operation.service.metadata.json_version}\r\nx-amzn-RequestId: "
    lines = first.encode() + b"%032X" + json_rpc.ID_END.encode() + b"\r\nx-amz-crc32: %d\r\n"

    def answer(body: bytes, chance: Chance) -> Response:
        return WrittenResponse(lines % (chance.bits(128), crc32(body)), body)

    return answer
