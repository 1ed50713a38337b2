"""A table's stream begins, goes on in new shards, and ends."""

from datetime import UTC, datetime

import msgspec

from panregion.services.dynamodb.model import Table
from panregion.services.dynamodb.streams import layout, shards
from panregion.services.dynamodb.streams.layout import Stream
from panregion.services.here import Here


def begin(here: Here, table: Table, view: str) -> Table:
    """The table with a new stream. Its label is the moment; no two of a table are the same."""
    moment = here.now()
    while layout.read_stream(here.tx, table.name, _label(moment)) is not None:
        moment += 0.001
    number = layout.next_number(here.tx)
    stream = Stream(
        number=number, table=table.name, label=_label(moment), view=view, created=here.now(), schema=table.schema
    )
    layout.put_stream(here.tx, stream)
    shards.make(here.tx, stream, shards.evenly(shards.partitions_of(table)), here.now())
    begun = msgspec.structs.replace(table, stream=view, stream_label=stream.label, stream_number=number)
    return with_shards(here, begun)


def with_shards(here: Here, table: Table) -> Table:
    """The table with what a write has to know of its stream: which shard a place belongs to."""
    assert table.stream_number is not None, "only a table with a stream has shards"
    found = tuple((shard.low, shard.number) for shard in shards.open_of(here.tx, table.stream_number))
    return msgspec.structs.replace(table, stream_shards=found)


def go_on(here: Here, table: Table, wanted: int = 0) -> Table:
    """The table with its stream's old shards renewed, and split until there are as many as its partitions."""
    number = table.stream_number
    stream = None if number is None else layout.read_stream(here.tx, table.name, str(table.stream_label))
    if number is None or stream is None:
        return table
    oldest = here.now() - here.settings.dynamodb.stream_shard_s
    open_shards = shards.open_of(here.tx, number)
    while True:
        most = max(wanted, shards.partitions_of(table))
        ending, ranges = shards.successors(open_shards, most, oldest)
        if not ending:
            return with_shards(here, table)
        shards.close(here.tx, number, ending, here.now())
        shards.make(here.tx, stream, ranges, here.now())
        open_shards = shards.open_of(here.tx, number)
        if len(open_shards) >= most:
            return with_shards(here, table)


def end(here: Here, table: Table) -> Table:
    """The table without its stream, which can still be read for a while."""
    stream = None if table.stream_label is None else layout.read_stream(here.tx, table.name, table.stream_label)
    if stream is not None and stream.ended is None:
        shards.close(here.tx, stream.number, shards.open_of(here.tx, stream.number), here.now())
        layout.put_stream(here.tx, msgspec.structs.replace(stream, ended=here.now()))
    return msgspec.structs.replace(table, stream=None, stream_number=None, stream_shards=())


def _label(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
