"""A region's tables as the replication room sees them.

Tombstones lie apart from the items, so that no read of a user ever meets one.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from heapq import merge
from urllib.parse import parse_qsl

import msgspec

from panregion.replication import (
    Envelope,
    Feed,
    HybridLogicalClock,
    Items,
    ReplicationSettings,
    Replicator,
    encode_envelope,
)
from panregion.services.dynamodb import layout, ledger, records, versions, writing
from panregion.services.dynamodb.migrations import migrate
from panregion.services.dynamodb.model import TableView
from panregion.services.dynamodb.stamps import envelope_at, store_at
from panregion.services.dynamodb.strong import StrongTables
from panregion.services.dynamodb.tending import Tending
from panregion.services.here import Here
from panregion.services.service import Running
from panregion.store import Key, Transaction, pack, unpack
from panregion.world import Request, Response

FEED_PREFIX = "dynamodb/replication/"
ROUTES = ("feeds/follow", "feeds/acknowledge", "snapshot")


class TableItems(Items):
    """One table's items, within one transaction. Their keys are the store's, packed, without the table's number."""

    def __init__(self, view: TableView, now: Callable[[], float]) -> None:
        self._view = view
        self._now = now
        self._last: tuple[bytes, Key] | None = None
        self._buried: bool | None = None

    def _key(self, key: bytes) -> Key:
        if self._last is not None and self._last[0] == key:
            return self._last[1]  # an item is asked for, and then written
        place: Key = (layout.ITEMS, self._view.table.number, *unpack(key))
        self._last = (key, place)
        return place

    def get(self, tx: Transaction, key: bytes) -> Envelope | None:
        place = self._key(key)
        record = tx.get(place)
        return None if record is None and not self._any_tombstone(tx) else envelope_at(tx, place, record)

    def _any_tombstone(self, tx: Transaction) -> bool:
        """Whether it is worth looking for one: where none is kept, one look serves a whole batch."""
        if self._buried is None:
            self._buried = next(iter(tx.values((layout.TOMBSTONES, self._view.table.number))), None) is not None
        return self._buried

    def put(self, tx: Transaction, key: bytes, after: Envelope, before: Envelope | None) -> None:
        place = self._key(key)
        if after.deleted:
            self._buried = True
        store_at(tx, place, after, before)
        self._follow(tx, place, before.value if before is not None else None, after.value)

    def restamp(self, tx: Transaction, key: bytes, after: Envelope) -> None:
        place = self._key(key)
        tx.put(layout.tombstone_key(place) if after.deleted else place, encode_envelope(after))

    def remove(self, tx: Transaction, key: bytes, before: Envelope) -> None:
        place = self._key(key)
        tx.delete(layout.tombstone_key(place) if before.deleted else place)
        self._follow(tx, place, before.value, None)

    def scan(self, tx: Transaction, after: bytes | None) -> Iterator[tuple[bytes, Envelope]]:
        return merge(self._below(tx, layout.ITEMS, after), self._below(tx, layout.TOMBSTONES, after), key=_first)

    def _below(self, tx: Transaction, space: str, after: bytes | None) -> Iterator[tuple[bytes, Envelope]]:
        prefix: Key = (space, self._view.table.number)
        last = None if after is None else (*prefix, *unpack(after))
        for key, data in tx.prefix(prefix, after=last):
            yield pack(key[2:]), records.envelope_of(data)

    def _follow(self, tx: Transaction, place: Key, old: bytes | None, new: bytes | None) -> None:
        if not self._view.followed:
            return
        old_item = None if old is None else records.item_of_image(old)
        new_item = None if new is None else records.item_of_image(new)
        old_size = 0 if old is None else records.size_of_image(old)
        writing.follow(tx, self._now(), self._view, place, old_item, new_item, new or b"", old_size=old_size)


def _first(pair: tuple[bytes, Envelope]) -> bytes:
    return pair[0]


class TableHooks:
    """What the replicator asks of DynamoDB."""

    def __init__(self, here: Here) -> None:
        self.changed = asyncio.Event()
        self._here = here

    def feeds(self) -> Mapping[str, Feed]:
        return self._here.store.read(_feeds)

    def items(self, tx: Transaction, feed: str) -> Items:
        view = layout.replicated_table(tx, feed.removeprefix(FEED_PREFIX))
        assert view is not None, "feeds() names only tables that are here"
        return TableItems(view, self._here.now)

    def copied(self, tx: Transaction, feed: str) -> None:
        """The copy is whole: the table can be used, and the other regions are told."""
        view = layout.replicated_table(tx, feed.removeprefix(FEED_PREFIX))
        if view is None or view.table.copy_from is None:
            return
        table = msgspec.structs.replace(view.table, status="ACTIVE", copy_from=None)
        layout.put_table(tx, table)
        here = self._here.within(tx)
        for other in table.replicas:
            here.later(
                "dynamodb.tell",
                {
                    "region": other.region,
                    "operation": "ReplicaIsActive",
                    "params": {"GlobalId": table.global_id, "RegionName": here.region},
                },
            )


def _feeds(tx: Transaction) -> dict[str, Feed]:
    return {
        view.table.feed: Feed(_peers(view), view.table.copy_from)
        for view in layout.tables(tx)
        if view.table.replicated and view.table.status != "DELETING"
    }


def _peers(view: TableView) -> frozenset[str]:
    return frozenset(
        other.region for other in view.table.replicas if other.status not in ("CREATION_FAILED", "DELETING")
    )


@dataclass
class Replication:
    """A region's replication of tables, running."""

    clock: HybridLogicalClock
    hooks: TableHooks
    replicator: Replicator = field(repr=False)
    strong: StrongTables = field(repr=False)


async def start(here: Here) -> Running:
    """Begin to follow the other regions."""
    await migrate(here)
    hooks = TableHooks(here)
    clock = HybridLogicalClock(here.world.clock.now)
    peers = {region: here.settings.endpoint(region) for region in here.settings.regions if region != here.region}
    given = here.settings.replication
    settings = ReplicationSettings(
        feed_records_max=given.feed_records_max,
        feed_keep_s=given.feed_keep_s,
        tombstone_keep_s=given.tombstone_keep_s,
    )
    replicator = Replicator(here.region, peers, here.dispatch.client, here.store, here.world, hooks, clock, settings)
    strong = StrongTables(here)
    here.running["dynamodb"] = Replication(clock, hooks, replicator, strong)
    await replicator.start()
    strong.registers.start()
    tending = Tending(here)

    async def arrival(request: Request) -> Response:
        """GET /_panregion/arrival?feed=&from=REGION&sequence=: whether that record of a peer's feed is here."""
        query = dict(parse_qsl(request.query))
        sequence = query.get("sequence", "")
        told = replicator.arrival(
            query.get("feed", ""), query.get("from", ""), int(sequence) if sequence.isdigit() else 0
        )
        return Response(200, [("Content-Type", "application/json")], msgspec.json.encode(told))

    async def stop() -> None:
        await tending.close()
        await strong.registers.close()
        await replicator.close()

    return Running(
        stop=stop,
        routes={
            **dict.fromkeys(ROUTES, replicator.handle),
            "conflicts": partial(ledger.serve, here),
            "items": partial(versions.serve, here),
            "registers": strong.handle,
            "arrival": arrival,
        },
        health=lambda: {
            "replication": replicator.health(),
            "replication_heads": replicator.heads(),
            "replicated_tables": here.store.read(ledger.replicated_tables),
        },
    )
