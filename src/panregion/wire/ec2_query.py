"""The `ec2` protocol: the query protocol's elder sister, with other names, flat lists and no wrapper."""

from typing import Any

from panregion.wire import query, xml_body
from panregion.wire.call import Call
from panregion.wire.errors import AwsError, answer
from panregion.wire.model import Operation, ServiceModel, Shape
from panregion.world.http import Request, Response


def read(model: ServiceModel, request: Request, body: bytes) -> Call:
    name, params = query.read_with(model, request, body, _decoder)
    return Call(model.name, name, params, "ec2")


def _names(shape: Shape, name: str) -> list[str]:
    if shape.query_name:
        return [shape.query_name]
    wire_name = shape.location_name
    return [wire_name[:1].upper() + wire_name[1:]] if wire_name else [name, name[:1].upper() + name[1:]]


_decoder = query.decoder_of(_names, always_flat=True)


def write(operation: Operation, output: dict[str, Any], request_id: str) -> Response:
    members = xml_body.encode_members(operation.output, output) if operation.output else ""
    uri = f"http://ec2.amazonaws.com/doc/{operation.service.metadata.api_version}/"
    name = f"{operation.name}Response"
    body = f'<{name} xmlns="{uri}"><requestId>{request_id}</requestId>{members}</{name}>'
    return query.respond(200, body, request_id)


def write_error(model: ServiceModel, error: AwsError, request_id: str) -> Response:
    told = answer(model, error)
    body = (
        f"<Response><Errors><Error>{query.error_members(told.code, told.shape, error)}</Error></Errors>"
        f"<RequestID>{request_id}</RequestID></Response>"
    )
    return query.respond(told.status, body, request_id)
