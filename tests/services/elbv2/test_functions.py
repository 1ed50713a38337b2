"""Events and answers of functions, for any request and any answer."""

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.services.elbv2.exchange import Arrival, Refused, onward, redirect
from panregion.services.elbv2.functions import check_event, event, response
from panregion.world import Request

texts = st.text(max_size=20)
names = st.text("abcXYZ-", min_size=1, max_size=8)
headers = st.lists(st.tuples(names, st.text("abc ,;=/", max_size=10)), max_size=6)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 700) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
answers = st.fixed_dictionaries(
    {},
    optional={
        "statusCode": values,
        "headers": values,
        "multiValueHeaders": values,
        "body": values,
        "isBase64Encoded": values,
    },
)


@given(texts, headers, st.binary(max_size=50), st.booleans())
def test_any_request_makes_an_event(query: str, sent: list[tuple[str, str]], body: bytes, multi: bool) -> None:
    told = msgspec.json.decode(event(Request("POST", "/a", query, sent, body), sent, "arn", multi))
    assert ("headers" in told) != multi
    assert ("multiValueHeaders" in told) == multi
    assert isinstance(told["isBase64Encoded"], bool)
    assert {name.lower() for name, _ in sent} == set(told["multiValueHeaders" if multi else "headers"])


@given(answers | values, st.booleans())
def test_any_answer_is_a_response_or_a_bad_gateway(answer: Any, multi: bool) -> None:
    with contextlib.suppress(Refused):
        made = response(msgspec.json.encode(answer), multi)
        assert 200 <= made.status <= 599
        assert not any("\n" in value or "\r" in value for _, value in made.headers)


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"[]", b"{", b'"text"', b'{"statusCode": 99}', b'{"statusCode": true}']
)
def test_what_is_no_answer(payload: bytes) -> None:
    with pytest.raises(Refused) as refused:
        response(payload, False)
    assert refused.value.status == 502


def test_only_one_kind_of_headers_counts() -> None:
    both = msgspec.json.encode({"statusCode": "200", "headers": {"a": 1}, "multiValueHeaders": {"b": ["x", "y"]}})
    assert ("a", "1") in response(both, False).headers
    assert ("b", "x") in response(both, True).headers
    assert not any(name == "a" for name, _ in response(both, True).headers)


def test_a_health_check_is_told_by_its_user_agent() -> None:
    told = msgspec.json.decode(check_event("/h?x=1", "arn", True))
    assert (told["path"], told["multiValueHeaders"]) == ("/h", {"user-agent": ["ELB-HealthChecker/2.0"]})


def test_how_forwarded_addresses_are_treated() -> None:
    request = Request(
        "GET", "/", "", [("X-Forwarded-For", "192.0.2.1"), ("Bad_Name", "1"), ("Connection", "x")], b"", "127.0.0.9"
    )
    told = {mode: dict(onward(request, Arrival("HTTP", 80, mode), "t")) for mode in ("append", "preserve", "remove")}
    assert told["append"]["X-Forwarded-For"] == "192.0.2.1, 127.0.0.9"
    assert told["preserve"]["X-Forwarded-For"] == "192.0.2.1"
    assert "X-Forwarded-For" not in told["remove"]
    assert "Connection" not in told["append"]
    assert "Bad_Name" not in dict(onward(request, Arrival("HTTP", 80, drop_invalid=True), "t"))
    traced = Request("GET", "/", "", [("X-Amzn-Trace-Id", "Root=1-a")])
    assert dict(onward(traced, Arrival("HTTP", 80), "1-b"))["X-Amzn-Trace-Id"] == "Self=1-b;Root=1-a"


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_redirect_cannot_be_made_to_write_other_headers(path: str, query: str) -> None:
    config = {
        "Protocol": "HTTPS",
        "Port": "443",
        "Host": "#{host}",
        "Path": "/#{path}",
        "Query": "#{query}",
        "StatusCode": "HTTP_302",
    }
    answer = redirect(config, Request("GET", f"/{path}", query, [("Host", "a.test")]), Arrival("HTTP", 80))
    location = dict(answer.headers)["Location"]
    assert location.startswith("https://a.test:443/")
    assert "\n" not in location
    assert "\r" not in location
