"""A page of a Query or Scan: up to Limit items or 1 MB, whichever comes first, counted before the filter."""

from dataclasses import dataclass
from typing import Any

import msgspec

from panregion.languages.dynamodb import Item, Predicate, Projection, Value
from panregion.services.dynamodb import layout, metering, records
from panregion.services.dynamodb.capacity import Consumption, read_units, wanted
from panregion.services.dynamodb.model import IndexView, TableView
from panregion.services.dynamodb.selection import Selection
from panregion.services.here import Here
from panregion.store import Key

Output = dict[str, Any]

PAGE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """What to read: the bounds of keys, from the first, to before the second."""

    view: TableView
    index: IndexView | None
    start_names: tuple[str, ...]
    bounds: tuple[Key, Key]


@dataclass(frozen=True, slots=True)
class Request:
    """What to do with what is read."""

    selection: Selection
    limit: int | None
    consistent: bool
    filter: Predicate | None
    values: dict[str, Value]
    projection: Projection | None
    reverse: bool
    capacity: str | None


def read_page(here: Here, page: Page, request: Request) -> Output:
    """Items, Count, ScannedCount, LastEvaluatedKey, ConsumedCapacity."""
    found: list[Any] = []
    scanned = size = kept = 0
    fetched = 0.0
    last: bytes | None = None
    full = False
    whole_items = request.filter is None and request.projection is None and not request.selection.fetching
    for record in here.tx.range_values(*page.bounds, reverse=request.reverse):
        scanned += 1
        item_size, json_at = records.opened(record)
        size += item_size
        last = record
        shown: Item | msgspec.Raw | None
        if whole_items:
            shown = msgspec.Raw(record[json_at:])
        elif request.selection.fetching:
            whole = _whole(here, page, record)
            fetched += read_units(records.size_of(whole), request.consistent)
            shown = _shown(whole, request)
        else:
            shown = _shown(record, request)
        if shown is not None:
            kept += 1
            if not request.selection.counting:
                found.append(shown)
        if scanned == request.limit or size >= PAGE_BYTES:
            full = True
            break
    output: Output = {"Count": kept, "ScannedCount": scanned}
    if not request.selection.counting:
        output["Items"] = found
    if full and last is not None:
        item = records.item_of(last)
        output["LastEvaluatedKey"] = {name: item[name] for name in page.start_names}
    if here.settings.dynamodb.enforce_throughput:
        metering.spend(here, page.view, "Read", _consumption(page, request, size, fetched))
    if wanted(request.capacity):
        used = _consumption(page, request, size, fetched)
        output["ConsumedCapacity"] = used.report(page.view, str(request.capacity))
    return output


def _whole(here: Here, page: Page, entry: bytes) -> bytes:
    """The item that an index entry stands for."""
    record = here.tx.get(layout.item_key(page.view, records.item_of(entry)))
    assert record is not None, "an index entry has an item"
    return record


def _shown(record: bytes, request: Request) -> Item | msgspec.Raw | None:
    """What the record contributes, or None if the filter leaves it out."""
    if request.filter is None and request.projection is None:
        return records.raw_of(record)
    item = records.item_of(record)
    if request.filter is not None and not request.filter.evaluate(item, request.values):
        return None
    if request.projection is not None:
        return request.projection.project(item)
    return records.raw_of(record)


def _consumption(page: Page, request: Request, size: int, fetched: float) -> Consumption:
    """`fetched`: the units of the items that were fetched, each by itself; what is read of a range counts as one."""
    units = read_units(size, request.consistent)
    return Consumption(units) if page.index is None else Consumption(fetched, {page.index.index.name: units})
