"""Filter policies on attributes and on bodies, against a matcher that is as plain as the documentation."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from panregion.services.sns.filters import attribute_values, body_of, check, compiled

NAMES = st.sampled_from(["kind", "price", "tags", "to"])
WORDS = st.sampled_from(["", "a", "ab", "AB", "b", "abc", "10", "c"])
NUMBERS = st.sampled_from([-1, 0, 0.5, 1, 10, 10.0, 1e3])
CONDITIONS = st.one_of(
    WORDS,
    NUMBERS,
    st.builds(lambda word: {"prefix": word}, WORDS.filter(bool)),
    st.builds(lambda word: {"suffix": word}, WORDS.filter(bool)),
    st.builds(lambda word: {"equals-ignore-case": word}, WORDS),
    st.builds(lambda words: {"anything-but": words}, st.lists(WORDS, min_size=1, max_size=2)),
    st.builds(lambda numbers: {"anything-but": numbers}, st.lists(NUMBERS, min_size=1, max_size=2)),
    st.builds(lambda word: {"anything-but": {"prefix": word}}, WORDS.filter(bool)),
    st.builds(lambda sign, number: {"numeric": [sign, number]}, st.sampled_from(["=", "<", "<=", ">", ">="]), NUMBERS),
    st.builds(lambda low: {"numeric": [">=", low, "<", low + 10]}, NUMBERS),
    st.builds(lambda there: {"exists": there}, st.booleans()),
)
POLICIES = st.dictionaries(NAMES, st.lists(CONDITIONS, min_size=1, max_size=3), min_size=1, max_size=3)
ATTRIBUTES = st.dictionaries(
    NAMES,
    st.one_of(
        st.builds(lambda word: {"DataType": "String", "StringValue": word}, WORDS.filter(bool)),
        st.builds(lambda number: {"DataType": "Number", "StringValue": str(number)}, NUMBERS),
        st.builds(
            lambda words: {"DataType": "String.Array", "StringValue": json.dumps(words)},
            st.lists(WORDS | NUMBERS | st.booleans(), min_size=1, max_size=3),
        ),
        st.just({"DataType": "Binary", "BinaryValue": b"ab"}),
    ),
    max_size=4,
)
BODIES = st.dictionaries(NAMES, st.one_of(WORDS, NUMBERS, st.lists(WORDS | NUMBERS, max_size=2)), max_size=4)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(one: Any, other: Any) -> bool:
    return one == other and (is_number(one) == is_number(other)) and (isinstance(one, str) == isinstance(other, str))


def compare(sign: str, value: float, bound: float) -> bool:
    return {
        "=": value == bound,
        "<": value < bound,
        "<=": value <= bound,
        ">": value > bound,
        ">=": value >= bound,
    }[sign]


def one_holds(condition: Any, value: Any) -> bool:
    """Whether a condition, but for `exists`, holds of one value."""
    if not isinstance(condition, dict):
        return same(condition, value)
    [(name, wanted)] = condition.items()
    if name == "numeric":
        pairs = zip(wanted[::2], wanted[1::2], strict=True)
        return is_number(value) and all(compare(sign, value, bound) for sign, bound in pairs)
    if name == "anything-but":
        if isinstance(wanted, dict):
            return not (isinstance(value, str) and value.startswith(wanted["prefix"]))
        return not any(same(each, value) for each in wanted)
    if not isinstance(value, str):
        return False
    if name == "prefix":
        return bool(value.startswith(wanted))
    if name == "suffix":
        return bool(value.endswith(wanted))
    assert name == "equals-ignore-case"
    return bool(value.lower() == wanted.lower())


def holds(condition: Any, there: bool, values: list[Any]) -> bool:
    if isinstance(condition, dict) and "exists" in condition:
        return bool(condition["exists"]) == there
    return any(one_holds(condition, value) for value in values)


def naive(policy: dict[str, list[Any]], found: dict[str, list[Any]]) -> bool:
    """Every name of the policy has a condition that holds of a value there."""
    return all(
        any(holds(condition, name in found, found.get(name, [])) for condition in conditions)
        for name, conditions in policy.items()
    )


def values_of(attribute: dict[str, Any]) -> list[Any]:
    kind, text = attribute["DataType"], attribute["StringValue"]
    return [float(text)] if kind == "Number" else list(json.loads(text)) if kind == "String.Array" else [text]


@given(POLICIES, ATTRIBUTES)
def test_attributes(policy: dict[str, list[Any]], attributes: dict[str, Any]) -> None:
    text = json.dumps(policy)
    check(text, "MessageAttributes", "")
    found = {name: values_of(each) for name, each in attributes.items() if each["DataType"] != "Binary"}
    assert compiled(text, "MessageAttributes").matches(attribute_values(attributes)) == naive(policy, found)


@given(POLICIES, BODIES)
def test_bodies(policy: dict[str, list[Any]], body: dict[str, Any]) -> None:
    text = json.dumps(policy)
    check(text, "MessageBody", "")
    # A list without elements is as if it were not there: a body has leaves, and that is none.
    found = {name: value if isinstance(value, list) else [value] for name, value in body.items() if value != []}
    assert compiled(text, "MessageBody").matches(body_of(json.dumps(body))) == naive(policy, found)


@given(POLICIES, st.sampled_from(["text", "[]", "7", "null", ""]))
def test_a_body_that_is_no_object_is_let_through_by_what_wants_nothing_there(
    policy: dict[str, list[Any]], body: str
) -> None:
    wanted = all({"exists": False} in conditions for conditions in policy.values())
    if not wanted:
        assert not compiled(json.dumps(policy), "MessageBody").matches(body_of(body))
