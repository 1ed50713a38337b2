"""Stamped items: a write made here on its way to the other regions, and where items and tombstones lie."""

from panregion.replication import Envelope, Site, decode_envelope, encode_envelope, replica
from panregion.services.dynamodb import layout, records
from panregion.services.dynamodb.model import TableView
from panregion.services.here import Here
from panregion.store import Key, Transaction, pack


def write_local(here: Here, view: TableView, key: Key, image: bytes | None, record: bytes | None) -> None:
    """Store an item (None: a tombstone) with a new stamp, and tell the other regions, in one transaction."""
    site = Site(here.region, here.running["dynamodb"].clock, int(here.now() * 1000))
    before = envelope_at(here.tx, key, record)
    after = replica.write(here.tx, site, view.table.feed, pack(key[2:]), image, before)
    store_at(here.tx, key, after, before)


def envelope_at(tx: Transaction, key: Key, record: bytes | None) -> Envelope | None:
    """The item or the tombstone at a key."""
    if record is not None:
        return records.envelope_of(record)
    buried = tx.get(layout.tombstone_key(key))
    return None if buried is None else decode_envelope(buried)


def store_at(tx: Transaction, key: Key, after: Envelope, before: Envelope | None) -> None:
    """Put an item or its tombstone where it belongs, in place of what was there."""
    if after.deleted:
        tx.put(layout.tombstone_key(key), encode_envelope(after))
        if before is not None and not before.deleted:
            tx.delete(key)
        return
    tx.put(key, encode_envelope(after))
    if before is not None and before.deleted:
        tx.delete(layout.tombstone_key(key))
