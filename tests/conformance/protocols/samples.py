"""A value for any shape of any model: every member set, with text that needs escaping wherever it stands."""

from datetime import UTC, datetime
from typing import Any

from panregion.wire.model import Shape

DEPTH_MAX = 4

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TEXT = 'two words, <tag> & "quotes" + 100% ünï/slash\n;=?#'
HEADER_TEXT = "two words & more + 100% /slash;=?#"
NUMBERS = frozenset({"integer", "long", "short", "byte", "bigInteger"})


def sample(shape: Shape, *, depth: int = 0, location: str | None = None) -> Any:
    """`location` is that of the member that the shape belongs to."""
    location = shape.location or location
    if shape.document or (shape.jsonvalue and location):
        return {"any": ["thing", 1, True]}
    if shape.type == "structure":
        return structure(shape, depth) if depth < 2 * DEPTH_MAX else {}
    if shape.type == "list":
        return [sample(shape.member, depth=depth + 1, location=location)] * 2
    if shape.type == "map":
        return {_key(shape, location): sample(shape.value, depth=depth + 1, location=location)}
    return scalar(shape, location)


def structure(shape: Shape, depth: int) -> dict[str, Any]:
    members = {name: member for name, member in shape.members.items() if not member.definition.eventstream}
    if shape.definition.union:
        members = dict(sorted(members.items(), key=lambda item: not _is_scalar(item[1]))[:1])
    elif depth > DEPTH_MAX:
        members = {name: member for name, member in members.items() if _is_scalar(member)}
    found = {name: sample(member, depth=depth + 1) for name, member in members.items()}
    return {name: value for name, value in found.items() if not _is_hollow(value)}


def _is_hollow(value: Any) -> bool:
    """Cut off at the greatest depth: in a form or in XML, nothing is left of it."""
    return value in ({}, [{}, {}], {"the key": {}})


def _is_scalar(shape: Shape) -> bool:
    return shape.type not in ("structure", "list", "map")


def _key(shape: Shape, location: str | None) -> str:
    return shape.key.definition.enum[0] if shape.key.definition.enum else ("key" if location else "the key")


def scalar(shape: Shape, location: str | None) -> Any:
    if shape.type in NUMBERS:
        return 200 if location == "statusCode" else 7
    if shape.type in ("float", "double", "bigDecimal"):
        return 2.5
    if shape.type == "boolean":
        return True
    if shape.type == "timestamp":
        return MOMENT
    if shape.type == "blob":
        return b"bytes \x00\x01 and text"
    if shape.definition.enum:
        return shape.definition.enum[0]
    return HEADER_TEXT if location in ("header", "headers") else TEXT
