"""Whole patterns: objects of conditions, and whether an event is as they say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from panregion.languages.patterns.conditions import PatternError, Test, compile_condition
from panregion.languages.patterns.dialects import Dialect

DEPTH_MAX = 100
ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Leaf:
    """What must hold of one value: any of the tests, or that nothing is there."""

    tests: tuple[Test, ...]
    absent: bool

    def holds(self, value: Any) -> bool:
        found = False
        for element in _elements(value):
            found = True
            if not isinstance(element, dict) and any(test(element) for test in self.tests):
                return True
        return self.absent and (not found or isinstance(value, dict))


@dataclass(frozen=True, slots=True)
class Pattern:
    """What must hold of an object: of each of its members, and of one of the alternatives of every `$or`."""

    members: "tuple[tuple[str, Leaf | Pattern], ...]"
    alternatives: "tuple[tuple[Pattern, ...], ...]"

    def matches(self, event: Any) -> bool:
        """Whether the event is as the pattern says."""
        if not isinstance(event, dict):
            return False
        for name, inner in self.members:
            value = event.get(name, ABSENT)
            if isinstance(inner, Leaf):
                if not inner.holds(value):
                    return False
            elif not inner.holds_within(value):
                return False
        return all(any(one.matches(event) for one in alternatives) for alternatives in self.alternatives)

    def holds_within(self, value: Any) -> bool:
        """As `matches`, of a value that may be a list of objects, or that may not be there at all."""
        found = False
        for element in _elements(value):
            found = True
            if self.matches(element if isinstance(element, dict) else {}):
                return True
        return not found and self.matches({})


def _elements(value: Any) -> Iterator[Any]:
    """A value, or the elements of a list, at any depth; nothing where nothing is there."""
    if isinstance(value, list):
        for element in value:
            yield from _elements(element)
    elif value is not ABSENT:
        yield value


def compile_pattern(document: Any, dialect: Dialect, depth: int = 0) -> Pattern:
    """A pattern from its JSON. Raises PatternError."""
    if not isinstance(document, dict):
        raise PatternError("Filter is not an object")
    if depth > DEPTH_MAX:
        raise PatternError("Event pattern is nested too deeply")
    members: list[tuple[str, Leaf | Pattern]] = []
    alternatives: list[tuple[Pattern, ...]] = []
    for name, inner in document.items():
        if is_alternatives(name, inner):
            alternatives.append(tuple(compile_pattern(one, dialect, depth + 1) for one in inner))
        elif isinstance(inner, dict):
            if not inner:
                raise PatternError("Empty objects are not allowed")
            members.append((name, compile_pattern(inner, dialect, depth + 1)))
        elif isinstance(inner, list):
            members.append((name, _leaf(inner, dialect)))
        else:
            raise PatternError(f'"{name}" must be an object or an array')
    return Pattern(tuple(members), tuple(alternatives))


def is_alternatives(name: str, inner: Any) -> bool:
    """A `$or` is one only if it has at least two objects; else it is a member of that name."""
    return name == "$or" and isinstance(inner, list) and len(inner) >= 2 and all(isinstance(one, dict) for one in inner)


def _leaf(conditions: list[Any], dialect: Dialect) -> Leaf:
    if not conditions:
        raise PatternError("Empty arrays are not allowed")
    tests = [compile_condition(condition, dialect) for condition in conditions]
    return Leaf(tuple(test for test in tests if test is not None), None in tests)
