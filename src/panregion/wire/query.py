"""The `query` and `ec2` protocols: a form of dotted names in, XML out.

A form is first made into a tree of its dotted names, and then read by shape:

    Filter.1.Name=state&Filter.1.Value.1=running  ->  {"Filter": {"1": {"Name": "state", "Value": {"1": "running"}}}}
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from panregion.wire import text, xml_body
from panregion.wire.call import Call
from panregion.wire.compiled import Transform, compiler
from panregion.wire.errors import AwsError, SerializationException, UnknownOperationException, answer
from panregion.wire.model import Operation, ServiceModel, Shape
from panregion.world.http import Request, Response

FIELDS_MAX = 20_000

Tree = dict[str, Any]
_OWN = ""
"""Where a node that has children keeps a value of its own: `Names=` beside `Names.member.1=a`."""


def read(model: ServiceModel, request: Request, body: bytes) -> Call:
    name, params = read_with(model, request, body, _decoder)
    return Call(model.name, name, params, "query")


def read_with(
    model: ServiceModel, request: Request, body: bytes, decoder: Callable[[Shape], Transform]
) -> tuple[str, dict[str, Any]]:
    fields = form(request, body)
    name = fields.get("Action")
    if name is None:
        raise UnknownOperationException("The request must contain the parameter Action")
    if name not in model.operation_names:
        raise _InvalidAction(f"The action {name} is not valid for this web service.")
    shape = model.operation(name).input
    return name, {} if shape is None else decoder(shape)(tree(fields))


class _InvalidAction(AwsError):
    code = "InvalidAction"


def form(request: Request, body: bytes) -> dict[str, str]:
    """All fields, of the query string and of the body: POST allows both."""
    try:
        pairs = parse_qsl(request.query, keep_blank_values=True, max_num_fields=FIELDS_MAX)
        content_type = request.header("content-type") or ""
        if body and not content_type.startswith("application/json"):
            pairs += parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError as error:  # of which UnicodeDecodeError is one
        raise SerializationException("The request body is no form") from error
    return dict(pairs)


def tree(fields: dict[str, str]) -> Tree:
    root: Tree = {}
    for name, value in fields.items():
        *stems, leaf = name.split(".")
        node = root
        for stem in stems:
            below = node.get(stem)
            if not isinstance(below, dict):
                below = node[stem] = {} if below is None else {_OWN: below}
            node = below
        if isinstance(node.get(leaf), dict):
            node[leaf][_OWN] = value
        else:
            node[leaf] = value
    return root


def decoder_of(names_of: Callable[[Shape, str], list[str]], always_flat: bool) -> Callable[[Shape], Transform]:
    """The two protocols differ in names and in that EC2's lists are always flattened."""

    def build(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
        if shape.type == "structure":
            return _decode_structure(shape, compiled, names_of)
        if shape.type == "list":
            return _decode_list(shape, compiled, always_flat)
        if shape.type == "map":
            return _decode_map(shape, compiled)
        return _decode_scalar(shape)

    return compiler(build)


def _decode_structure(
    shape: Shape, compiled: Callable[[Shape], Transform], names_of: Callable[[Shape, str], list[str]]
) -> Transform:
    fields = xml_body.wire_names(shape, names_of, compiled)

    def decode_structure(node: Any) -> dict[str, Any]:
        if not isinstance(node, dict):
            return {}
        return {fields[key][0]: fields[key][1](item) for key, item in node.items() if key in fields}

    return decode_structure


def _decode_list(shape: Shape, compiled: Callable[[Shape], Transform], always_flat: bool) -> Transform:
    inner = compiled(shape.member)
    item_name = None if shape.flattened or always_flat else shape.member.location_name or "member"

    def decode_list(node: Any) -> list[Any]:
        if not isinstance(node, dict):
            return []
        items = node.get(item_name, node) if item_name else node
        return [inner(items[index]) for index in _indices(items)]

    return decode_list


def _indices(items: Any) -> list[str]:
    """Items in order of their numbers; gaps are closed, as AWS does."""
    return sorted((key for key in items if key.isdigit()), key=int) if isinstance(items, dict) else []


def _decode_map(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
    key_name, value_name = shape.key.location_name or "key", shape.value.location_name or "value"
    read_key, read_value = compiled(shape.key), compiled(shape.value)

    def decode_map(node: Any) -> dict[str, Any]:
        if not isinstance(node, dict):
            return {}
        entries = node if shape.flattened else node.get("entry", node)
        found = {}
        for index in _indices(entries):
            entry = entries[index]
            if not isinstance(entry, dict) or key_name not in entry:
                raise SerializationException(f"Entry {index} of a map has no {key_name}")
            found[read_key(entry[key_name])] = read_value(entry.get(value_name, ""))
        return found

    return decode_map


def _decode_scalar(shape: Shape) -> Transform:
    from_text = text.reader(shape)

    def decode_scalar(node: Any) -> Any:
        if isinstance(node, dict):
            raise SerializationException("Start of structure or map found where not expected.")
        return from_text(node)

    return decode_scalar


_decoder = decoder_of(xml_body.element_names, always_flat=False)


def write(operation: Operation, output: dict[str, Any], request_id: str) -> Response:
    model, shape = operation.service, operation.output
    result = ""
    if shape is not None:
        members = xml_body.encode_members(shape, output)
        wrapper = shape.result_wrapper
        result = f"<{wrapper}>{members}</{wrapper}>" if wrapper else members
    namespace = xml_body.namespace_attribute(model.xml_namespace)
    metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    name = f"{operation.name}Response"
    return respond(200, f"<{name}{namespace}>{result}{metadata}</{name}>", request_id)


def write_error(model: ServiceModel, error: AwsError, request_id: str) -> Response:
    told = answer(model, error)
    namespace = xml_body.namespace_attribute(model.xml_namespace)
    body = (
        f"<ErrorResponse{namespace}><Error><Type>{told.fault}</Type>{error_members(told.code, told.shape, error)}"
        f"</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return respond(told.status, body, request_id)


def error_members(code: str, shape: Shape | None, error: AwsError) -> str:
    """Code, message and whatever else the model says that the error has."""
    others = xml_body.encode_members(shape, _without_message(error.fields)) if shape else ""
    return f"<Code>{escape(code)}</Code><Message>{escape(error.message)}</Message>{others}"


def _without_message(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name.lower() not in ("message", "code", "type")}


def respond(status: int, body: str, request_id: str) -> Response:
    headers = [("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id)]
    return Response(status, headers, (xml_body.DECLARATION + body).encode())
