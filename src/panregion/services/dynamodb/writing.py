"""One item written, and all that follows from it in the same transaction: index entries, times
of expiry, stream records, replication.

A plain table (none of these) is the fast case: one put, and the item that was there is not even read
unless something asks for it.
"""

from dataclasses import dataclass, field

from panregion.languages.dynamodb import Item, measure_item
from panregion.services.dynamodb import journal, layout, metering, moments, records, stamps
from panregion.services.dynamodb.capacity import Consumption, write_units
from panregion.services.dynamodb.model import IndexView, TableView
from panregion.services.dynamodb.streams import recording
from panregion.services.here import Here
from panregion.store import Key, Transaction


@dataclass(slots=True)
class Before:
    """What lies at a key before a write; decoded once, when it is first wanted."""

    record: bytes | None
    _item: Item | None = field(default=None)

    @property
    def item(self) -> Item | None:
        if self._item is None and self.record is not None:
            self._item = records.item_of(self.record)
        return self._item

    @property
    def size(self) -> int:
        return 0 if self.record is None else records.size_of(self.record)


def read(tx: Transaction, key: Key) -> Before:
    return Before(tx.get(key))


def put(here: Here, view: TableView, key: Key, item: Item, size: int, before: Before | None) -> None:
    """Write an item that has passed all checks. `before` may be left out of a plain table's write."""
    if here.settings.dynamodb.enforce_throughput:
        before = before or read(here.tx, key)
        metering.spend(here, view, "Write", consumption(view, key, before, item, size))
    if view.plain:
        here.tx.put(key, records.plain(item, size))
        return
    image = records.image(item, size)
    if before is None:
        before = read(here.tx, key)
    if view.table.replicated:
        stamps.write_local(here, view, key, image, before.record)
    else:
        here.tx.put(key, records.PLAIN + image)
    if view.followed:
        follow(here.tx, here.now(), view, key, before.item, item, image, old_size=before.size)


def delete(here: Here, view: TableView, key: Key, before: Before, *, expired: bool = False) -> None:
    """Delete an item; of one that does not exist, nothing. `expired`: nobody asked, its time has come."""
    if before.record is None:
        return
    if here.settings.dynamodb.enforce_throughput and not expired:
        metering.spend(here, view, "Write", consumption(view, key, before, None, 0))
    if view.table.replicated:
        stamps.write_local(here, view, key, None, before.record)
    else:
        here.tx.delete(key)
    if view.followed:
        follow(here.tx, here.now(), view, key, before.item, None, b"", old_size=before.size, expired=expired)


def follow(
    tx: Transaction,
    now: float,
    view: TableView,
    key: Key,
    old: Item | None,
    new: Item | None,
    image: bytes,
    *,
    old_size: int,
    expired: bool = False,
) -> None:
    """What a change of an item brings with it, wherever it was made. `image` is the new item's."""
    if view.indexes:
        change_indexes(tx, view, key, old, new, image)
    if view.expiry is not None:
        moments.follow(tx, view.expiry, key, old, new)
    if view.table.journal is not None:
        journal.note(tx, view.table.journal, key, old, now)
    if view.table.stream is not None:
        change = recording.Change(old, new, old_size, records.size_of_image(image))
        recording.record(tx, now, view, key, change, expired)


def change_indexes(
    tx: Transaction, view: TableView, key: Key, old: Item | None, new: Item | None, image: bytes
) -> None:
    """Bring every index from the old item to the new one. `image` is the new item's, for indexes that keep all."""
    for index in view.indexes:
        old_key = _place(index, old, key)
        new_key = _place(index, new, key)
        if old_key is not None and old_key != new_key:
            tx.delete(old_key)
        if new_key is not None and new is not None:
            tx.put(new_key, records.PLAIN + (image if index.kept is None else _entry_image(index, new)))


def _place(index: IndexView, item: Item | None, key: Key) -> Key | None:
    if item is None or not index.key.in_(item):
        return None
    return layout.index_key(index, item, key)


def _entry_image(index: IndexView, item: Item) -> bytes:
    entry = index.entry(item)
    return records.image(entry, measure_item(entry))


def consumption(view: TableView, key: Key, before: Before, new: Item | None, size: int) -> Consumption:
    """What a write consumed of the table and of each index."""
    used = Consumption(write_units(before.size, size))
    for index in view.indexes:
        units = _index_units(index, key, before.item, new)
        if units:
            used.indexes[index.index.name] = units
    return used


def _index_units(index: IndexView, key: Key, old: Item | None, new: Item | None) -> float:
    old_key, new_key = _place(index, old, key), _place(index, new, key)
    old_entry = index.entry(old) if old is not None and old_key is not None else None
    new_entry = index.entry(new) if new is not None and new_key is not None else None
    if old_entry == new_entry:
        return 0.0
    sizes = [measure_item(entry) for entry in (old_entry, new_entry) if entry is not None]
    if len(sizes) == 2 and old_key != new_key:
        return write_units(sizes[0]) + write_units(sizes[1])
    return write_units(*sizes)


def index_item(tx: Transaction, index: IndexView, key: Key, item: Item) -> None:
    """Put one item's entry into an index."""
    place = _place(index, item, key)
    if place is not None:
        tx.put(place, records.PLAIN + _entry_image(index, item))
