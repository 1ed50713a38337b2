"""Records are forgotten a day after they were written, and a stream a day after it ended."""

from functools import partial
from typing import Any

import msgspec

from panregion.services.dynamodb.streams import layout
from panregion.services.dynamodb.streams.layout import Stream
from panregion.services.here import Here

RETENTION_S = 24 * 3600.0
TEND_EVERY_S = 600.0
STEP_RECORDS = 1000


class _Change(msgspec.Struct):
    ApproximateCreationDateTime: int


class _Record(msgspec.Struct):
    dynamodb: _Change


_moment = msgspec.json.Decoder(_Record)


async def tend(here: Here, payload: dict[str, Any]) -> None:
    """Trim a stream, and look at it again later as long as it is there."""
    stream = here.read(lambda here: layout.read_stream(here.tx, payload["table"], payload["label"]))
    if stream is None:
        return
    for shard in range(layout.SHARDS):
        while await here.transact(partial(_trim, stream=stream, shard=shard)):
            pass
    await here.transact(partial(_tended, payload=payload))


def _trim(here: Here, stream: Stream, shard: int) -> bool:
    """Forget a bounded number of old records; whether there may be more."""
    oldest = here.now() - RETENTION_S
    for count, (sequence, record) in enumerate(layout.records(here.tx, stream.number, shard, 0)):
        if count == STEP_RECORDS:
            return True
        if _moment.decode(record).dynamodb.ApproximateCreationDateTime >= oldest:
            return False
        layout.forget(here.tx, stream.number, shard, sequence)
    return False


def _tended(here: Here, payload: dict[str, Any]) -> None:
    stream = layout.read_stream(here.tx, payload["table"], payload["label"])
    if stream is None:
        return
    if stream.ended is not None and stream.ended < here.now() - RETENTION_S:
        layout.delete_stream(here.tx, stream)
        return
    here.later(layout.KIND, payload, here.now() + TEND_EVERY_S)


WORK = {layout.KIND: tend}
