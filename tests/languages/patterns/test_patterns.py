"""The pattern language in tables, from AWS's documentation and its own examples, and against a naive matcher."""

import re
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.languages.patterns import EVENTS, FILTER_POLICIES, PatternError, compile_pattern


def matches(pattern: Any, event: Any) -> bool:
    return compile_pattern(pattern, EVENTS).matches(event)


@pytest.mark.parametrize(
    ("condition", "fits", "fits_not"),
    [
        ("a", ["a", ["b", "a"], [["a"]]], ["b", "A", 1, None, [], {}, {"a": "a"}, ["b"]]),
        (1, [1, 1.0, [1]], ["1", True, 2, None]),
        (300, [3e2, 300.0], [3]),
        (True, [True], [1, "true", False, None]),
        (None, [None], [0, "", False]),
        ("", [""], [None, " "]),
        ({"prefix": "ab"}, ["ab", "abc"], ["a", "xab", "ABC", 1, None]),
        ({"prefix": {"equals-ignore-case": "Ab"}}, ["ABc", "abx"], ["xab"]),
        ({"suffix": ".png"}, [".png", "a.png", ["x", "y.png"]], ["a.PNG", "png", 1]),
        ({"suffix": {"equals-ignore-case": ".PNG"}}, ["a.png"], ["a.jpg"]),
        ({"equals-ignore-case": "ALICE"}, ["alice", "Alice", "ALICE"], ["alic", 1]),
        ({"wildcard": "dir/*.png"}, ["dir/.png", "dir/a/b.png"], ["dir.png", "dir/a.pngx", 1]),
        ({"wildcard": "*a*b*"}, ["ab", "xaxbx"], ["ba", "a"]),
        ({"wildcard": "a\\*b\\\\"}, ["a*b\\"], ["axb\\", "a*b"]),
        ({"wildcard": "plain"}, ["plain"], ["plainer"]),
        ({"wildcard": "a*a"}, ["aa", "aba"], ["a"]),
        ({"anything-but": "a"}, ["b", 1, None, True, ["a", "b"]], ["a", ["a"], {}]),
        ({"anything-but": ["a", "b"]}, ["c"], ["a", "b"]),
        ({"anything-but": [1, 2]}, [3, "1"], [1, 2.0]),
        ({"anything-but": 1}, [2], [1]),
        ({"anything-but": {"prefix": "in"}}, ["out", 1], ["in", "init"]),
        ({"anything-but": {"prefix": ["in", "x"]}}, ["out"], ["in", "xy"]),
        ({"anything-but": {"suffix": ".txt"}}, ["a.png"], ["a.txt"]),
        ({"anything-but": {"equals-ignore-case": ["A", "b"]}}, ["c"], ["a", "B"]),
        ({"anything-but": {"wildcard": "*/lib/*"}}, ["/bin/x"], ["/lib/x"]),
        ({"numeric": ["=", 5]}, [5, 5.0], ["5", 6, True]),
        ({"numeric": ["<", 5]}, [4.9, -1], [5, "4"]),
        ({"numeric": ["<=", 5]}, [5], [5.1]),
        ({"numeric": [">", 0, "<=", 5]}, [0.1, 5], [0, 5.1]),
        ({"numeric": [">=", 0, "<", 5]}, [0, 4], [5, -0.1]),
        ({"cidr": "10.0.0.0/24"}, ["10.0.0.0", "10.0.0.255"], ["10.0.1.0", "x", 1, "10.0.0"]),
        ({"cidr": "2001:db8::/32"}, ["2001:db8::1"], ["2001:db9::1", "10.0.0.1"]),
        ({"exists": True}, ["", None, 0, ["a"], False], [{}, {"x": 1}, []]),
    ],
)
def test_conditions(condition: Any, fits: list[Any], fits_not: list[Any]) -> None:
    for value in fits:
        assert matches({"key": [condition]}, {"key": value}), value
    for value in fits_not:
        assert not matches({"key": [condition]}, {"key": value}), value
    assert not matches({"key": [condition]}, {"other": "a"})


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ({"a": [{"exists": False}]}, {}, True),
        ({"a": [{"exists": False}]}, {"a": []}, True),
        ({"a": [{"exists": False}]}, {"a": None}, False),
        ({"a": [{"exists": False}, "x"]}, {"a": "x"}, True),
        ({"a": [{"exists": False}, "x"]}, {}, True),
        ({"a": [{"exists": False}, "x"]}, {"a": "y"}, False),
        ({"a": {"b": [{"exists": False}]}}, {}, True),
        ({"a": {"b": [{"exists": False}]}}, {"a": {"c": 1}}, True),
        ({"a": {"b": [{"exists": False}]}}, {"a": {"b": 1}}, False),
        ({"a": {"b": [{"exists": True}]}}, {"a": {"b": 1}}, True),
        ({"a": ["x"], "b": ["y"]}, {"a": "x", "b": "y", "c": "z"}, True),
        ({"a": ["x"], "b": ["y"]}, {"a": "x"}, False),
        ({"a": {"b": {"c": ["x"]}}}, {"a": {"b": {"c": "x"}}}, True),
        ({"a": {"b": ["x"]}}, {"a": "x"}, False),
        ({"a": ["x"]}, {"a": {"b": "x"}}, False),
        ({"a": {"b": ["1"], "c": ["2"]}}, {"a": [{"b": "1", "c": "2"}]}, True),
        ({"a": {"b": ["1"], "c": ["2"]}}, {"a": [{"b": "1"}, {"c": "2"}]}, False),
        ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "y"}, True),
        ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "x"}, False),
        ({"c": ["z"], "$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"a": "x"}, False),
        ({"c": ["z"], "$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"a": "x", "c": "z"}, True),
        ({"d": {"$or": [{"a": ["x"]}, {"b": {"e": ["y"]}}]}}, {"d": {"b": {"e": "y"}}}, True),
        ({"$or": ["x"]}, {"$or": "x"}, True),
        ({}, {"anything": 1}, True),
        ({"a": ["x"]}, [], False),
    ],
)
def test_objects(pattern: Any, event: Any, expected: bool) -> None:
    assert matches(pattern, event) is expected


def test_awss_own_example() -> None:
    pattern = {
        "source": ["aws.ec2"],
        "detail-type": ["EC2 Instance State-change Notification"],
        "detail": {
            "state": [{"anything-but": "initializing"}],
            "source-ip": [{"cidr": "10.0.0.0/24"}],
            "c-count": [{"numeric": [">", 0, "<=", 5]}],
            "x-limit": [{"anything-but": [100, 200, 300]}],
        },
    }
    detail = {"state": "running", "source-ip": "10.0.0.7", "c-count": 5, "x-limit": 301.8}
    event = {"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "detail": detail}
    assert matches(pattern, event)
    assert not matches(pattern, {**event, "detail": {**detail, "x-limit": 200}})


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ([], "Filter is not an object"),
        ({"a": "x"}, '"a" must be an object or an array'),
        ({"a": []}, "Empty arrays are not allowed"),
        ({"a": {}}, "Empty objects are not allowed"),
        ({"a": [["x"]]}, "Match value must be String, number, true, false, or null"),
        ({"a": [{"prefix": "x", "suffix": "y"}]}, "Only one key allowed in match expression"),
        ({"a": [{}]}, "Only one key allowed in match expression"),
        ({"a": [{"like": "x"}]}, "Unrecognized match type like"),
        ({"a": [{"prefix": 1}]}, "prefix match pattern must be a string"),
        ({"a": [{"suffix": None}]}, "suffix match pattern must be a string"),
        ({"a": [{"prefix": {"suffix": "x"}}]}, "Unsupported prefix pattern: suffix"),
        ({"a": [{"exists": "x"}]}, "exists match pattern must be either true or false."),
        ({"a": [{"numeric": "x"}]}, "Value of numeric must be an array."),
        ({"a": [{"numeric": []}]}, "Invalid member in numeric match: ]"),
        ({"a": [{"numeric": [1]}]}, "Invalid member in numeric match: 1"),
        ({"a": [{"numeric": ["!", 1]}]}, "Unrecognized numeric range operator: !"),
        ({"a": [{"numeric": ["="]}]}, "Value of equals must be numeric"),
        ({"a": [{"numeric": ["<", "1"]}]}, "Value of < must be numeric"),
        ({"a": [{"numeric": ["<", 1, ">", 2]}]}, "Too many elements in numeric expression"),
        ({"a": [{"numeric": [">", 1, 2]}]}, "Bad value in numeric range: 2"),
        ({"a": [{"numeric": [">", 1, ">", 2]}]}, "Bad numeric range operator: >"),
        ({"a": [{"numeric": [">", 1, "<"]}]}, "Value of < must be numeric"),
        ({"a": [{"numeric": [">", 2, "<", 1]}]}, "Bottom must be less than top"),
        ({"a": [{"numeric": [">", 1, "<", 2, 3]}]}, "Too many terms in numeric range expression"),
        ({"a": [{"cidr": "10.0.0.0"}]}, "Malformed CIDR, one '/' required"),
        ({"a": [{"cidr": "10.0.0.0/x"}]}, "Malformed CIDR, mask bits must be an integer"),
        ({"a": [{"cidr": "10.0.0/24"}]}, "Nonstandard IP address: 10.0.0"),
        ({"a": [{"cidr": 1}]}, "prefix match pattern must be a string"),
        ({"a": [{"wildcard": "a**b"}]}, "Consecutive wildcard characters at pos 1"),
        ({"a": [{"wildcard": "a\\b"}]}, "Invalid escape character at pos 1"),
        ({"a": [{"anything-but": []}]}, "Empty arrays are not allowed"),
        ({"a": [{"anything-but": [None]}]}, "Value of anything-but must be an array or single string/number value."),
        ({"a": [{"anything-but": {"exists": True}}]}, "Unsupported anything-but pattern: exists"),
        ({"$or": [{"a": "x"}, {"b": ["y"]}]}, '"a" must be an object or an array'),
    ],
)
def test_patterns_that_are_none(pattern: Any, message: str) -> None:
    with pytest.raises(PatternError) as raised:
        compile_pattern(pattern, EVENTS)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"wildcard": "a*"}, "Unrecognized match type wildcard"),
        ({"anything-but": {"equals-ignore-case": "a"}}, "Unsupported anything-but pattern: equals-ignore-case"),
        ({"prefix": {"equals-ignore-case": "a"}}, "prefix match pattern must be a string"),
    ],
)
def test_filter_policies_allow_less(condition: Any, message: str) -> None:
    with pytest.raises(PatternError) as raised:
        compile_pattern({"a": [condition]}, FILTER_POLICIES)
    assert str(raised.value) == message


def test_a_pattern_too_deep_is_refused() -> None:
    pattern: Any = ["x"]
    for _ in range(200):
        pattern = {"a": pattern}
    with pytest.raises(PatternError):
        compile_pattern(pattern, EVENTS)


# A naive matcher: an event becomes the list of its flat readings, one element chosen of every list, and a pattern
# matches if all that it says holds of one of them.

SCALARS = st.sampled_from(["a", "ab", "b", "", 1, 2, 0.5, True, False, None])
KEYS = st.sampled_from(["k", "l", "m"])
EVENTS_OF = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.dictionaries(KEYS, inner, max_size=3),
        st.lists(st.one_of(SCALARS, st.dictionaries(KEYS, SCALARS)), max_size=3),
    ),
    max_leaves=8,
)
CONDITIONS = st.one_of(
    SCALARS,
    st.builds(lambda text: {"prefix": text}, st.sampled_from(["a", "b", ""])),
    st.builds(lambda value: {"anything-but": value}, st.sampled_from(["a", 1])),
    st.builds(lambda value: {"exists": value}, st.booleans()),
    st.just({"numeric": [">", 0, "<=", 1]}),
    st.builds(lambda text: {"suffix": text}, st.sampled_from(["b", "ab", ""])),
    st.builds(lambda text: {"equals-ignore-case": text}, st.sampled_from(["A", "aB", ""])),
    st.builds(lambda text: {"wildcard": text}, st.sampled_from(["a*", "*b", "*", "a*b", "ab"])),
    st.builds(lambda text: {"anything-but": {"prefix": text}}, st.sampled_from(["a", "b"])),
    st.builds(lambda text: {"anything-but": {"suffix": text}}, st.sampled_from(["a", "b"])),
    st.just({"anything-but": ["a", "b"]}),
)
PATTERNS_OF = st.recursive(
    st.lists(CONDITIONS, min_size=1, max_size=2),
    lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=2),
    max_leaves=4,
)


def readings(value: Any, path: tuple[str, ...] = ()) -> list[dict[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        parts = [readings(inner, (*path, key)) for key, inner in value.items()]
        return [{name: found for part in choice for name, found in part.items()} for choice in product(*parts)]
    if isinstance(value, list):
        return [reading for element in value for reading in readings(element, path)] or [{}]
    return [{path: value}]


TEXTS: dict[str, Callable[[str, str], bool]] = {
    "prefix": str.startswith,
    "suffix": str.endswith,
    "equals-ignore-case": lambda value, wanted: value.lower() == wanted.lower(),
    "wildcard": lambda value, wanted: re.fullmatch(re.escape(wanted).replace(r"\*", ".*"), value) is not None,
}


def _is_one(wanted: Any, value: Any) -> bool:
    """What `anything-but` excludes."""
    if isinstance(wanted, dict):
        ((name, text),) = wanted.items()
        return isinstance(value, str) and TEXTS[name](value, text)
    return type(value) is type(wanted) and bool(value == wanted)


def holds(condition: Any, reading: dict[tuple[str, ...], Any], path: tuple[str, ...]) -> bool:
    present, value = path in reading, reading.get(path)
    if not isinstance(condition, dict):
        return present and type(value) is type(condition) and value == condition
    ((name, wanted),) = condition.items()
    if name == "exists":
        return present is wanted
    if name == "anything-but":
        return present and not any(_is_one(one, value) for one in (wanted if isinstance(wanted, list) else [wanted]))
    if isinstance(wanted, str):
        return isinstance(value, str) and TEXTS[name](value, wanted)
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 1


def naive(pattern: Any, reading: dict[tuple[str, ...], Any], path: tuple[str, ...] = ()) -> bool:
    if isinstance(pattern, dict):
        return all(naive(inner, reading, (*path, key)) for key, inner in pattern.items())
    return any(holds(condition, reading, path) for condition in pattern)


def plain(value: Any) -> bool:
    """Whether no list has an object beside a value, of which the readings say less than the event."""
    if isinstance(value, dict):
        return all(plain(inner) for inner in value.values())
    if isinstance(value, list):
        return bool(value) and all(not isinstance(element, (dict, list)) for element in value)
    return True


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(KEYS, PATTERNS_OF, max_size=2), st.dictionaries(KEYS, EVENTS_OF.filter(plain), max_size=3))
def test_against_a_naive_matcher(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    assert matches(pattern, event) == any(naive(pattern, reading) for reading in readings(event))
