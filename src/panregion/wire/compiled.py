"""Closures compiled once per shape.

A codec is a function from a shape to a closure that turns a value of that shape into another. Shapes may
contain themselves, so while a shape is being compiled its cache entry is a forwarder to the closure to come.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from panregion.wire.model import Shape

Transform = Callable[[Any], Any]
C = TypeVar("C", bound=Callable[..., Any])


def compiler(build: Callable[[Shape, Callable[[Shape], C]], C]) -> Callable[[Shape], C]:
    """`build(shape, compile)` makes one shape's closure and calls `compile` for the shapes inside it."""
    known: dict[Shape, C] = {}

    def compiled(shape: Shape) -> C:
        found = known.get(shape)
        if found is None:
            target: list[C] = []
            known[shape] = cast(C, lambda *values: target[0](*values))
            found = build(shape, compiled)
            target.append(found)
            known[shape] = found
        return found

    return compiled


def reaches(shape: Shape, interesting: Callable[[Shape], bool]) -> bool:
    """Whether any shape inside `shape`, at any depth, is interesting."""
    seen: set[Shape] = set()
    waiting = [shape]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        if interesting(here):
            return True
        waiting.extend(inside(here))
    return False


def inside(shape: Shape) -> list[Shape]:
    if shape.type == "structure":
        return list(shape.members.values())
    if shape.type == "list":
        return [shape.member]
    return [shape.key, shape.value] if shape.type == "map" else []
