"""What of a request is in the cache key, and what of it the origin gets. Pure.

Everything in the key is also sent to the origin; an origin request policy adds to that. Query strings keep their
order and spelling, as on AWS: `a=1&b=2` and `b=2&a=1` are two objects.
"""

from dataclasses import dataclass

from panregion.edge.cloudfront.messages import RequestHead
from panregion.edge.cloudfront.plan import Behavior, KeyRules, Selection

Key = tuple[str, str, str, tuple[str, ...], str, str]
"""Path, query, cookies, header values, encodings, and the method where that matters."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request's cache key, and the normalized Accept-Encoding that is in it."""

    key: Key
    encodings: str


def keyed(behavior: Behavior, head: RequestHead, path: str, made: dict[str, str]) -> Keyed:
    """The key of a request for `path`. `made` are the CloudFront-* headers, under lower-case names."""
    rules = behavior.key
    query = chosen_query(head.query, rules.queries) if head.query else ""
    cookies = ""
    if rules.cookies.mode != "none":
        cookies = chosen_cookies(head.by_name.get("cookie", ""), rules.cookies)
    headers: tuple[str, ...] = ()
    if rules.headers:
        headers = tuple(_header(name, head, made) for name in rules.headers)
    encodings = normal_encodings(head.by_name.get("accept-encoding", ""), rules)
    method = head.method if head.method == "OPTIONS" else ""
    return Keyed((path, query, cookies, headers, encodings, method), encodings)


def _header(name: str, head: RequestHead, made: dict[str, str]) -> str:
    if name == "host":
        return head.host
    found = made.get(name)
    return head.by_name.get(name, "\0") if found is None else found


def normal_encodings(accepted: str, rules: KeyRules) -> str:
    """The encodings of the policy's that the viewer takes: "br,gzip", "br", "gzip" or nothing."""
    if not accepted or not (rules.gzip or rules.brotli):
        return ""
    taken = set()
    for part in accepted.lower().split(","):
        name, _, quality = part.partition(";")
        if quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            taken.add(name.strip())
    found = [name for name, wanted in (("br", rules.brotli), ("gzip", rules.gzip)) if wanted and name in taken]
    return ",".join(found)


def chosen_query(query: str, selection: Selection) -> str:
    """The parameters that a selection chooses, as they were written."""
    if selection.mode == "all":
        return query
    if selection.mode == "none":
        return ""
    return "&".join(part for part in query.split("&") if part and part.partition("=")[0] in selection)


def chosen_cookies(cookies: str, selection: Selection) -> str:
    """The cookies that a selection chooses, as a Cookie header has them."""
    if selection.mode == "all":
        return cookies
    if selection.mode == "none" or not cookies:
        return ""
    parts = (part.strip() for part in cookies.split(";"))
    return "; ".join(part for part in parts if part and part.partition("=")[0] in selection)


def forwarded_query(behavior: Behavior, query: str) -> str:
    """What the origin gets of the query string: what either policy chooses."""
    if not query:
        return ""
    key, forward = behavior.key.queries, behavior.forward.queries
    if "all" in (key.mode, forward.mode):
        return query
    return "&".join(
        part for part in query.split("&") if part and ((name := part.partition("=")[0]) in key or name in forward)
    )


def forwarded_cookies(behavior: Behavior, cookies: str) -> str:
    """What the origin gets of the cookies."""
    key, forward = behavior.key.cookies, behavior.forward.cookies
    if not cookies or "all" in (key.mode, forward.mode):
        return cookies
    parts = (part.strip() for part in cookies.split(";"))
    return "; ".join(part for part in parts if part and ((name := part.partition("=")[0]) in key or name in forward))
