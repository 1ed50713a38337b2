"""The simplest replicated table there can be: a shelf of named values. For tests and for the simulator."""

import asyncio
from collections.abc import Iterator, Mapping

from panregion.replication import Envelope, Feed, Site, decode_envelope, encode_envelope, replica
from panregion.store import Store, Transaction

SPACE = "shelf"


class Shelf:
    """`Items` over the space "shelf"; keeps what a user sees and nothing else."""

    def __init__(self, feed: str) -> None:
        self._feed = feed

    def get(self, tx: Transaction, key: bytes) -> Envelope | None:
        data = tx.get((SPACE, self._feed, key))
        return None if data is None else decode_envelope(data)

    def put(self, tx: Transaction, key: bytes, after: Envelope, before: Envelope | None) -> None:
        tx.put((SPACE, self._feed, key), encode_envelope(after))

    def restamp(self, tx: Transaction, key: bytes, after: Envelope) -> None:
        self.put(tx, key, after, None)

    def remove(self, tx: Transaction, key: bytes, before: Envelope) -> None:
        tx.delete((SPACE, self._feed, key))

    def scan(self, tx: Transaction, after: bytes | None) -> Iterator[tuple[bytes, Envelope]]:
        past = None if after is None else (SPACE, self._feed, after)
        for key, data in tx.prefix((SPACE, self._feed), after=past):
            name = key[2]
            assert isinstance(name, bytes)
            yield name, decode_envelope(data)


def write(tx: Transaction, site: Site, feed: str, key: bytes, value: bytes | None) -> Envelope | None:
    """Put a value, or delete what is there (None if nothing is), as a service does it."""
    shelf = Shelf(feed)
    before = shelf.get(tx, key)
    if value is None and (before is None or before.deleted):
        return None
    after = replica.write(tx, site, feed, key, value, before)
    shelf.put(tx, key, after, before)
    return after


def shown(tx: Transaction, feed: str) -> dict[bytes, bytes]:
    """What users see."""
    return {key: item.value for key, item in Shelf(feed).scan(tx, None) if item.value is not None}


class ShelfHooks:
    """Hooks over a plain dictionary of feeds."""

    def __init__(self, store: Store, feeds: Mapping[str, Feed]) -> None:
        self._store = store
        self.table = dict(feeds)
        self.changed = asyncio.Event()

    def feeds(self) -> Mapping[str, Feed]:
        return dict(self.table)

    def items(self, tx: Transaction, feed: str) -> Shelf:
        return Shelf(feed)

    def copied(self, tx: Transaction, feed: str) -> None:
        self.table[feed] = self.table[feed]._replace(source=None)

    def set(self, feed: str, state: Feed | None) -> None:
        if state is None:
            del self.table[feed]
        else:
            self.table[feed] = state
        self.changed.set()
