"""One page of a listing: keys in order, those that share a prefix up to the delimiter rolled into one. Pure.

The keys come from `seek(key)`, an iterator from that key on; where a common prefix has been found, the rest of
it is skipped by seeking past it, so that a page costs what it shows and not what it hides.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote


class Keyed(Protocol):
    @property
    def key(self) -> str: ...


Item = TypeVar("Item", bound=Keyed)


@dataclass
class Page(Generic[Item]):
    """What one reply shows. `last` is the key or common prefix that it ends with, if there is more."""

    items: list[Item] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: str | None = None


def page(
    seek: Callable[[str], Iterator[Item]], prefix: str, delimiter: str | None, after: str, limit: int
) -> Page[Item]:
    """At most `limit` keys and common prefixes that follow `after`."""
    found: Page[Item] = Page()
    shown = ""
    for item, group in _rolled(seek, prefix, delimiter, after):
        if len(found.items) + len(found.prefixes) >= limit:
            found.last = shown if limit else None
            return found
        shown = group or item.key
        if group:
            found.prefixes.append(group)
        else:
            found.items.append(item)
    return found


def _rolled(
    seek: Callable[[str], Iterator[Item]], prefix: str, delimiter: str | None, after: str
) -> Iterator[tuple[Item, str]]:
    """Items with the common prefix that hides them, or an empty one; each common prefix once."""
    start: str | None = max(prefix, after)
    while start is not None:
        items = seek(start)
        start = None
        for item in items:
            if not item.key.startswith(prefix):
                return
            group = common_prefix(item.key, prefix, delimiter)
            if group:
                if group != after:
                    yield item, group
                start = past(group)
                break
            if item.key > after or not after:
                yield item, ""


def common_prefix(key: str, prefix: str, delimiter: str | None) -> str:
    """The part of the key up to the first delimiter after the prefix; empty if there is none."""
    at = key.find(delimiter, len(prefix)) if delimiter else -1
    return key[: at + len(delimiter)] if delimiter and at >= 0 else ""


def past(prefix: str) -> str | None:
    """The first string after all those with that prefix; None if there is none."""
    while prefix:
        last = ord(prefix[-1])
        if last < 0x10FFFF:
            return prefix[:-1] + chr(0xE000 if last == 0xD7FF else last + 1)
        prefix = prefix[:-1]
    return None


def encoder(encoding_type: str | None) -> Callable[[str], str]:
    """How keys are written in a listing: as they are, or percent-encoded."""
    return (lambda key: quote(key, safe="/*-._")) if encoding_type == "url" else str
