"""DynamoDB's numbers: 38 significant digits, magnitudes from 1E-130 to below 1E+126, exact.

A number travels as text. Its canonical text is plain decimal notation without exponent, leading or trailing
zeros, as AWS returns it, so that equal numbers have equal texts. `number_key` gives bytes whose order is the
numbers' order; it is the format that DynamoDB itself hashes (an exponent in base 100, then the digits in
pairs), so one encoding serves the sort order and the place in the table.
"""

import re
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact, InvalidOperation, localcontext
from functools import lru_cache

from panregion.languages.dynamodb.errors import ValueRejected

MAX_DIGITS = 38
MAX_EXPONENT = 125
MIN_EXPONENT = -130

OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
TOO_PRECISE = "Attempting to store more than 38 significant digits in a Number"

_CANONICAL_INTEGER = re.compile(r"-?[1-9][0-9]{0,37}|0").fullmatch
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,10})?", re.ASCII).fullmatch
_EXACT = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[InvalidOperation, Inexact])


def canonical_number(text: str) -> str:
    """The canonical text of a number. Raises ValueRejected with AWS's text for what is none."""
    if _CANONICAL_INTEGER(text) and (text[-1] != "0" or len(text) < MAX_DIGITS):
        return text
    return _canonical(text)


@lru_cache(maxsize=4096)
def _canonical(text: str) -> str:
    if not text:
        raise ValueRejected("The parameter cannot be converted to a numeric value")
    if not _NUMBER(text):
        raise ValueRejected(f"The parameter cannot be converted to a numeric value: {text}")
    return number_text(Decimal(text))


def number_text(value: Decimal) -> str:
    """The canonical text of an exact result, within DynamoDB's range and precision."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int), "DynamoDB has no infinities"
    significant = "".join(map(str, digits)).lstrip("0")
    if not significant:
        return "0"
    magnitude = len(significant) - 1 + exponent
    significant = significant.rstrip("0")
    if magnitude > MAX_EXPONENT:
        raise ValueRejected(OVERFLOW)
    if magnitude < MIN_EXPONENT:
        raise ValueRejected(UNDERFLOW)
    if len(significant) > MAX_DIGITS:
        raise ValueRejected(TOO_PRECISE)
    return ("-" if value.is_signed() else "") + _plain(significant, magnitude)


def _plain(digits: str, magnitude: int) -> str:
    if magnitude < 0:
        return "0." + "0" * (-magnitude - 1) + digits
    whole, fraction = digits[: magnitude + 1].ljust(magnitude + 1, "0"), digits[magnitude + 1 :]
    return f"{whole}.{fraction}" if fraction else whole


def add_numbers(left: str, right: str) -> str:
    """The sum of two canonical numbers, exact, canonical."""
    with localcontext(_EXACT):
        return number_text(Decimal(left) + Decimal(right))


def subtract_numbers(left: str, right: str) -> str:
    """The difference of two canonical numbers, exact, canonical."""
    with localcontext(_EXACT):
        return number_text(Decimal(left) - Decimal(right))


def split_number(text: str) -> tuple[bool, str, int]:
    """A canonical number that is not zero: negative or not, its significant digits, the place of the first."""
    negative = text[0] == "-"
    whole, _, fraction = text[negative:].partition(".")
    if whole != "0":
        return negative, (whole + fraction).rstrip("0"), len(whole) - 1
    digits = fraction.lstrip("0")
    return negative, digits, len(digits) - len(fraction) - 1


def number_key(text: str) -> bytes:
    """Bytes of a canonical number: their order is the numbers' order."""
    if text == "0":
        return b"\x80"
    negative, digits, magnitude = split_number(text)
    places = magnitude + 1
    if places & 1:
        digits, places = "0" + digits, places + 1
    if len(digits) & 1:
        digits += "0"
    exponent = (places >> 1) + 192
    if not negative:
        return bytes((exponent, *(int(digits[i : i + 2]) + 1 for i in range(0, len(digits), 2))))
    pairs = [101 - int(digits[i : i + 2]) for i in range(0, len(digits), 2)]
    if len(pairs) < 20:
        pairs.append(102)
    return bytes((255 - exponent, *pairs))


def number_size(text: str) -> int:
    """The bytes that a canonical number counts for in an item."""
    if text == "0":
        return 1
    negative, digits, magnitude = split_number(text)
    odd = len(digits) & 1
    return 1 + (len(digits) + 1) // 2 + (0 if odd or magnitude & 1 else 1) + negative
