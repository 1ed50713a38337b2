"""Single conditions: JSON in, a predicate on a value of an event out."""

import ipaddress
import operator
import re
from collections.abc import Callable
from typing import Any

from panregion.languages.patterns.dialects import Dialect

Test = Callable[[Any], bool]

WILDCARD_STARS_MAX = 30


class PatternError(ValueError):
    """The pattern is none; the text says why, in AWS's words."""


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def compile_condition(condition: Any, dialect: Dialect) -> Test | None:
    """The predicate of a condition; None for the one that nothing must be there. Raises PatternError."""
    if isinstance(condition, dict):
        return _operator(condition, dialect)
    if isinstance(condition, list):
        raise PatternError("Match value must be String, number, true, false, or null")
    return equal_to(condition)


def equal_to(wanted: Any) -> Test:
    if is_number(wanted):
        return lambda value: is_number(value) and value == wanted
    if isinstance(wanted, str):
        return lambda value: value == wanted
    return lambda value: value is wanted  # true, false, null


def _operator(condition: dict[str, Any], dialect: Dialect) -> Test | None:
    if len(condition) != 1:
        raise PatternError("Only one key allowed in match expression")
    ((name, wanted),) = condition.items()
    if name not in dialect.operators:
        raise PatternError(f"Unrecognized match type {name}")
    if name == "exists":
        if not isinstance(wanted, bool):
            raise PatternError("exists match pattern must be either true or false.")
        return (lambda _value: True) if wanted else None
    if name == "anything-but":
        return anything_but(wanted, dialect)
    return _MAKERS[name](wanted, dialect)


def _text(name: str, wanted: Any) -> str:
    if not isinstance(wanted, str):
        raise PatternError(f"{name} match pattern must be a string")
    return wanted


def _folded(name: str, wanted: Any, dialect: Dialect) -> str | None:
    """The text of `{"prefix": {"equals-ignore-case": "a"}}`; None where it is no such thing."""
    if not isinstance(wanted, dict) or name not in dialect.folded:
        return None
    if list(wanted) != ["equals-ignore-case"]:
        raise PatternError(f"Unsupported {name} pattern: {next(iter(wanted), '')}")
    return _text("equals-ignore-case", wanted["equals-ignore-case"]).casefold()


def prefix(wanted: Any, dialect: Dialect) -> Test:
    folded = _folded("prefix", wanted, dialect)
    if folded is not None:
        return lambda value: isinstance(value, str) and value.casefold().startswith(folded)
    start = _text("prefix", wanted)
    return lambda value: isinstance(value, str) and value.startswith(start)


def suffix(wanted: Any, dialect: Dialect) -> Test:
    folded = _folded("suffix", wanted, dialect)
    if folded is not None:
        return lambda value: isinstance(value, str) and value.casefold().endswith(folded)
    end = _text("suffix", wanted)
    return lambda value: isinstance(value, str) and value.endswith(end)


def equals_ignore_case(wanted: Any, _dialect: Dialect) -> Test:
    folded = _text("equals-ignore-case", wanted).casefold()
    return lambda value: isinstance(value, str) and value.casefold() == folded


def wildcard(wanted: Any, _dialect: Dialect) -> Test:
    """A star stands for any text, a backslash makes a star or a backslash itself."""
    text = _text("wildcard", wanted)
    pieces, position, stars = [""], 0, 0
    while position < len(text):
        letter = text[position]
        if letter == "\\":
            position += 1
            if text[position : position + 1] not in ("*", "\\"):
                raise PatternError(f"Invalid escape character at pos {position - 1}")
            pieces[-1] += text[position]
        elif letter == "*":
            if text[position - 1 : position] == "*" and position > 0 and pieces[-1] == "" and stars:
                raise PatternError(f"Consecutive wildcard characters at pos {position - 1}")
            stars += 1
            pieces.append("")
        else:
            pieces[-1] += letter
        position += 1
    if stars > WILDCARD_STARS_MAX:
        raise PatternError("Rule is too complex - try using fewer wildcard characters")
    return _globbed(pieces)


def _globbed(pieces: list[str]) -> Test:
    """Whether a text is the pieces with anything between them: without the backtracking of an expression."""
    if len(pieces) == 1:
        return lambda value: bool(value == pieces[0])
    first, *inner, last = pieces

    def matches(value: Any) -> bool:
        if not isinstance(value, str) or len(value) < len(first) + len(last):
            return False
        if not (value.startswith(first) and value.endswith(last)):
            return False
        position, end = len(first), len(value) - len(last)
        for piece in inner:
            found = value.find(piece, position, end)
            if found < 0:
                return False
            position = found + len(piece)
        return True

    return matches


def anything_but(wanted: Any, dialect: Dialect) -> Test:
    """Something is there and it is none of these."""
    if isinstance(wanted, dict):
        return _not(_negated(wanted, dialect))
    values = wanted if isinstance(wanted, list) else [wanted]
    if not values:
        raise PatternError("Empty arrays are not allowed")
    if any(not (isinstance(value, str) or is_number(value)) for value in values):
        raise PatternError("Value of anything-but must be an array or single string/number value.")
    if len({isinstance(value, str) for value in values}) > 1:
        raise PatternError(
            "Inside anything but list, either all values are number or string, mixed type is not supported"
        )
    return _not([equal_to(value) for value in values])


def _negated(wanted: dict[str, Any], dialect: Dialect) -> list[Test]:
    if len(wanted) != 1:
        raise PatternError("Only one key allowed in match expression")
    ((name, value),) = wanted.items()
    if name not in dialect.negated:
        raise PatternError(f"Unsupported anything-but pattern: {name}")
    values = value if isinstance(value, list) and dialect.lists_negated else [value]
    if not values:
        raise PatternError("Empty arrays are not allowed")
    return [_MAKERS[name](one, dialect) for one in values]


def _not(tests: list[Test]) -> Test:
    return lambda value: not any(test(value) for test in tests)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}


def numeric(wanted: Any, _dialect: Dialect) -> Test:
    """`["=", 5]`, `["<", 5]`, or both bounds: `[">", 0, "<=", 5]`."""
    if not isinstance(wanted, list):
        raise PatternError("Value of numeric must be an array.")
    if not wanted:
        raise PatternError("Invalid member in numeric match: ]")
    first = wanted[0]
    if not isinstance(first, str):
        raise PatternError(f"Invalid member in numeric match: {first}")
    if first not in _COMPARISONS:
        raise PatternError(f"Unrecognized numeric range operator: {first}")
    low = _bound(first, wanted, 1)
    compare = _COMPARISONS[first]
    if len(wanted) == 2:
        return lambda value: is_number(value) and compare(value, low)
    if first not in (">", ">="):
        raise PatternError("Too many elements in numeric expression")
    second = wanted[2]
    if not isinstance(second, str):
        raise PatternError(f"Bad value in numeric range: {second}")
    if second not in ("<", "<="):
        raise PatternError(f"Bad numeric range operator: {second}")
    high = _bound(second, wanted, 3)
    if high <= low:
        raise PatternError("Bottom must be less than top")
    if len(wanted) > 4:
        raise PatternError("Too many terms in numeric range expression")
    below = _COMPARISONS[second]
    return lambda value: is_number(value) and compare(value, low) and below(value, high)


def _bound(name: str, wanted: list[Any], position: int) -> float:
    value = wanted[position] if position < len(wanted) else None
    if not is_number(value):
        raise PatternError(f"Value of {'equals' if name == '=' else name} must be numeric")
    assert value is not None
    return float(value) if isinstance(value, float) else value


_MASK = re.compile(r"\d+")


def cidr(wanted: Any, _dialect: Dialect) -> Test:
    """An address in the network; text that is no address is in none."""
    parts = _text("prefix", wanted).split("/")  # that is what AWS calls it in this message
    if len(parts) != 2:
        raise PatternError("Malformed CIDR, one '/' required")
    if not _MASK.fullmatch(parts[1]):
        raise PatternError("Malformed CIDR, mask bits must be an integer")
    try:
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError as error:
        raise PatternError(f"Nonstandard IP address: {parts[0]}") from error

    def contains(value: Any) -> bool:
        if not isinstance(value, str):
            return False
        try:
            return ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return contains


_MAKERS: dict[str, Callable[[Any, Dialect], Test]] = {
    "prefix": prefix,
    "suffix": suffix,
    "equals-ignore-case": equals_ignore_case,
    "wildcard": wildcard,
    "numeric": numeric,
    "cidr": cidr,
}
