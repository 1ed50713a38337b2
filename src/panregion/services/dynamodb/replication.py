"""How a replicated table's items look to the replication room, and the writes made here on their way to it."""

from weakref import WeakKeyDictionary

from panregion.replication import (
    Envelope,
    HybridLogicalClock,
    Site,
    decode_envelope,
    encode_envelope,
    replica,
)
from panregion.services.dynamodb import layout, records
from panregion.services.dynamodb.model import TableView
from panregion.services.here import Here
from panregion.store import Key, Store, Transaction, pack

_CLOCKS: WeakKeyDictionary[Store, HybridLogicalClock] = WeakKeyDictionary()


def clock_of(here: Here) -> HybridLogicalClock:
    """The region's one hybrid clock, shared by all its tables."""
    clock = _CLOCKS.get(here.store)
    if clock is None:
        clock = _CLOCKS[here.store] = HybridLogicalClock(here.world.clock.now)
    return clock


def site_of(here: Here) -> Site:
    return Site(here.region, clock_of(here), int(here.now() * 1000))


def key_bytes(key: Key) -> bytes:
    """An item's key as all regions know it: without the table's number, in the order of the store."""
    return pack(key[2:])


def write_local(here: Here, view: TableView, key: Key, image: bytes | None, record: bytes | None) -> None:
    """Store an item (None: a tombstone) with a new stamp, and tell the other regions, in one transaction."""
    tombstone = layout.tombstone_key(key)
    before = _envelope(here.tx, record, tombstone)
    after = replica.write(here.tx, site_of(here), view.table.feed, key_bytes(key), image, before)
    _store(here.tx, key, tombstone, after, before)


def _envelope(tx: Transaction, record: bytes | None, tombstone: Key) -> Envelope | None:
    if record is not None:
        return records.envelope_of(record)
    buried = tx.get(tombstone)
    return None if buried is None else decode_envelope(buried)


def _store(tx: Transaction, key: Key, tombstone: Key, after: Envelope, before: Envelope | None) -> None:
    if after.deleted:
        tx.put(tombstone, encode_envelope(after))
        tx.delete(key)
        return
    tx.put(key, encode_envelope(after))
    if before is not None and before.deleted:
        tx.delete(tombstone)
