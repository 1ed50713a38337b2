"""What happens to tables later: states end, indexes are filled, items of deleted tables are removed.

Every handler names a table by name and id, so work that outlived its table, or is done twice, does nothing.
Long work goes in steps of a bounded number of items, a transaction each.
"""

from functools import partial
from itertools import islice
from typing import Any

import msgspec

from panregion.services.dynamodb import (
    backups,
    expiry,
    exports,
    global_tables,
    imports,
    journal,
    layout,
    recall,
    records,
    restores,
    strong_tables,
    writing,
)
from panregion.services.dynamodb.model import Index, Table, TableView
from panregion.services.here import Here
from panregion.store import Key

Payload = dict[str, Any]

STEP_ITEMS = 500


def _table(here: Here, payload: Payload) -> TableView | None:
    view = layout.read_table(here.tx, payload["name"])
    return view if view is not None and view.table.id == payload["id"] else None


async def activate(here: Here, payload: Payload) -> None:
    """CREATING or UPDATING ends."""
    await here.transact(lambda here: _activate(here, payload))


def _activate(here: Here, payload: Payload) -> None:
    view = _table(here, payload)
    if view is None or view.table.status == "DELETING":
        return
    indexes = tuple(_settled(index) for index in view.table.indexes)
    table = msgspec.structs.replace(view.table, indexes=indexes)
    if table.status == "CREATING" and table.copy_from is None:
        table = msgspec.structs.replace(table, status="ACTIVE")
    layout.put_table(here.tx, global_tables.settled(table))


def _settled(index: Index) -> Index:
    if index.backfilling or index.status == "DELETING":
        return index
    return msgspec.structs.replace(index, status="ACTIVE")


async def delete(here: Here, payload: Payload) -> None:
    """DELETING ends: the name is free at once, the items go in steps."""
    await here.transact(lambda here: _delete_definition(here, payload))
    here.running["dynamodb"].hooks.changed.set()


def _delete_definition(here: Here, payload: Payload) -> None:
    view = _table(here, payload)
    if view is None or view.table.status != "DELETING":
        return
    if view.table.replicated:
        global_tables.tell_all(here, view.table, "RemovePeer", RegionName=here.region)
    if view.table.recovery_from is None:
        global_tables.remove_table(here, view.table)
    else:
        backups.keep_deleted(here, view.table, global_tables.remove_definition(here, view.table))


async def purge(here: Here, payload: Payload) -> None:
    """Remove everything below key prefixes."""
    for prefix in payload["prefixes"]:
        while await here.transact(partial(_purge_step, prefix=tuple(prefix))):
            pass


def _purge_step(here: Here, prefix: Key) -> bool:
    keys = [key for key, _ in islice(here.tx.prefix(prefix), STEP_ITEMS)]
    for key in keys:
        here.tx.delete(key)
    return len(keys) == STEP_ITEMS


async def backfill(here: Here, payload: Payload) -> None:
    """Fill a new index from the items that are there; writes meanwhile keep it themselves."""
    after: Key | None = None
    while True:
        after = await here.transact(partial(_backfill_step, payload=payload, after=after))
        if after is None:
            return


def _backfill_step(here: Here, payload: Payload, after: Key | None) -> Key | None:
    """Index some items; returns the last one's key, or None at the end."""
    view = _table(here, payload)
    if view is None:
        return None
    index = next((index for index in view.indexes if index.index.number == payload["index"]), None)
    if index is None:
        return None
    items = list(islice(here.tx.prefix((layout.ITEMS, view.table.number), after=after), STEP_ITEMS))
    for key, record in items:
        writing.index_item(here.tx, index, key, records.item_of(record))
    if len(items) == STEP_ITEMS:
        return items[-1][0]
    _finish_backfill(here, view.table, payload["index"])
    return None


def _finish_backfill(here: Here, table: Table, number: int) -> None:
    indexes = tuple(
        msgspec.structs.replace(index, backfilling=False, status="ACTIVE") if index.number == number else index
        for index in table.indexes
    )
    layout.put_table(here.tx, global_tables.settled(msgspec.structs.replace(table, indexes=indexes)))


async def drop_index(here: Here, payload: Payload) -> None:
    """An index's DELETING ends."""
    await here.transact(lambda here: _drop_index(here, payload))


def _drop_index(here: Here, payload: Payload) -> None:
    view = _table(here, payload)
    if view is None:
        return
    table = view.table
    indexes = tuple(index for index in table.indexes if index.number != payload["index"])
    used = {*table.schema.names, *(name for index in indexes for name in index.schema.names)}
    attributes = {name: kind for name, kind in table.attributes.items() if name in used}
    status = "ACTIVE" if table.status == "UPDATING" else table.status
    layout.put_table(here.tx, msgspec.structs.replace(table, indexes=indexes, attributes=attributes, status=status))
    here.later("dynamodb.purge", {"prefixes": [[layout.INDEXES, table.number, payload["index"]]]})


WORK = {
    **global_tables.WORK,
    **expiry.WORK,
    **strong_tables.WORK,
    **recall.WORK,
    "dynamodb.activate": activate,
    "dynamodb.delete": delete,
    "dynamodb.purge": purge,
    "dynamodb.backfill": backfill,
    "dynamodb.drop-index": drop_index,
    "dynamodb.backup": backups.backup_work,
    "dynamodb.restore": restores.restore_work,
    "dynamodb.trim-journal": journal.trim,
    "dynamodb.export": exports.export_work,
    "dynamodb.import": imports.import_work,
}
