"""Time to live: items that have expired are deleted, some time after.

While a table has an attribute for it, every write keeps the item's moment in a key space of its own, in order of
time, so that a pass reads what is due and nothing else. Turning it on fills that space from the items that are
there. An entry is a hint: the item itself is asked before it is deleted.

In a replicated table the region that wrote an item last deletes it, and the deletion replicates; the others do it
only when that has not come for a while, as when that region is lost.
"""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

from panregion.languages.dynamodb import Item
from panregion.services.dynamodb import layout, records, writing
from panregion.services.dynamodb.model import TableView
from panregion.services.dynamodb.moments import entry_key, moment
from panregion.services.here import Here
from panregion.store import Key

OLDEST_S = 5 * 365.25 * 24 * 3600
"""An item that expired longer ago than this is not deleted: its time is more likely a mistake."""

OTHERS_WAIT_S = 60.0
STEP_ITEMS = 100
FILL_ITEMS = 500


async def expire(here: Here) -> int:
    """Delete what has expired in this region's tables; returns how many items."""
    total = 0
    for name, entries in here.read(_tables_due).items():
        for place in range(0, len(entries), STEP_ITEMS):
            step = entries[place : place + STEP_ITEMS]
            total += await here.transact(partial(_expire, name=name, entries=step))
    return total


def _tables_due(here: Here) -> dict[str, list[Key]]:
    """What to delete, by table: keys of entries."""
    found = {}
    for view in layout.tables(here.tx):
        if view.expiry is not None and view.stable and not view.table.strong:
            due = [entry for entry in _due(here, view) if _ours(here, view, entry)]
            if due:
                found[view.table.name] = due
    return found


def _due(here: Here, view: TableView) -> Iterator[Key]:
    now = int(here.now())
    space = (layout.EXPIRIES, view.table.number)
    for key, _ in here.tx.range((*space, int(now - OLDEST_S)), (*space, now)):
        yield key


def _ours(here: Here, view: TableView, entry: Key) -> bool:
    """Whether this region is to delete the item."""
    if not view.table.replicated:
        return True
    record = here.tx.get((layout.ITEMS, entry[1], *entry[3:]))
    if record is None or here.now() > float(entry[2]) + OTHERS_WAIT_S:
        return True
    return records.envelope_of(record).stamp.origin in ("", here.region)


def _expire(here: Here, name: str, entries: list[Key]) -> int:
    view = layout.read_table(here.tx, name)
    if view is None or view.expiry is None:
        return 0
    count = 0
    for entry in entries:
        key: Key = (layout.ITEMS, entry[1], *entry[3:])
        before = writing.read(here.tx, key)
        if before.item is not None and moment(before.item, view.expiry) == entry[2]:
            writing.delete(here, view, key, before, expired=True)
            count += 1
        here.tx.delete(entry)
    return count


# Work: the attribute was turned on or off


async def fill(here: Here, payload: dict[str, Any]) -> None:
    """Keep the moments of the items that are there; writes meanwhile keep their own."""
    after: Key | None = None
    while True:
        after = await here.transact(partial(_fill_step, payload=payload, after=after))
        if after is None:
            return


def _fill_step(here: Here, payload: dict[str, Any], after: Key | None) -> Key | None:
    view = layout.read_table(here.tx, payload["name"])
    if view is None or view.table.id != payload["id"] or view.expiry is None:
        return None
    items = list(islice(here.tx.prefix((layout.ITEMS, view.table.number), after=after), FILL_ITEMS))
    for key, record in items:
        _keep(here, view.expiry, key, records.item_of(record))
    return items[-1][0] if len(items) == FILL_ITEMS else None


def _keep(here: Here, attribute: str, key: Key, item: Item) -> None:
    when = moment(item, attribute)
    if when is not None:
        here.tx.put(entry_key(key, when), b"")


async def clear(here: Here, payload: dict[str, Any]) -> None:
    """Forget all moments, unless they are wanted again."""
    while await here.transact(partial(_clear_step, payload=payload)):
        pass


def _clear_step(here: Here, payload: dict[str, Any]) -> bool:
    view = layout.read_table(here.tx, payload["name"])
    if view is None or view.table.id != payload["id"] or view.expiry is not None:
        return False
    keys = [key for key, _ in islice(here.tx.prefix((layout.EXPIRIES, view.table.number)), FILL_ITEMS)]
    for key in keys:
        here.tx.delete(key)
    return len(keys) == FILL_ITEMS


WORK = {"dynamodb.fill-expiries": fill, "dynamodb.clear-expiries": clear}
