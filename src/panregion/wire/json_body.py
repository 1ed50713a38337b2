"""JSON documents to and from values, for the json and rest-json protocols.

Most shapes have the same form on the wire as in hand: names are equal, msgspec itself writes bytes as base64.
Then there is nothing to walk, and a document costs its decoding alone. `decoder` and `encoder` say so by
returning None. The walk happens only where a shape holds blobs, timestamps or renamed members, or where the
document has a null in it, which AWS treats as absent.

Services in TEXT_BLOBS take and give blobs as the base64 text that they are on the wire: DynamoDB keeps items, SQS the
attributes of messages, in wire form and must not pay for decoding what they only store.
"""

import binascii
import math
from base64 import b64decode
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from panregion.wire import times
from panregion.wire.compiled import Transform, compiler, reaches
from panregion.wire.errors import AwsError, SerializationException
from panregion.wire.model import Shape

TEXT_BLOBS = frozenset({"dynamodb", "dynamodbstreams", "sqs"})

_to_json = msgspec.json.Encoder(decimal_format="number").encode
_from_json = msgspec.json.Decoder().decode

_SPECIAL_FLOATS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def decode(shape: Shape, body: bytes, *, text_blobs: bool = False) -> dict[str, Any]:
    """The members of a structure from its document. An empty body is an empty structure."""
    if not body:
        return {}
    try:
        document = _from_json(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:  # of which DynamoDB says no more than that
        raise SerializationException("" if text_blobs else "The request body is not valid JSON") from error
    if type(document) is not dict:
        raise SerializationException("Unexpected value type in payload")
    walk = decoder(shape, text_blobs=text_blobs)
    if walk is None and b"null" in body:
        walk = _full_decoder(text_blobs)(shape)
    if walk is not None:
        return walk(document)  # type: ignore[no-any-return]
    known = shape.definition.members
    if document.keys() <= known.keys():
        return document
    return {name: value for name, value in document.items() if name in known}


def decode_document(shape: Shape, body: bytes) -> dict[str, Any]:
    return decode(shape, body)


def decode_value(shape: Shape, body: bytes) -> Any:
    """A payload of any type: a document member may be a list or a string."""
    try:
        return _full_decoder(False)(shape)(_from_json(body))
    except msgspec.DecodeError as error:
        raise SerializationException("The request body is not valid JSON") from error


def encode(shape: Shape | None, output: Any) -> bytes:
    """A document from the members of a structure; members with a place outside the body are left out."""
    walk = None if shape is None else encoder(shape)
    if walk is None:
        body = _to_json(output)
        if shape is None or b":null" not in body:
            return body
        walk = _full_encoder(shape)
    return _to_json(walk(output))


def encode_value(shape: Shape, value: Any) -> bytes:
    return _to_json(_full_encoder(shape)(value))


def error_document(shape: Shape | None, error: AwsError) -> dict[str, Any]:
    """An error's members. The message is called what the model calls it; where that is not said, `message`."""
    members = shape.members if shape else {}
    found = dict(_full_encoder(shape)(error.fields)) if shape else dict(error.fields)
    found["Message" if "Message" in members else "message"] = error.message
    return found


@cache
def decoder(shape: Shape, *, text_blobs: bool) -> Transform | None:
    if reaches(shape, _differs_inwards_text if text_blobs else _differs_inwards):
        return _full_decoder(text_blobs)(shape)
    return None


@cache
def encoder(shape: Shape) -> Transform | None:
    return _full_encoder(shape) if reaches(shape, _differs_outwards) else None


def _differs(shape: Shape, types: tuple[str, ...]) -> bool:
    return shape.type in types or any(
        member.location or (member.location_name or name) != name
        for name, member in (shape.members.items() if shape.type == "structure" else ())
    )


def _differs_inwards(shape: Shape) -> bool:
    return _differs(shape, ("timestamp", "blob"))


def _differs_inwards_text(shape: Shape) -> bool:
    return _differs(shape, ("timestamp",))


def _differs_outwards(shape: Shape) -> bool:
    return _differs(shape, ("timestamp",))


# Inwards. A value of the wrong type passes through untouched: `shapes.check` says what is wrong with it.


@cache
def _full_decoder(text_blobs: bool) -> Callable[[Shape], Transform]:
    def build(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
        if shape.type == "blob" and text_blobs:
            return _same
        if shape.document:
            return _same
        container = _DECODE_CONTAINERS.get(shape.type)
        return container(shape, compiled) if container else _DECODE_SCALARS.get(shape.type, _same)

    return compiler(build)


def _same(value: Any) -> Any:
    return value


def _decode_structure(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
    fields = [
        (name, member.location_name or name, compiled(member))
        for name, member in shape.members.items()
        if member.location is None
    ]

    def decode_structure(value: Any) -> Any:
        if type(value) is not dict:
            return value
        found = {}
        for name, wire_name, inner in fields:
            given = value.get(wire_name)
            if given is not None:
                found[name] = inner(given)
        return found

    return decode_structure


def _decode_list(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
    inner = compiled(shape.member)

    def decode_list(value: Any) -> Any:
        if type(value) is not list:
            return value
        return [None if item is None else inner(item) for item in value]

    return decode_list


def _decode_map(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
    inner = compiled(shape.value)
    sparse = shape.definition.sparse

    def decode_map(value: Any) -> Any:
        if type(value) is not dict:
            return value
        return {key: None if item is None else inner(item) for key, item in value.items() if sparse or item is not None}

    return decode_map


def _decode_blob(value: Any) -> Any:
    if type(value) is not str:
        return value
    try:
        return b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SerializationException(f"'{value[:64]}' can not be converted to a Blob: {error}") from error


def _decode_timestamp(value: Any) -> Any:
    if type(value) is str:
        return times.parse_text(value)
    return times.parse_epoch(value) if type(value) in (int, float) else value


def _decode_float(value: Any) -> Any:
    return _SPECIAL_FLOATS.get(value, value) if type(value) is str else value


_DECODE_CONTAINERS = {"structure": _decode_structure, "list": _decode_list, "map": _decode_map}
_DECODE_SCALARS: dict[str, Transform] = {
    "blob": _decode_blob,
    "timestamp": _decode_timestamp,
    "float": _decode_float,
    "double": _decode_float,
}


# Outwards. msgspec.Raw (a part that is JSON already) passes through whole.


def _build_encoder(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
    if shape.document:
        return _same
    if shape.type == "timestamp":
        return _encode_timestamp(shape)
    container = _ENCODE_CONTAINERS.get(shape.type)
    return container(shape, compiled) if container else _ENCODE_SCALARS.get(shape.type, _same)


def _encode_structure(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
    fields = {
        name: (member.location_name or name, compiled(member))
        for name, member in shape.members.items()
        if member.in_reply_body
    }
    elsewhere = frozenset(name for name, member in shape.members.items() if not member.in_reply_body)

    def encode_structure(value: Any) -> Any:
        if isinstance(value, msgspec.Raw):
            return value
        found = {}
        for name, item in value.items():
            if item is None or name in elsewhere:
                continue
            assert name in fields, f"{shape.name} has no member {name}"
            wire_name, inner = fields[name]
            found[wire_name] = inner(item)
        return found

    return encode_structure


def _encode_list(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
    inner = compiled(shape.member)

    def encode_list(value: Any) -> Any:
        if isinstance(value, msgspec.Raw):
            return value
        return [None if item is None else inner(item) for item in value]

    return encode_list


def _encode_map(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
    inner = compiled(shape.value)

    def encode_map(value: Any) -> Any:
        if isinstance(value, msgspec.Raw):
            return value
        return {key: None if item is None else inner(item) for key, item in value.items()}

    return encode_map


def _encode_timestamp(shape: Shape) -> Transform:
    form = shape.timestamp_format
    if form is None or form == "unixTimestamp":
        return times.format_epoch
    return lambda moment: times.format_as(form, moment)


def _encode_float(value: Any) -> Any:
    if type(value) is float and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


_ENCODE_CONTAINERS = {
    "structure": _encode_structure,
    "list": _encode_list,
    "map": _encode_map,
}
_ENCODE_SCALARS: dict[str, Transform] = {"float": _encode_float, "double": _encode_float}

_full_encoder = compiler(_build_encoder)
