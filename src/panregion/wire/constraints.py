"""The types and constraints that a model puts on a single value, each a predicate and AWS's words for it."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from panregion.wire.model import Shape
from panregion.wire.wordings import enum_order


class Constraint(NamedTuple):
    holds: Callable[[Any], bool]
    words: str


LEFT_TO_THE_SERVICE = frozenset(
    {
        "BucketLocationConstraint",
        "MessageSystemAttributeName",
        "MessageSystemAttributeNameForSends",
        "QueueAttributeName",
    }
)
"""Sets of values for which the service has an answer of its own."""

LENGTHS_LEFT_TO_THE_SERVICE = frozenset({("AttributeName", 65535)})
"""Shapes and their greatest lengths of which the service tells in words of its own."""


@cache
def constraints_of(shape: Shape) -> tuple[Constraint, ...]:
    """In the order in which AWS reports them: enum, pattern, then the least and the greatest length or value."""
    found = []
    definition = shape.definition
    if definition.enum and shape.type == "string" and shape.name not in LEFT_TO_THE_SERVICE:
        found.append(_enum(enum_order(shape.name, definition.enum)))
    if definition.pattern and shape.type == "string":
        expression = compiled_pattern(definition.pattern)
        if expression is not None:
            found.append(_pattern(expression, definition.pattern))
    measured = shape.type in ("string", "list", "map", "blob")
    if shape.type in ("structure", "boolean", "timestamp", "document"):
        return tuple(found)
    if definition.min is not None:
        found.append(_at_least(definition.min, measured))
    if definition.max is not None and (shape.name, definition.max) not in LENGTHS_LEFT_TO_THE_SERVICE:
        found.append(_at_most(definition.max, measured))
    return tuple(found)


def _enum(values: tuple[str, ...]) -> Constraint:
    return Constraint(frozenset(values).__contains__, f"Member must satisfy enum value set: [{', '.join(values)}]")


def _pattern(expression: re.Pattern[str], pattern: str) -> Constraint:
    matches = expression.fullmatch
    return Constraint(
        lambda value: matches(value) is not None, f"Member must satisfy regular expression pattern: {pattern}"
    )


def _at_least(least: float, measured: bool) -> Constraint:
    what = "length" if measured else "value"
    words = f"Member must have {what} greater than or equal to {_number(least)}"
    if measured:
        return Constraint(lambda value: len(value) >= least, words)
    return Constraint(lambda value: bool(value >= least), words)


def _at_most(most: float, measured: bool) -> Constraint:
    what = "length" if measured else "value"
    words = f"Member must have {what} less than or equal to {_number(most)}"
    if measured:
        return Constraint(lambda value: len(value) <= most, words)
    return Constraint(lambda value: bool(value <= most), words)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


_PUNCTUATION = r"!-/:-@\[-`{-~\u00a1-\u00bf\u00d7\u00f7\u2010-\u2bff\u3001-\u303f"
_JAVA_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{M}": r"\u0300-\u036f",
    r"\p{P}": _PUNCTUATION,
    r"\p{S}": _PUNCTUATION + "\U0001f000-\U0001faff",
    r"\p{Zs}": r" \u00a0",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{Alnum}": "a-zA-Z0-9",
    r"\p{Alpha}": "a-zA-Z",
    r"\p{Digit}": "0-9",
    r"\p{ASCII}": r"\x00-\x7F",
    r"\p{Graph}": r"\x21-\x7E",
    r"\p{Print}": r"\x20-\x7E",
    r"\p{XDigit}": "0-9a-fA-F",
    r"\uD800\uDC00-\uDBFF\uDFFF": "\U00010000-\U0010ffff",
    r"\uDBFF\uDFFF": "\U0010ffff",
    r"\uD800\uDC00": "\U00010000",
}
"""What Java's expressions write in a way that Python's do not understand, inside a set of characters. Where there
is no equal, the substitute lets through a little more."""


@cache
def compiled_pattern(pattern: str) -> re.Pattern[str] | None:
    """A model's pattern, to be matched whole; None where it uses what Python's expressions cannot say."""
    pattern = re.sub(r"^(\\p\{\w+\})([+*]?)$", r"[\1]\2", pattern)  # a class by itself, in no set
    for java, python in _JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    pattern = pattern.replace(r"\w-", r"\w\-")  # Java reads the hyphen as itself
    try:
        return re.compile(pattern, re.DOTALL)  # AppSync's templates are `^.*$` and have many lines
    except re.error:
        return None


TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "short": (int,),
    "byte": (int,),
    "bigInteger": (int,),
    "float": (float, int),
    "double": (float, int),
    "bigDecimal": (float, int),
    "timestamp": (datetime, float, int),
}


def set_count(shape: Shape, value: dict[str, Any]) -> int:
    return sum(1 for name, item in value.items() if item is not None and name in shape.definition.members)


def blob_problem(value: Any) -> str | None:
    """What is wrong with a blob, which may be bytes or, where a service asked for it, base64 text."""
    if isinstance(value, bytes):
        return None
    if not isinstance(value, str):
        return "only base-64-encoded strings are convertible to bytes"
    if len(value) % 4:
        return f"Base64 encoded length is expected a multiple of 4 bytes but found: {len(value)}"
    for character in value.rstrip("="):
        if not (character.isascii() and (character.isalnum() or character in "+/")):
            return f"Invalid Base64 character: '{character}'"
    return None
