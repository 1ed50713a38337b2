"""Conditions of rules: what is refused, and what they mean for any text."""

import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.services.elbv2.conditions import compiled, normal
from panregion.services.elbv2.errors import NotImplementedByLoadBalancing, ValidationError
from panregion.world import Request


def condition(field: str, **config: Any) -> dict[str, Any]:
    names = {"host-header": "HostHeaderConfig", "path-pattern": "PathPatternConfig", "source-ip": "SourceIpConfig"}
    names |= {"http-header": "HttpHeaderConfig", "query-string": "QueryStringConfig"}
    return {"Field": field, names.get(field, "HttpRequestMethodConfig"): config}


@pytest.mark.parametrize(
    "conditions",
    [
        [],
        [{"Field": "colour", "Values": ["red"]}],
        [condition("path-pattern", Values=[])],
        [condition("path-pattern", Values=["/a"]), condition("path-pattern", Values=["/b"])],
        [condition("path-pattern", Values=["/a", "/b", "/c", "/d", "/e", "/f"])],
        [condition("path-pattern", Values=["/" + "x" * 128])],
        [condition("path-pattern", Values=["/ä"])],
        [condition("path-pattern", Values=["*******"])],
        [condition("http-header", Values=["a"])],
        [condition("http-request-method", Values=["get"])],
        [condition("source-ip", Values=["10.0.0.1"])],
        [condition("source-ip", Values=["10.0.0.1/8"])],
        [condition("query-string", Values=[{"Key": "a"}])],
        [{"Field": "http-header", "Values": ["a"]}],
        [{**condition("path-pattern", Values=["/a"]), "Values": ["/b"]}],
        [{"Field": "path-pattern", "HostHeaderConfig": {"Values": ["a"]}}],
    ],
)
def test_refusals(conditions: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        normal(conditions)


def test_regular_expressions_are_refused_by_name() -> None:
    with pytest.raises(NotImplementedByLoadBalancing, match="RegexValues"):
        normal([condition("path-pattern", RegexValues=["a+"])])


def test_all_conditions_must_be_met_and_any_of_their_values() -> None:
    test = compiled(normal([condition("path-pattern", Values=["/a", "/b*"]), condition("host-header", Values=["h"])]))
    host = [("Host", "H:8080")]
    assert test(Request("GET", "/bcd", "", host))
    assert not test(Request("GET", "/c", "", host))
    assert not test(Request("GET", "/a", "", [("Host", "other")]))


words = st.text("abAB/?*.-", min_size=1, max_size=8)


@given(words, words)
def test_wildcards_mean_what_globs_mean(pattern: str, text: str) -> None:
    test = compiled([condition("path-pattern", Values=[pattern])])
    assert test(Request("GET", text)) == fnmatchcase(text, re.sub(r"\[", "[[]", pattern))


@given(words, words)
def test_hosts_are_compared_without_case(pattern: str, text: str) -> None:
    test = compiled([condition("host-header", Values=[pattern])])
    assert test(Request("GET", "/", "", [("Host", text)])) == fnmatchcase(text.lower(), pattern.lower())
