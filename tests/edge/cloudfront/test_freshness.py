"""How long objects are kept: AWS's table, and what holds for every TTL and every header."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.edge.cloudfront.freshness import directives, http_date, lifetime_s, stale_for_s, stale_while_s, ttl_s
from panregion.edge.cloudfront.plan import Ttls

NOW = 1_700_000_000.0
FROM_ZERO = Ttls(0, 86_400, 31_536_000)
FROM_MINUTE = Ttls(60, 3_600, 7_200)
EXPIRES = {"expires": formatdate(NOW + 600, usegmt=True)}


@pytest.mark.parametrize(
    ("ttls", "headers", "expected"),
    [
        (FROM_ZERO, {}, 86_400),
        (FROM_ZERO, {"cache-control": "max-age=5"}, 5),
        (FROM_ZERO, {"cache-control": "max-age=99999999"}, 31_536_000),
        (FROM_ZERO, {"cache-control": "max-age=5, s-maxage=7"}, 7),
        (FROM_ZERO, EXPIRES, 600),
        (FROM_ZERO, {"cache-control": "max-age=5", **EXPIRES}, 5),
        (FROM_ZERO, {"cache-control": "no-cache"}, 0),
        (FROM_ZERO, {"cache-control": "private, max-age=60"}, 0),
        (FROM_ZERO, {"cache-control": "no-store"}, 0),
        (FROM_ZERO, {"expires": "yesterday"}, 0),
        (FROM_ZERO, {"cache-control": "max-age=many"}, 86_400),
        (FROM_MINUTE, {}, 3_600),
        (FROM_MINUTE, {"cache-control": "max-age=5"}, 60),
        (FROM_MINUTE, {"cache-control": "max-age=300"}, 300),
        (FROM_MINUTE, {"cache-control": "max-age=99999"}, 7_200),
        (FROM_MINUTE, {"cache-control": "no-store"}, 60),
        (FROM_MINUTE, {"cache-control": "private"}, 60),
        (Ttls(0, 0, 0), {"cache-control": "max-age=60"}, 0),
    ],
)
def test_the_table_of_the_guide(ttls: Ttls, headers: dict[str, str], expected: float) -> None:
    assert ttl_s(ttls, 200, headers, NOW) == expected


@pytest.mark.parametrize(
    ("status", "headers", "page_ttl_s", "expected"),
    [
        (404, {}, None, 10),
        (503, {}, None, 10),
        (503, {"cache-control": "max-age=60"}, None, 60),
        (404, {"cache-control": "no-store"}, None, 10),
        (404, {}, 0.0, 0),
        (404, {}, 300.0, 300),
        (403, {}, None, 0),
        (403, {"cache-control": "max-age=30"}, None, 30),
        (403, {}, 20.0, 20),
        (401, {"cache-control": "max-age=30"}, None, 0),
        (206, {"cache-control": "max-age=30"}, None, 0),
        (304, {}, None, 0),
    ],
)
def test_errors_and_parts(status: int, headers: dict[str, str], page_ttl_s: float | None, expected: float) -> None:
    assert ttl_s(FROM_ZERO, status, headers, NOW, page_ttl_s) == expected


SECONDS = st.integers(0, 10**9)
CONTROL = st.lists(
    st.one_of(
        st.sampled_from(["no-cache", "no-store", "private", "public", "must-revalidate", "x", "=", "max-age=", ""]),
        st.builds("max-age={}".format, SECONDS),
        st.builds("s-maxage={}".format, SECONDS),
        st.builds("stale-if-error={}".format, SECONDS),
        st.text(max_size=10),
    ),
    max_size=5,
).map(", ".join)
TTLS = st.lists(st.integers(0, 10**8), min_size=3, max_size=3).map(sorted).map(lambda three: Ttls(*map(float, three)))


@given(TTLS, CONTROL, st.sampled_from([200, 301, 302, 204]))
def test_a_response_stays_within_the_bounds(ttls: Ttls, control: str, status: int) -> None:
    found = ttl_s(ttls, status, {"cache-control": control}, NOW)
    assert found == 0 if ttls.most == 0 else ttls.least <= found <= ttls.most


@given(TTLS, CONTROL, st.integers(400, 599), st.none() | st.floats(0, 10**6))
def test_an_error_is_kept_as_long_as_its_page_says_or_not_at_all(
    ttls: Ttls, control: str, status: int, page_ttl_s: float | None
) -> None:
    found = ttl_s(ttls, status, {"cache-control": control}, NOW, page_ttl_s)
    least = 10.0 if page_ttl_s is None else page_ttl_s
    assert found == 0 or found >= least


@given(st.text(max_size=60))
def test_whatever_the_origin_says_is_understood_or_ignored(text: str) -> None:
    directives(text)
    http_date(text)
    wanted = lifetime_s({"cache-control": text, "expires": text}, NOW)
    assert wanted is None or wanted >= 0


def test_how_long_what_is_old_may_be_told() -> None:
    assert stale_for_s({}) == float("inf")
    assert stale_for_s({"cache-control": "stale-if-error=60"}) == 60
    assert stale_for_s({"cache-control": "must-revalidate"}) == 0
    assert stale_while_s({"cache-control": "stale-while-revalidate=30"}) == 30
    assert stale_while_s({}) == 0
