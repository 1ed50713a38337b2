"""Document paths: `a.b[2].#c`, parsed with aliases open, resolved against ExpressionAttributeNames."""

from collections.abc import Callable, Mapping
from typing import Any

from panregion.languages.dynamodb.errors import ExpressionError
from panregion.languages.dynamodb.reserved import RESERVED_WORDS
from panregion.languages.dynamodb.tokens import Cursor
from panregion.languages.dynamodb.values import Item, Value

Path = tuple[str | int, ...]
Names = Mapping[str, str]
Reader = Callable[[Item], Value | None]

MAX_INDEX = 2**31 - 1
MAX_LEVELS = 32
UNDEFINED_NAME = "An expression attribute name used in the document path is not defined; attribute name: "


def parse_path(cursor: Cursor) -> Path:
    """A path whose names may still be aliases."""
    steps: list[str | int] = [_parse_name(cursor)]
    while True:
        if cursor.skip_sign("."):
            steps.append(_parse_name(cursor))
        elif cursor.skip_sign("["):
            if cursor.token.kind != "index":
                cursor.fail()
            steps.append(_parse_index(cursor.take().text))
            cursor.expect_sign("]")
        else:
            if len(steps) > MAX_LEVELS:
                raise ExpressionError(f"The document path has too many nesting elements; nesting levels: {len(steps)}")
            return tuple(steps)


def _parse_index(digits: str) -> int:
    index = int(digits)
    if index > MAX_INDEX:
        raise ExpressionError(f"List index is not within the allowable range; index: [{digits}]")
    return index


def _parse_name(cursor: Cursor) -> str:
    if cursor.token.kind not in ("name", "alias"):
        cursor.fail()
    return cursor.take().text


def reserved_in(path: Path) -> str | None:
    """The first name of the path that is a reserved word."""
    for step in path:
        if isinstance(step, str) and step.upper() in RESERVED_WORDS:
            return step
    return None


def refuse_reserved(word: str) -> ExpressionError:
    return ExpressionError(f"Attribute name is a reserved keyword; reserved keyword: {word}")


def aliases_in(path: Path) -> list[str]:
    return [step for step in path if isinstance(step, str) and step[0] == "#"]


def resolve_path(path: Path, names: Names) -> Path:
    """The path with its aliases replaced. Raises ExpressionError for one that is not defined."""
    steps: list[str | int] = []
    for step in path:
        if isinstance(step, str) and step[0] == "#":
            name = names.get(step)
            if name is None:
                raise ExpressionError(UNDEFINED_NAME + step)
            steps.append(name)
        else:
            steps.append(step)
    return tuple(steps)


def show_path(path: Path) -> str:
    """As AWS writes paths in its complaints: [a, b, [2]]."""
    return "[" + ", ".join(f"[{step}]" if isinstance(step, int) else step for step in path) + "]"


def read_path(path: Path, item: Item) -> Value | None:
    """The value that the path leads to."""
    value: Value = {"M": item}
    for step in path:
        inner = _step(value, step)
        if inner is None:
            return None
        value = inner
    return value


def _step(value: Value, step: str | int) -> Value | None:
    container: Any
    if isinstance(step, int):
        container = value.get("L")
        return container[step] if container is not None and step < len(container) else None
    container = value.get("M")
    return container.get(step) if container is not None else None


def reader(path: Path) -> Reader:
    """A function that follows the path."""
    if len(path) == 1:
        name = path[0]
        assert isinstance(name, str)
        return lambda item: item.get(name)
    return lambda item: read_path(path, item)


def refuse_overlaps(paths: list[Path]) -> None:
    """No two paths of one expression may lead into each other, or disagree on what lies on the way."""
    conflict: str | None = None
    for place, second in enumerate(paths):
        for first in paths[:place]:
            relation = _relation(first, second)
            if relation == "overlap":
                raise ExpressionError(_two_paths("overlap", first, second))
            if relation == "conflict" and conflict is None:
                conflict = _two_paths("conflict", first, second)
    if conflict is not None:
        raise ExpressionError(conflict)


def _relation(first: Path, second: Path) -> str:
    for one, other in zip(first, second, strict=False):
        if type(one) is not type(other):
            return "conflict"
        if one != other:
            return "apart"
    return "overlap"


def _two_paths(relation: str, first: Path, second: Path) -> str:
    return (
        f"Two document paths {relation} with each other; must remove or rewrite one of these paths; "
        f"path one: {show_path(first)}, path two: {show_path(second)}"
    )
