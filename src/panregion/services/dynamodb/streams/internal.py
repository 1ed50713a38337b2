"""What those who follow a stream ask beyond AWS's operations, so that they need not ask again and again."""

import asyncio
from typing import Any

from panregion.services.dynamodb.streams import layout, shards
from panregion.services.dynamodb.streams.api import iterator_of
from panregion.services.here import Here

WAIT_MAX_S = 20.0


async def wait_for_records(here: Here, shard_iterator: str, wait_s: float) -> dict[str, Any]:
    """Return once GetRecords may have something for the iterator, or after `wait_s`. {}; Raises ValidationException."""
    place = iterator_of(shard_iterator)
    changed = here.store.next_change(layout.feed_of(place.number))
    if here.read(lambda here: _has_more(here, place.number, place.shard, place.after)):
        changed.cancel()
        return {}
    others: list[asyncio.Future[Any]] = [
        asyncio.ensure_future(here.world.clock.sleep(min(wait_s, WAIT_MAX_S))),
        asyncio.ensure_future(here.closing.wait()),
    ]
    try:
        await asyncio.wait([changed, *others], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiting in (changed, *others):
            waiting.cancel()
    return {}


def _has_more(here: Here, number: int, shard: int, after: int) -> bool:
    """There are records past `after`, or the shard has ended or gone."""
    found = shards.read(here.tx, number, shard)
    return found is None or found.last is not None or any(layout.records(here.tx, number, shard, after))
