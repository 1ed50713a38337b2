"""What a table's items were before each change: kept for point in time recovery, and while a backup is made.

A journal is a feed of the store, so its order is the order of the commits, whatever the clock did. An entry says
when, which item, and what it was. To know the items at an earlier moment, take those of now and undo the entries
since, the latest first. A table without a journal pays nothing: `writing` asks a flag that it asks anyway.
"""

import msgspec

from panregion.languages.dynamodb import Item, measure_item
from panregion.services.dynamodb import layout, records
from panregion.services.dynamodb.model import Table
from panregion.services.here import Here
from panregion.store import Key, Store, Transaction, pack

TRIM_EVERY_S = 3600.0
DAY_S = 86_400.0


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """`key` is the item's place below its table, packed; empty for a mark. `before` is its image, None for no item."""

    time: float
    key: bytes
    before: bytes | None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


def note(tx: Transaction, feed: str, key: Key, old: Item | None, now: float) -> None:
    """Remember what an item was, in the transaction that changes it."""
    before = None if old is None else records.image(old, measure_item(old))
    tx.publish(feed, _encode(Entry(now, pack(key[2:]), before)))


def mark(here: Here, table: Table) -> int:
    """The place of this moment in the table's journal."""
    assert table.journal is not None, "marks are made in journals"
    return here.publish(table.journal, _encode(Entry(here.now(), b"", None)))


def with_journal(here: Here, table: Table) -> Table:
    """The table with a journal if it needs one, and without if it does not."""
    wanted = table.recovery_from is not None or table.copies > 0
    if wanted and table.journal is None:
        return msgspec.structs.replace(table, journal=f"dynamodb/journal/{here.world.chance.uuid()}")
    if not wanted and table.journal is not None:
        here.later("dynamodb.purge", {"prefixes": [["feeds", table.journal]]})
        return msgspec.structs.replace(table, journal=None)
    return table


def entries(store: Store, feed: str, after: int, limit: int) -> list[tuple[int, Entry]]:
    return [(place, _decode(record)) for place, record in store.records(feed, after, limit)]


def first_after(store: Store, feed: str, time: float) -> int:
    """The place of the first entry that is later than `time`; one past the last if none is."""
    low, high = store.tail(feed), store.head(feed) + 1
    while low < high:
        middle = (low + high) // 2
        if entries(store, feed, middle - 1, 1)[0][1].time <= time:
            low = middle + 1
        else:
            high = middle
    return low


async def trim(here: Here, payload: dict[str, str]) -> None:
    """Work: drop what is older than the recovery period, again every hour as long as the journal is in use."""
    view = here.read(lambda here: layout.read_table(here.tx, payload["name"]))
    if view is None or view.table.journal != payload["feed"]:
        return
    oldest = here.now() - view.table.recovery_days * DAY_S - TRIM_EVERY_S
    await here.store.trim(payload["feed"], first_after(here.store, payload["feed"], oldest) - 1)
    await here.transact(lambda here: here.later("dynamodb.trim-journal", payload, here.now() + TRIM_EVERY_S))
