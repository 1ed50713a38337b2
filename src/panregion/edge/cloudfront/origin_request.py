"""The request that an origin gets. Pure.

The viewer's headers go on only where a policy says so; what CloudFront itself always sends is here: Host,
User-Agent, Via, X-Forwarded-For, X-Amz-Cf-Id and what describes a body. A header that was asked for and that
CloudFront makes itself (CloudFront-Viewer-Country) is made here.
"""

from dataclasses import dataclass

from panregion.edge.cloudfront.keys import forwarded_cookies, forwarded_query
from panregion.edge.cloudfront.messages import HOP_BY_HOP, RequestHead
from panregion.edge.cloudfront.plan import Behavior, Origin
from panregion.world import Headers

USER_AGENT = "Amazon CloudFront"
CONDITIONAL = frozenset({"if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since"})
ALWAYS_ON = frozenset({"content-type", "content-encoding", "content-language", "content-md5", "content-disposition"})
OURS = frozenset(
    {
        *("host", "user-agent", "cookie", "accept-encoding", "content-length", "expect", "via", "x-forwarded-for"),
        *("x-amz-cf-id", "x-real-ip", "range", "x-panregion-client", "authorization"),
    }
)
TRACE = "x-panregion-trace"
"""Not AWS's: a request that somebody follows says so to the region that answers it (services/tracing.py)."""
LEGACY_DROPS = frozenset({"accept", "accept-charset", "accept-language", "referer", "authorization", "cookie"})
WRITES = frozenset({"DELETE", "PATCH", "POST", "PUT"})


@dataclass(frozen=True, slots=True)
class Hop:
    """What this request's passage adds: who asks, the id it was given here, and what Via says."""

    client: str
    request_id: str
    via: str


def origin_target(behavior: Behavior, origin: Origin, path: str, query: str) -> str:
    """Path and query for the origin's request line."""
    forwarded = forwarded_query(behavior, query)
    full = f"{origin.path}{path}"
    return f"{full}?{forwarded}" if forwarded else full


def origin_headers(
    behavior: Behavior, origin: Origin, head: RequestHead, made: dict[str, str], encodings: str, hop: Hop
) -> Headers:
    """The headers for an origin, but for those that frame a body or ask conditionally."""
    headers = [("Host", host_for(behavior, origin, head)), ("User-Agent", _user_agent(behavior, head))]
    for name, value in head.headers:
        if _goes_on(behavior, head.method, name.lower()):
            headers.append((name, value))
    headers += _made(behavior, made)
    cookies = forwarded_cookies(behavior, head.by_name.get("cookie", ""))
    if cookies:
        headers.append(("Cookie", cookies))
    if encodings:
        headers.append(("Accept-Encoding", encodings))
    elif _is_wanted(behavior, "accept-encoding") and "accept-encoding" in head.by_name:
        headers.append(("Accept-Encoding", head.by_name["accept-encoding"]))
    before = head.by_name.get("x-forwarded-for")
    headers.append(("X-Forwarded-For", f"{before}, {hop.client}" if before else hop.client))
    passed = head.by_name.get("via")
    headers.append(("Via", f"{passed}, {hop.via}" if passed else hop.via))
    headers.append(("X-Amz-Cf-Id", hop.request_id))
    own = {name.lower() for name, _ in origin.custom_headers}
    return [pair for pair in headers if pair[0].lower() not in own] + list(origin.custom_headers)


def host_for(behavior: Behavior, origin: Origin, head: RequestHead) -> str:
    """The Host header for an origin: its own name, unless the viewer's is asked for. A bucket always gets its own."""
    if origin.is_bucket or not _is_wanted(behavior, "host"):
        return origin.host
    return head.by_name.get("host", origin.host)


def _is_wanted(behavior: Behavior, name: str) -> bool:
    """Whether a policy names a header, or takes all of them."""
    return name in behavior.key.headers or behavior.forward.takes_header(name)


def _user_agent(behavior: Behavior, head: RequestHead) -> str:
    if _is_wanted(behavior, "user-agent"):
        return head.by_name.get("user-agent", USER_AGENT)
    return USER_AGENT


def _goes_on(behavior: Behavior, method: str, name: str) -> bool:
    """Whether one of the viewer's headers is passed on as it is."""
    if name == "authorization":
        return _is_wanted(behavior, name) or (behavior.forward.header_mode == "legacy" and method in WRITES)
    if name == TRACE:
        return True
    if name in OURS or name in HOP_BY_HOP or name in CONDITIONAL:
        return False
    if name.startswith(("cloudfront-", "x-amz-cf-", "x-edge-")):
        return False
    if name in ALWAYS_ON or _is_wanted(behavior, name):
        return True
    return behavior.forward.header_mode == "legacy" and name not in LEGACY_DROPS


def _made(behavior: Behavior, made: dict[str, str]) -> Headers:
    """The CloudFront-* headers that a policy asks for."""
    wanted = [name for name in behavior.key.headers if name in made]
    if behavior.forward.header_mode in ("whitelist", "allViewerAndWhitelistCloudFront"):
        wanted += sorted(name for name in behavior.forward.headers if name in made and name not in wanted)
    return [(_title(name), made[name]) for name in wanted]


def _title(name: str) -> str:
    special = {"cloudfront": "CloudFront", "ios": "IOS", "smarttv": "SmartTV", "tls": "TLS"}
    return "-".join(special.get(word, word.capitalize()) for word in name.split("-"))
