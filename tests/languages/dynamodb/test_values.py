"""Values: what is refused with which words, and how much it weighs."""

from typing import Any

import pytest

from panregion.languages.dynamodb import ValueMalformed, ValueRejected, measure_item, measure_value, same

INVALID = "One or more parameter values were invalid: "


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(levels):
        value = {"L": [value]}
    return value


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        ({"X": 1}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (
            {"S": "a", "N": "1"},
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes",
        ),
        ({"SS": []}, INVALID + "An string set  may not be empty"),
        ({"NS": []}, INVALID + "An number set  may not be empty"),
        ({"BS": []}, INVALID + "Binary sets should not be empty"),
        ({"SS": ["a", "a"]}, INVALID + "Input collection [a, a] contains duplicates."),
        ({"NS": ["1", "1.0"]}, "Input collection contains duplicates"),
        ({"BS": ["eA==", "eA=="]}, INVALID + "Input collection [eA==, eA==]of type BS contains duplicates."),
        ({"N": "x"}, "The parameter cannot be converted to a numeric value: x"),
        ({"L": [{"N": ""}]}, "The parameter cannot be converted to a numeric value"),
        (
            nested(32),
            "Nesting Levels have exceeded supported limits: "
            "Attributes in the item have nested levels beyond supported limit",
        ),
    ],
)
def test_rejected(value: Any, complaint: str) -> None:
    with pytest.raises(ValueRejected) as refused:
        measure_value(value)
    assert str(refused.value) == complaint


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("a", "Unexpected value type in payload"),
        ([], "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"),
        ({"S": 1}, "NUMBER_VALUE cannot be converted to String"),
        ({"S": 1.5}, "DECIMAL_VALUE cannot be converted to String"),
        ({"S": True}, "TRUE_VALUE cannot be converted to String"),
        ({"S": {}}, "Start of structure or map found where not expected"),
        ({"S": []}, "Unrecognized collection type class java.lang.String"),
        ({"BOOL": 1}, "NUMBER_VALUE cannot be converted to Boolean"),
        ({"L": "a"}, "Unexpected field type"),
        ({"M": "a"}, "Unexpected field type"),
        ({"B": 1}, "only base-64-encoded strings are convertible to bytes"),
        ({"B": "abc"}, "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
        ({"B": "abc~"}, "Invalid last non-pad Base64 character dectected"),
        ({"B": "eB=="}, "Invalid last non-pad Base64 character dectected"),
    ],
)
def test_malformed(value: Any, complaint: str) -> None:
    with pytest.raises(ValueMalformed) as refused:
        measure_value(value)
    assert str(refused.value) == complaint


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "é"}, 2),
        ({"S": ""}, 0),
        ({"N": "-12.50"}, 4),
        ({"B": "eA=="}, 1),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"L": []}, 3),
        ({"L": [{"S": "a"}, {"N": "1"}]}, 3 + 2 + 1 + 2),
        ({"M": {"key": {"S": "a"}}}, 3 + 1 + 3 + 1),
        ({"SS": ["a", "bc"]}, 3),
        (nested(31), 31 * 4 + 1),
    ],
)
def test_sizes(value: Any, size: int) -> None:
    assert measure_value(value) == size


def test_measuring_an_item_makes_its_numbers_canonical() -> None:
    item: dict[str, Any] = {"a": {"N": "1.0"}, "b": {"L": [{"NS": ["2e1", "3"]}]}, "c": {"NULL": True}}
    assert measure_item(item) == 3 + 2 + (3 + 1 + 4) + 1
    assert item == {"a": {"N": "1"}, "b": {"L": [{"NS": ["20", "3"]}]}, "c": {"NULL": True}}


def test_sets_are_equal_in_any_order() -> None:
    assert same({"SS": ["a", "b"]}, {"SS": ["b", "a"]})
    assert same({"L": [{"NS": ["1", "2"]}]}, {"L": [{"NS": ["2", "1"]}]})
    assert not same({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]})
    assert not same({"S": "1"}, {"N": "1"})
