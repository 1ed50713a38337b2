"""Projection expressions: which parts of an item to give back."""

from functools import lru_cache
from typing import Any

from panregion.languages.dynamodb.errors import ExpressionError
from panregion.languages.dynamodb.paths import (
    Path,
    aliases_in,
    parse_path,
    read_path,
    refuse_overlaps,
    refuse_reserved,
    reserved_in,
    resolve_path,
)
from panregion.languages.dynamodb.tokens import Cursor
from panregion.languages.dynamodb.values import Item, Value


class Projection:
    """Paths to keep. `simple` are their names when all of them are top-level attributes."""

    def __init__(self, paths: list[Path], names_used: frozenset[str]) -> None:
        self.paths = paths
        self.names_used = names_used
        flat = all(len(path) == 1 for path in paths)
        self.simple = [str(path[0]) for path in paths] if flat else None

    def project(self, item: Item) -> Item:
        if self.simple is not None:
            return {name: item[name] for name in self.simple if name in item}
        return project_paths(self.paths, item)


@lru_cache(maxsize=1024)
def compile_projection(text: str, names: tuple[tuple[str, str], ...]) -> Projection:
    """Raises ExpressionError for what does not parse, is reserved, undefined or overlaps."""
    aliased = _parse(text)
    for path in aliased:
        if (word := reserved_in(path)) is not None:
            raise refuse_reserved(word)
    defined = dict(names)
    paths = [resolve_path(path, defined) for path in aliased]
    refuse_overlaps(paths)
    return Projection(paths, frozenset(alias for path in aliased for alias in aliases_in(path)))


def _parse(text: str) -> list[Path]:
    cursor = Cursor(text)
    paths = [parse_path(cursor)]
    while cursor.skip_sign(","):
        paths.append(parse_path(cursor))
    cursor.expect_end()
    return paths


def project_paths(paths: list[Path], item: Item) -> Item:
    """The parts of the item at these paths, in their places; lists close up."""
    tree: dict[Any, Any] = {}
    for path in paths:
        value = read_path(path, item)
        if value is None:
            continue
        branch = tree
        for step in path[:-1]:
            branch = branch.setdefault(step, {})
        branch[path[-1]] = _Leaf(value)
    return {name: _grow(branch) for name, branch in tree.items()}


class _Leaf:
    """A value in the tree, told apart from a branch."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


def _grow(branch: Any) -> Value:
    if isinstance(branch, _Leaf):
        return branch.value
    if all(isinstance(step, int) for step in branch):
        return {"L": [_grow(branch[step]) for step in sorted(branch)]}
    assert all(isinstance(step, str) for step in branch), "conflicting paths were refused"
    return {"M": {step: _grow(inner) for step, inner in branch.items()}}


def unused(given: dict[str, Any] | None, used: frozenset[str]) -> str | None:
    """The names in `given` that no expression used, as AWS lists them."""
    if not given or given.keys() <= used:
        return None
    return "{" + ", ".join(name for name in given if name not in used) + "}"


__all__ = ["ExpressionError", "Projection", "compile_projection", "project_paths", "unused"]
