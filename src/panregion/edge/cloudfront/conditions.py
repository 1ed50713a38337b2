"""Answering conditional and partial requests from a whole response. Pure. RFC 9110, 13 and 14."""

import re
from dataclasses import dataclass

from panregion.edge.cloudfront.freshness import http_date

_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*")


@dataclass(frozen=True, slots=True)
class Slice:
    """Which bytes are sent, the last one excluded; a start of -1 says that the range cannot be had."""

    start: int
    end: int


def not_modified(request: dict[str, str], response: dict[str, str]) -> bool:
    """Whether the viewer has this very response already. Both are headers under lower-case names."""
    if "if-none-match" in request:
        etag = response.get("etag")
        if etag is None:
            return False
        wanted = [tag.strip().removeprefix("W/") for tag in request["if-none-match"].split(",")]
        return "*" in wanted or etag.removeprefix("W/") in wanted
    since, modified = request.get("if-modified-since"), response.get("last-modified")
    if since is None or modified is None:
        return False
    since_at, modified_at = http_date(since), http_date(modified)
    return since_at is not None and modified_at is not None and modified_at <= since_at


def wanted_slice(request: dict[str, str], response: dict[str, str], length: int) -> Slice | None:
    """The part of a body that is asked for; None for the whole of it. Several ranges at once get the whole."""
    match = _RANGE.fullmatch(request.get("range", ""))
    if match is None or not _range_holds(request, response):
        return None
    first, last = match.groups()
    if not first:
        if not last:
            return None
        size = int(last)
        return Slice(max(0, length - size), length) if size and length else Slice(-1, -1)
    start = int(first)
    end = min(int(last) + 1, length) if last else length
    if last and int(last) < start:
        return None
    return Slice(start, end) if start < length else Slice(-1, -1)


def _range_holds(request: dict[str, str], response: dict[str, str]) -> bool:
    condition = request.get("if-range")
    if condition is None:
        return True
    if condition.startswith(('"', "W/")):
        return condition == response.get("etag") and not condition.startswith("W/")
    return condition == response.get("last-modified")


def validators(response: dict[str, str]) -> list[tuple[str, str]]:
    """The headers that ask an origin whether a kept response is still what it would send."""
    found = []
    if "etag" in response:
        found.append(("If-None-Match", response["etag"]))
    if "last-modified" in response:
        found.append(("If-Modified-Since", response["last-modified"]))
    return found
