"""BatchGetItem and BatchWriteItem where strong tables are among theirs.

The whole request is tried out first, so that what AWS refuses is refused before anything is done. Then the strong
tables' writes are proposed one by one, at the same time, and the other tables' go as one ordinary request. Writes that
another region was in the way of come back unprocessed; if that is all of them, the error does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from panregion.replication.register import Done
from panregion.services.dynamodb import layout
from panregion.services.dynamodb.checks import find_table
from panregion.services.dynamodb.model import TableView
from panregion.services.dynamodb.strong_captive import Captive
from panregion.services.dynamodb.strong_outcomes import refusal
from panregion.services.here import Here
from panregion.store import Key, pack
from panregion.wire import AwsError

if TYPE_CHECKING:
    from panregion.services.dynamodb.strong import StrongTables

Function = Callable[..., dict[str, Any]]
Params = dict[str, Any]
Output = dict[str, Any]


def _tables(here: Here, names: list[str]) -> dict[str, TableView]:
    """The strong ones among them, by the names that were given."""
    free = here.within(Captive(here.tx))
    found = {name: find_table(free, name) for name in names}
    return {name: view for name, view in found.items() if view.table.strong}


async def get(tables: StrongTables, here: Here, function: Function, params: Params) -> Output:
    asked = params["request_items"]
    strong = here.read(lambda here: _tables(here, list(asked)))
    consistent = [view for name, view in strong.items() if asked[name].get("ConsistentRead")]
    return await tables.read_items(here, consistent, lambda here: function(here, **params))


async def write(tables: StrongTables, here: Here, function: Function, params: Params) -> Output:
    asked = params["request_items"]
    strong = here.read(lambda here: _tables(here, list(asked)))
    output, planned = here.read(lambda here: _planned(here, function, params, strong))
    outcomes = await asyncio.gather(*(_write(tables, view, key, data) for view, key, data in planned.values()))
    errors = {place: error for place, error in zip(planned, outcomes, strict=True) if error is not None}
    ordinary = {name: requests for name, requests in asked.items() if name not in strong}
    if errors and len(errors) == len(planned) and not ordinary:
        raise next(iter(errors.values()))
    if ordinary:
        await here.transact(lambda here: function(here, **{**params, "request_items": ordinary}))
    for name, number in errors:
        output["UnprocessedItems"].setdefault(name, []).append(asked[name][number])
    return output


Place = tuple[str, int]
Planned = dict[Place, tuple[TableView, Key, bytes | None]]


def _planned(here: Here, function: Function, params: Params, strong: dict[str, TableView]) -> tuple[Output, Planned]:
    """The request tried out whole: its output, and what becomes of each item of a strong table."""
    captive = Captive(here.tx)
    output = function(here.within(captive), **params)
    planned: Planned = {}
    for name, view in strong.items():
        for number, request in enumerate(params["request_items"][name]):
            put = request.get("PutRequest")
            key = layout.item_key(view, put["Item"] if put else request["DeleteRequest"]["Key"])
            record = captive.get(key) if put else None
            planned[name, number] = (view, key, None if record is None else record[1:])
    return output, planned


async def _write(tables: StrongTables, view: TableView, key: Key, data: bytes | None) -> AwsError | None:
    """Propose one item; what stood in the way, if anything did."""
    outcome = await tables.registers.change(str(view.table.global_id), pack(key[2:]), lambda _: data)
    if isinstance(outcome, Done):
        return None
    return refusal(outcome)
