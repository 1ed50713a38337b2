"""Records are forgotten a day after they were written, and a stream a day after it ended."""

from functools import partial
from itertools import islice

import msgspec

from panregion.services.dynamodb.streams import layout
from panregion.services.dynamodb.streams.layout import Stream
from panregion.services.here import Here

RETENTION_S = 24 * 3600.0
STEP_RECORDS = 1000


class _Change(msgspec.Struct):
    ApproximateCreationDateTime: int


class _Record(msgspec.Struct):
    dynamodb: _Change


_moment = msgspec.json.Decoder(_Record)


async def trim(here: Here) -> None:
    """Go through all streams once. What has nothing to forget costs a few reads."""
    for stream in here.read(lambda here: list(layout.streams(here.tx, None))):
        for shard in range(layout.SHARDS):
            old = partial(_old, stream=stream, shard=shard)
            while here.read(old):
                await here.transact(partial(_forget, stream=stream, shard=shard))
        if stream.ended is not None and stream.ended < here.now() - RETENTION_S:
            await here.store.transact(partial(layout.delete_stream, stream=stream))


def _old(here: Here, stream: Stream, shard: int) -> list[int]:
    """The shard's first records that are too old, up to a bound."""
    oldest = here.now() - RETENTION_S
    found = []
    for sequence, record in islice(layout.records(here.tx, stream.number, shard, 0), STEP_RECORDS):
        if _moment.decode(record).dynamodb.ApproximateCreationDateTime >= oldest:
            break
        found.append(sequence)
    return found


def _forget(here: Here, stream: Stream, shard: int) -> None:
    for sequence in _old(here, stream, shard):
        layout.forget(here.tx, stream.number, shard, sequence)
