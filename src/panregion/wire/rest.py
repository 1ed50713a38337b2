"""What rest-json and rest-xml share: where on an HTTP message the members of a shape are.

A member is a label of the path, a query parameter, a header, a family of headers with one prefix, the status, the
body as a whole (the payload), or else a part of the document in the body. The documents differ by protocol; the
rest is here.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from urllib.parse import parse_qs

import msgspec

from panregion.wire import chunked, compressed, event_stream, hosts, routes, text
from panregion.wire.compiled import Transform
from panregion.wire.errors import SerializationException, UnknownOperationException
from panregion.wire.model import Operation, ServiceModel, Shape
from panregion.world.http import Headers, Request, Response

QUERY_FIELDS_MAX = 2_000

_PAYLOAD_TYPES = {("s3", "blob"): "binary/octet-stream", ("lambda", "blob"): "application/json"}
_TYPES = {"blob": "application/octet-stream", "string": "text/plain"}
_NO_BODY = frozenset({204, 304})


@dataclass(frozen=True)
class Bindings:
    """The members of a shape by their place, each with its name on the wire and its way to or from text."""

    uri: list[tuple[str, str, Transform]]
    query: list[tuple[str, str, Shape]]
    headers: list[tuple[str, str, str, Shape]]
    """Each with its name as written and in lower case."""
    header_maps: list[tuple[str, str]]
    status: str | None
    payload: str | None
    has_document: bool


@cache
def bindings(shape: Shape) -> Bindings:
    found = Bindings([], [], [], [], _status_member(shape), shape.definition.payload, _has_document(shape))
    for name, member in shape.members.items():
        wire_name = member.location_name or name
        if member.location == "uri":
            found.uri.append((name, wire_name, text.reader(member)))
        elif member.location == "querystring":
            found.query.append((name, wire_name, member))
        elif member.location == "header":
            found.headers.append((name, wire_name, wire_name.lower(), member))
        elif member.location == "headers":
            found.header_maps.append((name, member.location_name or ""))
    return found


def _status_member(shape: Shape) -> str | None:
    return next((name for name, member in shape.members.items() if member.location == "statusCode"), None)


def _has_document(shape: Shape) -> bool:
    return any(member.in_reply_body for member in shape.members.values())


# Inwards

DecodeDocument = Callable[[Shape, bytes], dict[str, Any]]
DecodePayload = Callable[[Shape, bytes], Any]


def read(
    model: ServiceModel,
    request: Request,
    body: bytes,
    decode_document: DecodeDocument,
    decode_payload: DecodePayload,
) -> tuple[str, dict[str, Any]]:
    path = hosts.s3_path(request) if model.name == "s3" else request.path
    query = parse_query(request.query)
    found = routes.find(model, request, path, query)
    if found is None:
        raise UnknownOperationException(f"{model.metadata.service_id} has no operation at {request.method} {path}")
    name, labels = found
    shape = model.operation(name).input
    if shape is None:
        return name, {}
    places = bindings(shape)
    params: dict[str, Any] = {}
    if chunked.is_chunked(request):
        request, body = chunked.unchunked(request, body)
    elif model.definition(name).requestcompression:
        request, body = compressed.unpacked(request, body)
    _read_body(params, shape, places, body, decode_document, decode_payload)
    _read_query(params, places, query, query_literals(model, name))
    _read_headers(params, places, request, lower_case=model.name == "s3")
    for member, wire_name, from_text in places.uri:
        if wire_name in labels:
            params[member] = from_text(labels[wire_name])
    return name, params


@cache
def query_literals(model: ServiceModel, operation: str) -> frozenset[str]:
    """The names in an operation's own query string: `mode` of `POST /restapis?mode=import`."""
    query = model.definition(operation).http.request_uri.partition("?")[2]
    return frozenset(pair.partition("=")[0] for pair in query.split("&") if pair)


def parse_query(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=QUERY_FIELDS_MAX) if query else {}
    except ValueError as error:
        raise SerializationException("The query string has too many fields") from error


def _read_body(
    params: dict[str, Any],
    shape: Shape,
    places: Bindings,
    body: bytes,
    decode_document: DecodeDocument,
    decode_payload: DecodePayload,
) -> None:
    if places.payload is None:
        if places.has_document and body:
            params.update(decode_document(shape, body))
        return
    payload = shape.members[places.payload]
    if payload.type == "blob":
        if body or payload.streaming:
            params[places.payload] = body
    elif body:
        params[places.payload] = (
            body.decode("utf-8", "replace") if payload.type == "string" else decode_payload(payload, body)
        )


def _read_query(
    params: dict[str, Any], places: Bindings, query: dict[str, list[str]], literals: frozenset[str]
) -> None:
    """A member that is a map has all parameters that belong neither to another member nor to the operation's URI."""
    for name, wire_name, member in places.query:
        if member.type == "map":
            taken = {other for _, other, shape in places.query if shape.type != "map"} | literals
            several = member.value.type == "list"
            rest = {key: values if several else values[0] for key, values in query.items() if key not in taken}
            if rest:
                params[name] = rest
        elif wire_name in query:
            values = query[wire_name]
            if member.type == "list":
                params[name] = [text.reader(member.member)(value) for value in values]
            elif values[0] or member.type == "string":
                params[name] = text.reader(member)(values[0])


def _read_headers(params: dict[str, Any], places: Bindings, request: Request, *, lower_case: bool) -> None:
    for name, _, lower, member in places.headers:
        value = request.header(lower)
        if value is not None:
            params[name] = header_value(member, value)
    for name, prefix in places.header_maps:
        low = prefix.lower()
        found = {
            key.lower()[len(low) :] if lower_case else key[len(low) :]: value
            for key, value in request.headers
            if key.lower().startswith(low)
        }
        if found:
            params[name] = found


def header_value(shape: Shape, value: str) -> Any:
    if shape.jsonvalue:
        try:
            return msgspec.json.decode(base64.b64decode(value))
        except (ValueError, msgspec.DecodeError) as error:
            raise SerializationException("A header that holds JSON does not") from error
    if shape.type != "list":
        return text.reader(shape)(value)
    if not value:
        return []
    from_text = text.reader(shape.member)
    return [from_text(item) for item in _header_items(value, shape.member)]


def _header_items(value: str, shape: Shape) -> list[str]:
    """Splits at commas, but not inside quotes, and not at the comma that every HTTP date has."""
    items, item, quoted, escaped = [], "", False, False
    dates = shape.type == "timestamp" and shape.timestamp_format in (None, "rfc822")
    for character in value:
        if escaped:
            item, escaped = item + character, False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == "," and not quoted and not (dates and "," not in item and item.strip().isalpha()):
            items.append(item.strip())
            item = ""
        else:
            item += character
    return [*items, item.strip()]


# Outwards

EncodeDocument = Callable[[Operation, dict[str, Any]], bytes]
EncodePayload = Callable[[Shape, str, Any], bytes]


def write(
    operation: Operation,
    output: dict[str, Any],
    content_type: str,
    encode_document: EncodeDocument,
    encode_payload: EncodePayload,
) -> Response:
    response = Response(operation.http.response_code or 200)
    shape = operation.output
    if shape is None:
        return response
    places = bindings(shape)
    if places.status and output.get(places.status) is not None:
        response.status = int(output[places.status])
    response.headers = output_headers(places, output)
    if places.payload is not None:
        _write_payload(response, operation, shape.members[places.payload], output, content_type, encode_payload)
    elif response.status not in _NO_BODY and (places.has_document or not shape.members):
        response.body = encode_document(operation, output)
        _add_type(response, content_type)
    return response


def _write_payload(
    response: Response,
    operation: Operation,
    payload: Shape,
    output: dict[str, Any],
    content_type: str,
    encode_payload: EncodePayload,
) -> None:
    assert operation.output is not None
    name = operation.output.definition.payload or ""
    value = output.get(name)
    if payload.definition.eventstream and value is not None:
        response.body = event_stream.messages(value, payload, partial(_encode_event, encode_payload), content_type)
        _add_type(response, event_stream.CONTENT_TYPE)
    elif payload.type in ("blob", "string"):
        service = operation.service.name
        response.body = value.encode() if isinstance(value, str) else (value if value is not None else b"")
        if value is not None:
            _add_type(response, _PAYLOAD_TYPES.get((service, payload.type), _TYPES[payload.type]))
    elif value is not None:
        response.body = encode_payload(payload, name, value)
        _add_type(response, content_type)


def _encode_event(encode_payload: EncodePayload, shape: Shape, members: dict[str, Any]) -> bytes:
    return encode_payload(shape, shape.name, members)


def _add_type(response: Response, content_type: str) -> None:
    if not any(name.lower() == "content-type" for name, _ in response.headers):
        response.headers.append(("Content-Type", content_type))


def output_headers(places: Bindings, output: dict[str, Any]) -> Headers:
    headers: Headers = []
    for name, wire_name, _, member in places.headers:
        value = output.get(name)
        if value is not None:
            headers.append((wire_name, header_text(member, value)))
    for name, prefix in places.header_maps:
        headers.extend((prefix + key, value) for key, value in (output.get(name) or {}).items())
    return headers


def header_text(shape: Shape, value: Any) -> str:
    if shape.jsonvalue:
        return base64.b64encode(msgspec.json.encode(value)).decode()
    if shape.type != "list":
        return str(text.writer(shape, "rfc822")(value))
    to_text = text.writer(shape.member, "rfc822")
    plain = shape.member.type != "string"
    return ", ".join(to_text(item) if plain else _quoted(to_text(item)) for item in value)


def _quoted(item: str) -> str:
    if '"' not in item and "," not in item:
        return item
    escaped = item.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
