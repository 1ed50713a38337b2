"""What of a kept response a request gets: all of it, a part of it, or word that nothing has changed. Pure."""

from dataclasses import dataclass

from panregion.edge.cloudfront.cache import Entry
from panregion.edge.cloudfront.conditions import not_modified, wanted_slice
from panregion.edge.cloudfront.messages import RequestHead
from panregion.world import Headers


@dataclass(frozen=True, slots=True)
class Told:
    """A response from the cache, but for what this passage stamps on it."""

    status: int
    reason: str
    headers: Headers
    body: bytes
    length: int | None


def asks_plainly(asked: dict[str, str]) -> bool:
    """Whether a request has no conditions and wants no part."""
    return "if-none-match" not in asked and "if-modified-since" not in asked and "range" not in asked


def answer_from(entry: Entry, head: RequestHead, headers: Headers) -> Told:
    """What the request gets; `headers` are the entry's after the response headers policy."""
    whole = Told(entry.status, entry.reason, headers, entry.body, entry.length)
    if entry.status != 200:
        return whole
    if not_modified(head.by_name, entry.by_name):
        return Told(304, "Not Modified", headers, b"", 0)
    size = len(entry.body)
    part = wanted_slice(head.by_name, entry.by_name, size) if entry.complete and head.method == "GET" else None
    if part is None:
        return whole
    if part.start < 0:
        told = [*headers, ("Content-Range", f"bytes */{size}")]
        return Told(416, "Requested Range Not Satisfiable", told, b"", 0)
    told = [*headers, ("Content-Range", f"bytes {part.start}-{part.end - 1}/{size}")]
    return Told(206, "Partial Content", told, entry.body[part.start : part.end], part.end - part.start)
