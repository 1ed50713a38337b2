"""Cache keys, what origins get, and that the two agree."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.edge.cloudfront.keys import chosen_cookies, chosen_query, forwarded_query, keyed, normal_encodings
from panregion.edge.cloudfront.messages import RequestHead
from panregion.edge.cloudfront.origin_request import Hop, origin_headers, origin_target
from panregion.edge.cloudfront.plan import Behavior, KeyRules, Selection
from panregion.edge.cloudfront.viewer_facts import viewer_headers
from tests.edge.cloudfront.support import LONDON, LONDON_TLS, cache_policy, part, plan, request
from tests.services.cloudfront.support import behavior, bucket, legacy_behavior, listed

HOP = Hop("198.18.28.10", "id", "1.1 here (CloudFront)")


def one(*parts: Any, policy: str = "policy", legacy: dict[str, Any] | None = None, **more: Any) -> Behavior:
    """The default behaviour of a distribution with those policies."""
    default = behavior(policy=policy, **more) if legacy is None else legacy_behavior(**legacy)
    return plan(*parts, DefaultCacheBehavior=default).behaviors[-1]


def sent(behavior: Behavior, head: RequestHead) -> dict[str, str]:
    """The headers that the origin gets, under lower-case names."""
    made = viewer_headers(LONDON, "", 1)
    return {name.lower(): value for name, value in origin_headers(behavior, behavior.origins[0], head, made, "", HOP)}


def key(behavior: Behavior, head: RequestHead) -> Any:
    return keyed(behavior, head, head.path, viewer_headers(LONDON, "", 1)).key


def selecting(mode: str, what: str, *names: str) -> dict[str, Any]:
    return {f"{what}Behavior": mode, **({f"{what}s": listed(*names)} if names else {})}


def test_only_what_a_policy_names_tells_objects_apart() -> None:
    policy = cache_policy(
        HeadersConfig=selecting("whitelist", "Header", "X-Tenant", "CloudFront-Viewer-Country"),
        CookiesConfig=selecting("whitelist", "Cookie", "session"),
        QueryStringsConfig=selecting("allExcept", "QueryString", "utm"),
    )
    rules = one(policy)
    base = request("/a?b=1", X_Tenant="t", Cookie="session=1; other=2")
    assert key(rules, base) == key(rules, request("/a?b=1&utm=x", X_Tenant="t", Cookie="other=9; session=1", X_Y="1"))
    for other in (
        request("/a?b=2", X_Tenant="t", Cookie="session=1"),
        request("/b?b=1", X_Tenant="t", Cookie="session=1"),
        request("/a?b=1", X_Tenant="u", Cookie="session=1"),
        request("/a?b=1", X_Tenant="t", Cookie="session=2"),
        request("/a?b=1", Cookie="session=1"),
    ):
        assert key(rules, base) != key(rules, other)
    assert "GB" in key(rules, base)[3]


def test_what_is_in_the_key_goes_to_the_origin() -> None:
    policy = cache_policy(
        HeadersConfig=selecting("whitelist", "Header", "X-Tenant", "CloudFront-Viewer-Country", "Authorization"),
        CookiesConfig=selecting("whitelist", "Cookie", "session"),
        QueryStringsConfig=selecting("whitelist", "QueryString", "b"),
    )
    rules = one(policy)
    head = request("/a?b=1&c=2", X_Tenant="t", X_Other="o", Cookie="session=1; x=2", Authorization="secret")
    seen = sent(rules, head)
    assert (seen["x-tenant"], seen["cookie"], seen["cloudfront-viewer-country"]) == ("t", "session=1", "GB")
    assert seen["authorization"] == "secret"
    assert "x-other" not in seen
    assert origin_target(rules, rules.origins[0], "/a", head.query) == "/a?b=1"


@pytest.mark.parametrize(
    ("policy_id", "wanted", "unwanted"),
    [
        ("216adef6-5c7f-47e4-b989-5492eafa07d3", {"host": "de1.cloudfront.net", "x-mine": "1", "cookie": "a=1"}, set()),
        (
            "b689b0a8-53d0-40ab-baf2-68738e2966ac",
            {"host": "abc.execute-api.us-east-1.amazonaws.com", "x-mine": "1", "cookie": "a=1", "user-agent": "curl"},
            set(),
        ),
        ("bf0718e1-ba1e-49d1-88b1-f726733018ae", {"host": "de1.cloudfront.net"}, {"x-mine", "cookie"}),
        ("acba4595-bd28-49b8-b9fe-13317c0390fa", {"user-agent": "curl", "referer": "r"}, {"x-mine", "cookie"}),
        (
            "33f36d7e-f396-46d9-90e0-52428a34d9dc",
            {"cloudfront-viewer-city": "London", "cloudfront-is-desktop-viewer": "true", "x-mine": "1"},
            set(),
        ),
    ],
)
def test_aws_own_origin_request_policies(policy_id: str, wanted: dict[str, str], unwanted: set[str]) -> None:
    rules = one(cache_policy(), OriginRequestPolicyId=policy_id)
    head = request("/", X_Mine="1", Cookie="a=1", User_Agent="curl", Referer="r", CloudFront_Viewer_City="forged")
    seen = sent(rules, head)
    assert wanted.items() <= seen.items()
    assert not unwanted & set(seen)


def test_headers_that_are_never_passed_on() -> None:
    rules = one(cache_policy(), OriginRequestPolicyId="216adef6-5c7f-47e4-b989-5492eafa07d3")
    head = request(
        "/",
        Connection="keep-alive, X-Hop",
        TE="trailers",
        Proxy_Authorization="x",
        X_Amz_Cf_Id="forged",
        X_Panregion_Client="10.0.0.1",
        X_Forwarded_For="10.0.0.1",
        Via="1.0 before",
    )
    seen = sent(rules, head)
    assert not {"connection", "te", "proxy-authorization", "x-panregion-client"} & set(seen)
    assert seen["x-amz-cf-id"] == "id"
    assert seen["x-forwarded-for"] == "10.0.0.1, 198.18.28.10"
    assert seen["via"] == "1.0 before, 1.1 here (CloudFront)"


def test_a_behaviour_without_a_policy() -> None:
    rules = one(
        legacy={
            "forwarded": {
                "QueryString": True,
                "QueryStringCacheKeys": listed("b"),
                "Cookies": {"Forward": "whitelist", "WhitelistedNames": listed("session")},
                "Headers": listed("Origin"),
            }
        }
    )
    head = request("/a?b=1&c=2", Origin="https://x.test", Cookie="session=1; x=2", X_Mine="1", Accept_Language="de")
    assert key(rules, head) == key(rules, request("/a?b=1&c=3", Origin="https://x.test", Cookie="session=1"))
    seen = sent(rules, head)
    assert (seen["origin"], seen["cookie"], seen["x-mine"]) == ("https://x.test", "session=1", "1")
    assert "accept-language" not in seen
    assert forwarded_query(rules, head.query) == "b=1&c=2"
    everything = one(legacy={"forwarded": {"Headers": listed("*")}})
    assert not everything.caches
    assert sent(everything, request("/", Accept_Language="de"))["accept-language"] == "de"


def test_a_bucket_gets_its_own_name_whatever_is_asked() -> None:
    all_viewer = {"OriginRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3"}
    default = behavior("files", **all_viewer)
    found = plan(Origins=listed(bucket()), DefaultCacheBehavior=default).behaviors[-1]
    assert sent(found, request("/"))["host"] == "files.s3.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("accepted", "gzip", "brotli", "expected"),
    [
        ("gzip, deflate, br", True, True, "br,gzip"),
        ("gzip;q=1.0, br;q=0", True, True, "gzip"),
        ("br", True, False, ""),
        ("GZIP", True, False, "gzip"),
        ("gzip", False, False, ""),
        ("", True, True, ""),
        ("identity, *;q=0.5", True, True, ""),
    ],
)
def test_accept_encoding_is_normalized(accepted: str, gzip: bool, brotli: bool, expected: str) -> None:
    assert normal_encodings(accepted, KeyRules(gzip=gzip, brotli=brotli)) == expected


NAMES = st.sampled_from(["a", "b", "c", "long-name", "A"])
PAIRS = st.lists(st.tuples(NAMES, st.text(alphabet="xyz%2=", max_size=4)), max_size=6)
SELECTIONS = st.builds(
    Selection, st.sampled_from(["none", "all", "whitelist", "allExcept"]), st.frozensets(NAMES, max_size=3)
)


@given(PAIRS, SELECTIONS)
def test_a_selection_keeps_what_it_chooses_in_order(pairs: list[tuple[str, str]], selection: Selection) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    assert chosen_query(query, selection) == "&".join(f"{n}={v}" for n, v in pairs if n in selection)
    cookies = "; ".join(f"{name}={value}" for name, value in pairs)
    assert chosen_cookies(cookies, selection) == "; ".join(f"{n}={v}" for n, v in pairs if n in selection)


@given(PAIRS, PAIRS, SELECTIONS, SELECTIONS)
def test_requests_of_one_key_are_the_same_to_the_origin_but_for_what_is_added(
    first: list[tuple[str, str]], second: list[tuple[str, str]], queries: Selection, cookies: Selection
) -> None:
    """Two requests that share an object differ for the origin at most in what an origin request policy adds: here
    there is none, so they do not differ at all."""
    rules = one(cache_policy())
    changed = Behavior(
        **{name: getattr(rules, name) for name in rules.__dataclass_fields__ if name != "key"},
        key=KeyRules(cookies=cookies, queries=queries),
    )
    heads = []
    for pairs in (first, second):
        query = "&".join(f"{name}={value}" for name, value in pairs)
        jar = "; ".join(f"{name}={value}" for name, value in pairs)
        heads.append(request(f"/a?{query}" if query else "/a", **({"Cookie": jar} if jar else {})))
    if key(changed, heads[0]) == key(changed, heads[1]):
        targets = [origin_target(changed, changed.origins[0], "/a", head.query) for head in heads]
        assert targets[0] == targets[1]
        assert sent(changed, heads[0]) == sent(changed, heads[1])


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Mobile/15E148", {"mobile", "ios"}),
        ("Mozilla/5.0 (iPad; CPU OS 17_0)", {"tablet", "ios"}),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile", {"mobile", "android"}),
        ("Mozilla/5.0 (Linux; Android 14; SM-T870)", {"tablet", "android"}),
        ("Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0)", {"smarttv"}),
        ("Mozilla/5.0 (X11; Linux x86_64)", {"desktop"}),
        ("", {"desktop"}),
    ],
)
def test_devices(user_agent: str, device: set[str]) -> None:
    made = viewer_headers(LONDON_TLS, user_agent, 1)
    names = ("android", "desktop", "ios", "mobile", "smarttv", "tablet")
    assert {name for name in names if made[f"cloudfront-is-{name}-viewer"] == "true"} == device
    assert made["cloudfront-forwarded-proto"] == "https"
    assert made["cloudfront-viewer-tls"].startswith("TLSv1.3:")


def test_headers_of_a_policy_of_ones_own() -> None:
    own = part(
        "origin-request-policy",
        "own",
        HeadersConfig=selecting("allExcept", "Header", "X-Secret"),
        CookiesConfig=selecting("allExcept", "Cookie", "tracking"),
        QueryStringsConfig=selecting("none", "QueryString"),
    )
    rules = one(cache_policy(), own, OriginRequestPolicyId="own")
    seen = sent(rules, request("/?a=1", X_Secret="s", X_Mine="1", Cookie="a=1; tracking=2"))
    assert (seen["x-mine"], seen["cookie"], seen["host"]) == ("1", "a=1", "de1.cloudfront.net")
    assert "x-secret" not in seen


def test_that_a_request_is_followed_reaches_the_origin_and_tells_nothing_apart() -> None:
    """The region that answers is to know of it; a cache serves it as any other."""
    rules, root = one(cache_policy()), "1-65a1b2c3-0123456789abcdef01234567"
    followed = request("/a", x_panregion_trace=root)
    assert sent(rules, followed)["x-panregion-trace"] == root
    assert key(rules, followed) == key(rules, request("/a"))
