"""Numbers against Python's decimal: text, order, arithmetic, limits."""

from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.languages.dynamodb import (
    ValueRejected,
    add_numbers,
    canonical_number,
    number_key,
    subtract_numbers,
)
from panregion.languages.dynamodb.numbers import number_size
from tests.languages.dynamodb.values import numbers

EXACT = Context(prec=1000)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0", "0"),
        ("-0.00", "0"),
        ("007", "7"),
        ("+1.50", "1.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("12.5E-3", "0.0125"),
        ("-1E-130", "-0." + "0" * 129 + "1"),
        ("1E125", "1" + "0" * 125),
        ("0e999", "0"),
        ("1" + "0" * 60, "1" + "0" * 60),
        ("9" * 38, "9" * 38),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    assert canonical_number(text) == canonical


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "The parameter cannot be converted to a numeric value"),
        ("b", "The parameter cannot be converted to a numeric value: b"),
        ("1 ", "The parameter cannot be converted to a numeric value: 1 "),
        ("1_0", "The parameter cannot be converted to a numeric value: 1_0"),
        ("NaN", "The parameter cannot be converted to a numeric value: NaN"),
        ("1" * 39, "Attempting to store more than 38 significant digits in a Number"),
        (
            "1e126",
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
        (
            "-1e-131",
            "Number underflow. Attempting to store a number with magnitude smaller than supported range",
        ),
    ],
)
def test_refused_text(text: str, complaint: str) -> None:
    with pytest.raises(ValueRejected) as refused:
        canonical_number(text)
    assert str(refused.value) == complaint


@given(numbers)
def test_canonical_text_is_the_same_number_and_stays(text: str) -> None:
    assert canonical_number(text) == text
    assert "E" not in text


@given(numbers, numbers)
def test_keys_order_as_numbers_do(one: str, other: str) -> None:
    by_key = (number_key(one) > number_key(other)) - (number_key(one) < number_key(other))
    by_value = (Decimal(one) > Decimal(other)) - (Decimal(one) < Decimal(other))
    assert by_key == by_value


@given(numbers, numbers)
def test_arithmetic_is_exact_or_refused(one: str, other: str) -> None:
    for combine, exact in ((add_numbers, EXACT.add), (subtract_numbers, EXACT.subtract)):
        expected = exact(Decimal(one), Decimal(other))
        try:
            result = combine(one, other)
        except ValueRejected:
            digits = len(str(expected.normalize(EXACT).as_tuple().digits)) // 3
            assert digits > 38 or expected.adjusted() > 125 or expected.adjusted() < -130
        else:
            assert Decimal(result) == expected


@given(numbers)
def test_sizes_are_those_of_dynamodb(text: str) -> None:
    assert 1 <= number_size(text) <= 22


@pytest.mark.parametrize(("text", "size"), [("0", 1), ("1", 2), ("12", 2), ("123", 3), ("-1", 3), ("100", 2)])
def test_known_sizes(text: str, size: int) -> None:
    assert number_size(text) == size


@given(st.integers(-(10**20), 10**20))
def test_integers_stay(number: int) -> None:
    assert canonical_number(str(number)) == str(number)
