"""CloudFront's pages: a list is cut behind a marker, which is the id of the last one of the page before."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from panregion.services.cloudfront.errors import InvalidArgument

PAGE_MAX = 100

T = TypeVar("T")


def page(
    found: Iterable[T],
    marker: str,
    max_items: str | int,
    key: Callable[[T], str],
    show: Callable[[T], Any],
    *,
    flagged: bool = True,
) -> dict[str, Any]:
    """One page of what is found, which is in the order of its list.

    `flagged` lists tell Marker and IsTruncated, the others only NextMarker. Raises InvalidArgument.
    """
    size = _size(max_items)
    everything = list(found)
    keys = [key(one) for one in everything]
    start = keys.index(marker) + 1 if marker in keys else 0
    if marker and marker not in keys:
        raise InvalidArgument(f"Invalid Marker: {marker}")
    chosen = everything[start : start + size]
    more = start + size < len(everything)
    answer: dict[str, Any] = {"MaxItems": size, "Quantity": len(chosen)}
    if flagged:
        answer |= {"Marker": marker, "IsTruncated": more}
    if chosen:
        answer["Items"] = [show(one) for one in chosen]
    if more:
        answer["NextMarker"] = key(chosen[-1])
    return answer


def _size(max_items: str | int) -> int:
    try:
        size = int(max_items)
    except ValueError as error:
        raise InvalidArgument(f"Invalid MaxItems: {max_items}") from error
    if size < 1:
        raise InvalidArgument(f"Invalid MaxItems: {max_items}")
    return min(size, PAGE_MAX)
