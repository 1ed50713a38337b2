"""Single values as text: in forms, headers, paths, query strings and XML they all look alike but for timestamps."""

import base64
import binascii
import math
from typing import Any

from panregion.wire import times
from panregion.wire.compiled import Transform
from panregion.wire.errors import SerializationException
from panregion.wire.model import Shape

_JAVA_NAMES = {"integer": "Integer", "long": "Long", "short": "Short", "float": "Float", "double": "Double"}


def reader(shape: Shape) -> Transform:
    """Text to a value. Timestamps are told apart by their look, so the format they should have is not asked."""
    if shape.type in ("integer", "long", "short", "byte", "bigInteger"):
        return lambda text: _number(int, shape, text)
    if shape.type in ("float", "double", "bigDecimal"):
        return lambda text: _number(float, shape, text)
    return _READERS.get(shape.type, str)


def writer(shape: Shape, timestamp_format: str) -> Transform:
    """A value to text; `timestamp_format` where the shape itself asks for none."""
    if shape.type == "timestamp":
        form = shape.timestamp_format or timestamp_format
        return lambda moment: times.format_as(form, moment)
    return _WRITERS.get(shape.type, str)


def _number(kind: type, shape: Shape, text: str) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        name = _JAVA_NAMES.get(shape.type, shape.type)
        raise SerializationException(f"'{text}' cannot be converted to {name}") from error


def _read_boolean(text: str) -> bool:
    lower = text.lower()
    if lower not in ("true", "false"):
        raise SerializationException(f"'{text}' cannot be converted to Boolean")
    return lower == "true"


def _read_blob(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError) as error:
        raise SerializationException("only base-64-encoded strings are convertible to bytes") from error


def _write_boolean(value: Any) -> str:
    return "true" if value else "false"


def _write_blob(value: Any) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def _write_float(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return str(value)


_READERS: dict[str, Transform] = {
    "boolean": _read_boolean,
    "blob": _read_blob,
    "timestamp": times.parse_text,
}
_WRITERS: dict[str, Transform] = {
    "boolean": _write_boolean,
    "blob": _write_blob,
    "float": _write_float,
    "double": _write_float,
}
