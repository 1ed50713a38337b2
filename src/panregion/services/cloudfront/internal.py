"""What the edge asks of CloudFront's home region: what there is, and what changes.

The edge holds a position in the feed and asks for what follows. Where it is too far behind, or this is another
store than the one it knew, it gets a snapshot instead. Its question also says what it has seen, which is how a
distribution comes to be deployed and an invalidation completed; until any edge has asked, both are so at once.
"""

import asyncio
from typing import Any

import msgspec

from panregion.services.cloudfront import layout
from panregion.services.cloudfront.model import FEED, Kind
from panregion.services.here import Here

PAGE_RECORDS = 1000
KEPT_RECORDS = 10_000
WAIT_MAX_S = 30.0

_seen: dict[str, int] = {}
"""By store (its epoch): the position that the edge last asked from. Lost with the process, and asked again soon."""


def create_part(here: Here, kind: Kind, config: dict[str, Any], token: str) -> dict[str, Any]:
    """Create of that kind; a second time with the same token gives the same one. For CloudFormation's steps."""
    from panregion.services.cloudfront.api import parts  # its operations ask `is_seen`

    return parts.create_once(here, kind, config, token)


async def changes(here: Here, epoch: str, after: int, wait_s: float = 0.0) -> dict[str, Any]:
    """What follows position `after`: {"epoch", "head", "records"} or {"epoch", "head", "snapshot"}.

    Waits up to `wait_s` for something to follow. Records and the snapshot are msgpack, as they are kept.
    """
    store = here.store
    own = here.read(layout.epoch)
    if own is None:
        own = await here.transact(layout.put_epoch)
    known = epoch == own and store.tail(FEED) - 1 <= after <= store.head(FEED)
    if not known:
        _seen[own] = 0
        found, head = here.read(lambda h: (layout.snapshot(h), store.head(FEED)))
        return {"epoch": own, "head": head, "snapshot": msgspec.msgpack.encode(found)}
    _seen[own] = after
    if after == store.head(FEED) and wait_s > 0:
        await _wait(here, after, min(wait_s, WAIT_MAX_S))
    records = store.records(FEED, after, PAGE_RECORDS)
    if store.head(FEED) - store.tail(FEED) > KEPT_RECORDS:
        await store.trim(FEED, min(after, store.head(FEED) - KEPT_RECORDS))
    head = records[-1][0] if records else after
    return {"epoch": own, "head": head, "records": [record for _, record in records]}


async def _wait(here: Here, after: int, wait_s: float) -> None:
    """Until something follows, the time is over or the region stops."""
    changed = asyncio.ensure_future(here.store.changed(FEED, after))
    pause = asyncio.ensure_future(here.world.clock.sleep(wait_s))
    closing = asyncio.ensure_future(here.closing.wait())
    try:
        await asyncio.wait({changed, pause, closing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiting in (changed, pause, closing):
            waiting.cancel()


def is_seen(here: Here, sequence: int) -> bool:
    """Whether the edge has seen the feed's record of that number."""
    seen = _seen.get(layout.epoch(here) or "")
    return seen is None or seen >= sequence
