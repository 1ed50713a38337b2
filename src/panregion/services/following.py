"""What the edge asks of a service's home region: what there is, and what changes.

A service that the edge follows publishes every change of what its data plane must know to one feed, in the
transaction that makes it, and answers the internal operation `panregion:Changes` with what follows a position.
Where the asker is too far behind, or knew another store than this one, it gets a snapshot instead. Its question
also says what it has seen, which tells whether a change has arrived there (`Followed.seen`).

    FOLLOWED = Followed("route53", snapshot=lambda here: msgspec.msgpack.encode(layout.snapshot(here)))

    async def changes(here: Here, epoch: str, after: int, wait_s: float = 0.0) -> dict[str, Any]:
        return await FOLLOWED.changes(here, epoch, after, wait_s)       # in the service's internal.py

    sequence = here.publish(FOLLOWED.feed, record)                      # where something changes

Records and the snapshot are bytes of the service's own making; `edge.follower` hands them to a book as they are.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from panregion.services.here import Here

PAGE_RECORDS = 1000
KEPT_RECORDS = 10_000
WAIT_MAX_S = 30.0


class Followed:
    """One service's feed for the edge. `feed` is its name; the epoch lies at ("<service>", "epoch")."""

    def __init__(self, service: str, snapshot: Callable[[Here], bytes]) -> None:
        self.feed = service
        self._epoch_key = (service, "epoch")
        self._snapshot = snapshot
        self._seen: dict[str, int] = {}
        """By store (its epoch): the position that the edge last asked from. Lost with the process, and told again."""

    async def changes(self, here: Here, epoch: str, after: int, wait_s: float = 0.0) -> dict[str, Any]:
        """What follows position `after`: {"epoch", "head", "records"} or {"epoch", "head", "snapshot"}.

        Waits up to `wait_s` for something to follow.
        """
        store = here.store
        own = here.read(self._epoch)
        if own is None:
            own = await here.transact(self._name_store)
        known = epoch == own and store.tail(self.feed) - 1 <= after <= store.head(self.feed)
        if not known:
            self._seen[own] = 0
            found, head = here.read(lambda h: (self._snapshot(h), store.head(self.feed)))
            return {"epoch": own, "head": head, "snapshot": found}
        self._seen[own] = after
        if after == store.head(self.feed) and wait_s > 0:
            await self._wait(here, after, min(wait_s, WAIT_MAX_S))
        records = store.records(self.feed, after, PAGE_RECORDS)
        if store.head(self.feed) - store.tail(self.feed) > KEPT_RECORDS:
            await store.trim(self.feed, min(after, store.head(self.feed) - KEPT_RECORDS))
        head = records[-1][0] if records else after
        return {"epoch": own, "head": head, "records": [record for _, record in records]}

    def seen(self, here: Here, sequence: int) -> bool:
        """Whether the edge has the feed's record of that number; true as long as no edge has asked."""
        seen = self._seen.get(self._epoch(here) or "")
        return seen is None or seen >= sequence

    def _epoch(self, here: Here) -> str | None:
        value = here.tx.get(self._epoch_key)
        return None if value is None else msgspec.msgpack.decode(value, type=str)

    def _name_store(self, here: Here) -> str:
        """Give this store a name of its own, so that a new one in its place is noticed."""
        name = self._epoch(here) or here.world.chance.uuid()
        here.tx.put(self._epoch_key, msgspec.msgpack.encode(name))
        return name

    async def _wait(self, here: Here, after: int, wait_s: float) -> None:
        """Until something follows, the time is over or the region stops."""
        changed = asyncio.ensure_future(here.store.changed(self.feed, after))
        pause = asyncio.ensure_future(here.world.clock.sleep(wait_s))
        closing = asyncio.ensure_future(here.closing.wait())
        try:
            await asyncio.wait({changed, pause, closing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in (changed, pause, closing):
                waiting.cancel()
