"""What the operators and functions of conditions mean, on values in wire form; a missing value is None."""

from binascii import a2b_base64
from collections.abc import Callable
from typing import Any

from panregion.languages.dynamodb.values import ORDERED_KINDS, Value, kind_of, ordinal, same, text_size


def equals(left: Value | None, right: Value | None) -> bool:
    return left is not None and right is not None and same(left, right)


def differs(left: Value | None, right: Value | None) -> bool:
    """Also true when either is missing."""
    return not equals(left, right)


def _ordered(left: Value | None, right: Value | None) -> tuple[Any, Any] | None:
    if left is None or right is None:
        return None
    kind = kind_of(left)
    if kind not in right or kind not in ORDERED_KINDS:
        return None
    return ordinal(kind, left[kind]), ordinal(kind, right[kind])


def less(left: Value | None, right: Value | None) -> bool:
    pair = _ordered(left, right)
    return pair is not None and pair[0] < pair[1]


def at_most(left: Value | None, right: Value | None) -> bool:
    pair = _ordered(left, right)
    return pair is not None and pair[0] <= pair[1]


def greater(left: Value | None, right: Value | None) -> bool:
    return less(right, left)


def at_least(left: Value | None, right: Value | None) -> bool:
    return at_most(right, left)


def between(value: Value | None, lower: Value | None, upper: Value | None) -> bool:
    return at_most(lower, value) and at_most(value, upper)


def among(value: Value | None, *candidates: Value | None) -> bool:
    return any(equals(value, candidate) for candidate in candidates)


def begins_with(value: Value | None, start: Value | None) -> bool:
    if value is None or start is None:
        return False
    if "S" in value and "S" in start:
        return bool(value["S"].startswith(start["S"]))
    if "B" in value and "B" in start:
        return a2b_base64(value["B"]).startswith(a2b_base64(start["B"]))
    return False


def contains(container: Value | None, part: Value | None) -> bool:
    """A text in a text, bytes in bytes, a member of a set, an element of a list."""
    if container is None or part is None:
        return False
    kind = kind_of(container)
    if kind == "L":
        return any(same(element, part) for element in container["L"])
    wanted = part.get(kind[0] if kind in ("SS", "NS", "BS") else kind)
    if wanted is None or kind not in ("S", "B", "SS", "NS", "BS"):
        return False
    if kind == "B":
        return a2b_base64(wanted) in a2b_base64(container["B"])
    return wanted in container[kind]


def is_of_type(value: Value | None, kind: Value | None) -> bool:
    return value is not None and kind is not None and kind.get("S") in value


def size(value: Value | None) -> Value | None:
    """Bytes of a text or binary, members of everything else; nothing for numbers and flags."""
    if value is None:
        return None
    kind = kind_of(value)
    if kind == "S":
        return {"N": str(text_size(value["S"]))}
    if kind == "B":
        return {"N": str(len(a2b_base64(value["B"])))}
    if kind in ("SS", "NS", "BS", "L", "M"):
        return {"N": str(len(value[kind]))}
    return None


COMPARISONS: dict[str, Callable[..., bool]] = {
    "=": equals,
    "<>": differs,
    "<": less,
    "<=": at_most,
    ">": greater,
    ">=": at_least,
    "BETWEEN": between,
    "IN": among,
}
CALLS: dict[str, Callable[..., bool]] = {
    "attribute_exists": lambda value: value is not None,
    "attribute_not_exists": lambda value: value is None,
    "attribute_type": is_of_type,
    "begins_with": begins_with,
    "contains": contains,
}
