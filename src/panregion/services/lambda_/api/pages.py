"""Lists in pages: a bounded number of things, and a marker that says where the next page begins."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")

PAGE_MAX = 50


def page(
    found: Iterable[T], size: int, name: str, describe: Callable[[T], Any], marker: Callable[[T], str]
) -> dict[str, Any]:
    """One page of `found` under `name`. The marker is that of the page's last element."""
    size = min(size, PAGE_MAX)
    first = list(islice(found, size + 1))
    answer: dict[str, Any] = {name: [describe(each) for each in first[:size]]}
    return answer | ({"NextMarker": marker(first[size - 1])} if len(first) > size else {})
