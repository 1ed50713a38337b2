"""Records are forgotten a day after they were written, and a stream a day after it ended."""

from functools import partial
from itertools import islice

import msgspec

from panregion.services.dynamodb import layout as tables
from panregion.services.dynamodb.streams import layout, shards
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
        for shard in here.read(lambda here, number=stream.number: list(shards.all_of(here.tx, number))):  # type: ignore[misc]
            old = partial(_old, stream=stream, shard=shard.number)
            while here.read(old):
                await here.transact(partial(_forget, stream=stream, shard=shard.number))
        if here.read(partial(_over, stream=stream)):
            await here.transact(partial(_delete, stream=stream))


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


def _over(here: Here, stream: Stream) -> list[int]:
    """The shards that ended so long ago that nothing of theirs is kept."""
    oldest = here.now() - RETENTION_S
    return [
        shard.number
        for shard in shards.all_of(here.tx, stream.number)
        if shard.ended is not None
        and shard.ended < oldest
        and layout.oldest(here.tx, stream.number, shard.number) is None
    ]


def _delete(here: Here, stream: Stream) -> None:
    """Drop such shards, and with the last one the stream: then its table has no latest stream any more."""
    for number in _over(here, stream):
        shards.delete(here.tx, stream.number, number)
    if stream.ended is None or next(shards.all_of(here.tx, stream.number), None) is not None:
        return
    layout.delete_stream(here.tx, stream)
    view = tables.read_table(here.tx, stream.table)
    if view is not None and view.table.stream_label == stream.label:
        tables.put_table(here.tx, msgspec.structs.replace(view.table, stream_label=None))
