"""A table's items in every region that has it, side by side: what each region tells (services/dynamodb/versions.py),
laid together by where the items lie in the table's order, which is the same everywhere.

What a region's image is beside the others':

    newest      the version that wins, or the only one there is
    older       a version that another region has overwritten already
    missing     no such item here, and no memory of it
    deleted     deleted here, and the deletion wins
    differs     tables of one name that are not replicated hold something else here
    unknown     the region does not answer
"""

from typing import Any

Order = tuple[int, int, str]


class NoSuchTable(Exception):
    """No region that answers has the table; the text says so."""


def side_by_side(pages: dict[str, dict[str, Any] | None], limit: int | None = None) -> dict[str, Any]:
    """One page of all regions' pages: {table, replication, key, regions, rows, next}. Pure.

    `pages`: what each region told; None where it did not answer. A row is {place, key, state, images: {region:
    {..., state}}}; its state is "same" or "differs". `next` is where to go on, None at the end. Raises NoSuchTable.
    """
    told = {region: page for region, page in pages.items() if page is not None and "items" in page}
    if not told:
        raise NoSuchTable("no region that answers has that table")
    images: dict[str, dict[str, dict[str, Any]]] = {}
    for region, page in told.items():
        for image in page["items"]:
            images.setdefault(image["place"], {})[region] = image
    horizon = min((page["until"] for page in told.values() if page["until"] is not None), default=None)
    read = sorted(place for place in images if horizon is None or place <= horizon)
    living = [place for place in read if any(image["item"] is not None for image in images[place].values())]
    shown = living if limit is None else living[:limit]
    cut = len(shown) < len(living)
    some = next(iter(told.values()))
    holders = [region for region, page in pages.items() if page is None or "items" in page]
    return {
        "table": some["table"],
        "replication": some["replication"],
        "key": some["key"],
        "regions": {region: "answers" if pages[region] is not None else "does not answer" for region in holders},
        "rows": [row(place, images[place], holders, set(told)) for place in shown],
        "next": shown[-1] if cut else horizon,
    }


def row(place: str, images: dict[str, dict[str, Any]], holders: list[str], answered: set[str]) -> dict[str, Any]:
    """One item in every region. Pure."""
    key = next((image["key"] for image in images.values() if image["key"] is not None), None)
    newest = max(images.values(), key=order, default=None)
    told = {
        region: {**images.get(region, NOTHING), "state": _state(images.get(region), newest, region in answered)}
        for region in holders
    }
    states = {image["state"] for image in told.values()} - {"unknown"}
    return {"place": place, "key": key, "state": "same" if len(states) == 1 else "differs", "images": told}


NOTHING: dict[str, Any] = {"item": None, "size_bytes": None, "version": None, "region": None, "written_ms": None}


def order(image: dict[str, Any]) -> Order:
    """By which one version is later than another: time, counter, region; a strong table's by its number."""
    time, _, region = (image["version"] or "0").partition("@")
    physical, _, counter = time.partition(".")
    return int(physical), int(counter or 0), region


def _state(image: dict[str, Any] | None, newest: dict[str, Any] | None, answered: bool) -> str:
    if not answered:
        return "unknown"
    if image is None or newest is None:
        return "missing"
    if order(image) < order(newest):
        return "older"
    if image["item"] is None:
        return "deleted"
    return "newest" if image["item"] == newest["item"] else "differs"
