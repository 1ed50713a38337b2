"""Attribute values as they travel: {"S": "text"}, {"N": "1.5"}, {"L": [...]}: checked, measured, compared.

Values stay in wire form everywhere; nothing is converted on the way in or out. One walk over a value checks it,
puts its numbers into canonical text (in place) and measures it, because every write must do all three.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from panregion.languages.dynamodb.errors import ValueMalformed, ValueRejected
from panregion.languages.dynamodb.numbers import canonical_number, number_size

Value = dict[str, Any]
Item = dict[str, Value]

MAX_NESTING = 32
MAX_NAME_BYTES = 65535

EMPTY = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
AMBIGUOUS = (
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
)
INVALID = "One or more parameter values were invalid: "
TOO_NESTED = (
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
)
LONG_NAME = "1 validation error detected: Attribute name is too large, must be less than 65536 bytes"
STRUCTURE = "Start of structure or map found where not expected"


def text_size(text: str) -> int:
    """The bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def measure_item(item: Item) -> int:
    """Check an item or a key, canonicalise its numbers in place, return its size in bytes."""
    if type(item) is not dict:
        raise ValueMalformed("Unexpected field type")
    size = 0
    for name, value in item.items():
        size += (len(name) if name.isascii() else len(name.encode())) + measure_value(value)
    if size > MAX_NAME_BYTES:
        refuse_long_names(item)
    return size


def refuse_long_names(names: Iterable[str]) -> None:
    """Attribute names are at most 65,535 bytes long. Items are asked only if they are large enough to have one."""
    for name in names:
        if len(name) > MAX_NAME_BYTES or text_size(name) > MAX_NAME_BYTES:
            raise ValueRejected(LONG_NAME)


def measure_value(value: Value, depth: int = 1) -> int:
    """Check a value, canonicalise its numbers in place, return its size in bytes."""
    if type(value) is not dict:
        raise ValueMalformed(_wrong_kind_of_value(value))
    if len(value) != 1:
        _measure_unusual(value, depth)
    ((kind, content),) = value.items()
    if kind == "S":
        if type(content) is not str:
            raise ValueMalformed(_not_convertible(content, "String"))
        return len(content) if content.isascii() else len(content.encode())
    if kind == "N":
        if type(content) is not str:
            raise ValueMalformed(_not_convertible(content, "String"))
        number = canonical_number(content)
        if number is not content:
            value["N"] = number
        return number_size(number)
    measure = _MEASURES.get(kind)
    if measure is None:
        raise ValueRejected(EMPTY)
    return measure(content, value, depth)


def _measure_unusual(value: Value, depth: int) -> None:
    """Nothing in it, or members that DynamoDB ignores (unknown ones, nulls), or too much."""
    known = {kind: content for kind, content in value.items() if kind in KINDS and content is not None}
    if not known:
        raise ValueRejected(EMPTY)
    for kind, content in known.items():
        measure_value({kind: content}, depth)
    if len(known) > 1:
        raise ValueRejected(AMBIGUOUS)
    value.clear()
    value.update(known)


def _measure_binary(content: Any, _value: Value, _depth: int) -> int:
    return len(decode_binary(content))


def _measure_flag(content: Any, _value: Value, _depth: int) -> int:
    if type(content) is not bool:
        raise ValueMalformed(_not_convertible(content, "Boolean"))
    return 1


def _measure_null(content: Any, value: Value, depth: int) -> int:
    _measure_flag(content, value, depth)
    if not content:
        raise ValueRejected(INVALID + "Null attribute value types must have the value of true")
    return 1


def _measure_list(content: Any, _value: Value, depth: int) -> int:
    if type(content) is not list:
        raise ValueMalformed(_not_a_list(content))
    if depth >= MAX_NESTING:
        raise ValueRejected(TOO_NESTED)
    return 3 + len(content) + sum([measure_value(element, depth + 1) for element in content])


def _measure_map(content: Any, _value: Value, depth: int) -> int:
    if type(content) is not dict:
        raise ValueMalformed("Unexpected field type" if not isinstance(content, list) else _NOT_A_MAP)
    if depth >= MAX_NESTING:
        raise ValueRejected(TOO_NESTED)
    size = 3 + len(content)
    for name, element in content.items():
        size += text_size(name) + measure_value(element, depth + 1)
    if size > MAX_NAME_BYTES:
        refuse_long_names(content)
    return size


_NOT_A_MAP = (
    "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>"
)


def _strings(content: Any) -> list[str]:
    if type(content) is not list:
        raise ValueMalformed(_not_a_list(content))
    for element in content:
        if type(element) is not str:
            raise ValueMalformed(_not_convertible(element, "String"))
    return content


def _measure_string_set(content: Any, _value: Value, _depth: int) -> int:
    strings = _strings(content)
    if not strings:
        raise ValueRejected(INVALID + "An string set  may not be empty")
    if "" in strings:
        raise ValueRejected(INVALID + "An string set may not have a empty string as a member")
    if len(set(strings)) != len(strings):
        listed = ", ".join(strings)
        raise ValueRejected(f"{INVALID}Input collection [{listed}] contains duplicates.")
    return sum(map(text_size, strings))


def _measure_number_set(content: Any, value: Value, _depth: int) -> int:
    if not _strings(content):
        raise ValueRejected(INVALID + "An number set  may not be empty")
    numbers = [canonical_number(text) for text in content]
    if len(set(numbers)) != len(numbers):
        raise ValueRejected("Input collection contains duplicates")
    value["NS"] = numbers
    return sum(map(number_size, numbers))


def _measure_binary_set(content: Any, _value: Value, _depth: int) -> int:
    if type(content) is not list:
        raise ValueMalformed(_not_a_list(content))
    if not content:
        raise ValueRejected(INVALID + "Binary sets should not be empty")
    sizes = [len(decode_binary(element)) for element in content]
    if 0 in sizes:
        raise ValueRejected(INVALID + "Binary sets may not contain null or empty values")
    if len(set(content)) != len(content):
        listed = ", ".join(content)
        raise ValueRejected(f"{INVALID}Input collection [{listed}]of type BS contains duplicates.")
    return sum(sizes)


def decode_binary(text: Any) -> bytes:
    """The bytes of a base64 text, which must be the one canonical text for them."""
    if type(text) is not str:
        if type(text) is dict:
            raise ValueMalformed(STRUCTURE)
        if type(text) is list:
            raise ValueMalformed("Unrecognized collection type class java.nio.ByteBuffer")
        raise ValueMalformed("only base-64-encoded strings are convertible to bytes")
    if len(text) % 4:
        length = len(text)
        raise ValueMalformed(f"Base64 encoded length is expected a multiple of 4 bytes but found: {length}")
    try:
        binary = a2b_base64(text, strict_mode=True) if text else b""
    except (Base64Error, ValueError) as error:
        raise ValueMalformed("Invalid last non-pad Base64 character dectected") from error
    if b2a_base64(binary, newline=False) != text.encode():
        raise ValueMalformed("Invalid last non-pad Base64 character dectected")
    return binary


_MEASURES: dict[str, Callable[[Any, Value, int], int]] = {
    "B": _measure_binary,
    "BOOL": _measure_flag,
    "NULL": _measure_null,
    "M": _measure_map,
    "L": _measure_list,
    "SS": _measure_string_set,
    "NS": _measure_number_set,
    "BS": _measure_binary_set,
}
KINDS = frozenset({"S", "N", *_MEASURES})


def _wrong_kind_of_value(value: Any) -> str:
    if isinstance(value, list):
        return "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"
    return "Unexpected value type in payload"


def _not_a_list(content: Any) -> str:
    return STRUCTURE if isinstance(content, dict) else "Unexpected field type"


def _not_convertible(content: Any, wanted: str) -> str:
    if isinstance(content, dict):
        return STRUCTURE
    if isinstance(content, list):
        return f"Unrecognized collection type class java.lang.{wanted}"
    if isinstance(content, bool):
        return f"{'TRUE' if content else 'FALSE'}_VALUE cannot be converted to {wanted}"
    if isinstance(content, str):
        return "Unexpected token received from parser"
    kind = "NUMBER" if isinstance(content, int) else "DECIMAL"
    return f"{kind}_VALUE cannot be converted to {wanted}"


def kind_of(value: Value) -> str:
    """S, N, B, ... of a checked value."""
    for kind in value:
        return kind
    raise AssertionError("a checked value has a kind")


def same(left: Value, right: Value) -> bool:
    """Whether two checked values are equal: sets without regard to order."""
    if left == right:
        return True
    for kind, content in left.items():
        other = right.get(kind)
        if other is None:
            return False
        if kind in ("SS", "NS", "BS"):
            return set(content) == set(other)
        if kind == "L":
            return len(content) == len(other) and all(map(same, content, other))
        if kind == "M":
            return content.keys() == other.keys() and all(same(content[k], other[k]) for k in content)
    return False


def ordinal(kind: str, content: Any) -> Any:
    """What to compare instead of a value that has an order. Python's strings compare as UTF-8 does."""
    if kind == "S":
        return content
    return Decimal(content) if kind == "N" else a2b_base64(content)


ORDERED_KINDS = frozenset("SNB")
