"""Values as AWS's services see them, which are Java's: how a message shows one, and what DynamoDB says of one of the
wrong JSON type.

DynamoDB names the classes that it reads JSON into. The same mistake has other words for a member of a structure, for
an element of a list or map, and for a collection inside a collection, over whose type its reader itself stumbles.
"""

import math
import zlib
from collections.abc import Iterator
from typing import Any, Literal

from panregion.wire.constraints import TYPES, blob_problem
from panregion.wire.model import Shape

Place = Literal["member", "element"]

STRUCTURE = "Start of structure or map found where not expected"
_OURS = "com.amazonaws.dynamodb.v20120810."
_CAST = (
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class "
    "(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of "
    "loader 'bootstrap')"
)
_OPAQUE = frozenset({"AttributeValue"})
"""Classes without a text of their own: Java shows their name and a number."""

_UNMODELLED = {"PutRequest": ("workloadProfileName",)}
"""Members that AWS's messages show and its model does not have."""

_WHOLE = ("integer", "long")

_MISPLACED_PAD = "Invalid Base64 character: '='"
_NAMES = {
    "string": "java.lang.String",
    "boolean": "java.lang.Boolean",
    "integer": "java.lang.Integer",
    "long": "java.lang.Long",
    "double": "java.lang.Double",
    "blob": "java.nio.ByteBuffer",
    "timestamp": "java.util.Date",
}


def truncate(shape: Shape, value: Any) -> None:
    """Drop, in place, what members that are whole numbers have behind the point: DynamoDB reads 1.5 as 1."""
    if shape.type == "structure" and type(value) is dict:
        for name, member in shape.members.items():
            given = value.get(name)
            if type(given) is float and member.type in _WHOLE and math.isfinite(given):
                value[name] = int(given)
            else:
                truncate(member, given)
    elif shape.type == "list" and type(value) is list:
        for item in value:
            truncate(shape.member, item)
    elif shape.type == "map" and type(value) is dict:
        for item in value.values():
            truncate(shape.value, item)


def type_problems(shape: Shape, value: Any, place: Place = "member") -> Iterator[str]:
    """What is wrong with the types in a value, in DynamoDB's order. A null is no value at all."""
    if value is None:
        return
    problem = _problem(shape, value, place)
    if problem is not None:
        yield problem
    elif shape.type == "structure":
        for name, member in shape.members.items():
            yield from type_problems(member, value.get(name))
    elif shape.type == "list":
        for item in value:
            yield from type_problems(shape.member, item, "element")
    elif shape.type == "map":
        for item in value.values():
            yield from type_problems(shape.value, item, "element")


def _problem(shape: Shape, value: Any, place: Place) -> str | None:
    if shape.type in ("structure", "map"):
        return None if type(value) is dict else _no_object(shape, value, place)
    if type(value) is dict:
        return STRUCTURE
    if shape.type == "list":
        if type(value) is list:
            return None
        return _CAST if place == "element" else "Unexpected field type"
    if type(value) is list:
        return f"Unrecognized collection type class {_java(shape)}"
    if shape.type == "blob":
        problem = blob_problem(value)
        return "Invalid last non-pad Base64 character dectected" if problem == _MISPLACED_PAD else problem
    if type(value) in TYPES[shape.type]:
        return None
    if shape.type == "boolean" and type(value) is str:
        return "Unexpected token received from parser"
    return f"{token(value)} cannot be converted to {_java(shape).rpartition('.')[2]}"


def _no_object(shape: Shape, value: Any, place: Place) -> str:
    if type(value) is list:
        return f"Unrecognized collection type {'class ' if shape.type == 'structure' else ''}{_java(shape)}"
    if place == "member":
        return "Unexpected field type"
    return "Unexpected value type in payload" if shape.type == "structure" else _CAST


def _java(shape: Shape) -> str:
    """The Java type of a shape."""
    if shape.type == "list":
        return f"java.util.List<{_java(shape.member)}>"
    if shape.type == "map":
        return f"java.util.Map<java.lang.String, {_java(shape.value)}>"
    return _NAMES.get(shape.type, _OURS + shape.name)


def token(value: Any) -> str:
    """What Java's JSON parser calls a scalar."""
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    if isinstance(value, int):
        return "NUMBER_VALUE"
    return "DECIMAL_VALUE" if isinstance(value, float) else "STRING_VALUE"


def java_text(shape: Shape, value: Any) -> str:
    """A value as Java's toString has it, which is what AWS's messages quote."""
    if value is None:
        return "null"
    if shape.type == "structure" and isinstance(value, dict):
        if shape.name in _OPAQUE:
            return f"{_OURS}{shape.name}@{zlib.crc32(repr(value).encode()):x}"
        members = {**shape.members, **dict.fromkeys(_UNMODELLED.get(shape.name, ()))}
        shown = (
            f"{name[:1].lower()}{name[1:]}={'null' if member is None else java_text(member, value.get(name))}"
            for name, member in members.items()
        )
        return f"{shape.name}({', '.join(shown)})"
    if shape.type == "list" and isinstance(value, list):
        return "[" + ", ".join(java_text(shape.member, item) for item in value) + "]"
    if shape.type == "map" and isinstance(value, dict):
        return "{" + ", ".join(f"{key}={java_text(shape.value, item)}" for key, item in value.items()) + "}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
