"""Shards go on in new ones: after some hours, and where a table is written more than its partitions bear."""

from functools import partial

from panregion.services.dynamodb import layout as tables
from panregion.services.dynamodb.streams import layout, life, shards
from panregion.services.here import Here

HEADS = "dynamodb-stream-rates"


async def roll(here: Here) -> None:
    """Look at every table's stream once; a table whose shards may stay is not written."""
    for name, wanted in here.read(_due).items():
        await here.transact(partial(_go_on, name=name, wanted=wanted))


def _due(here: Here) -> dict[str, int]:
    """The tables whose shards are to be renewed or split, with how many partitions they need by what was written."""
    found: dict[str, int] = {}
    seen: set[int] = set()
    oldest = here.now() - here.settings.dynamodb.stream_shard_s
    for view in tables.tables(here.tx):
        number = view.table.stream_number
        if number is None or view.table.status == "DELETING":
            continue
        seen.add(number)
        wanted = max(shards.partitions_of(view.table), _heat(here, number, len(view.shards)))
        open_shards = shards.open_of(here.tx, number)
        if shards.successors(open_shards, wanted, oldest)[0]:
            found[view.table.name] = wanted
    rates: dict[int, tuple[float, int]] = here.running.setdefault(HEADS, {})
    for gone in rates.keys() - seen:
        del rates[gone]
    return found


def _heat(here: Here, number: int, now_open: int) -> int:
    """How many partitions the writes since the last look would have needed; never more than twice those there are."""
    heads: dict[int, tuple[float, int]] = here.running.setdefault(HEADS, {})
    now, head = here.world.clock.monotonic(), layout.head(here.tx, number)
    then, before = heads.get(number, (now, head))
    heads[number] = (now, head)
    if now - then < 1.0:
        return 0
    wanted = int((head - before) / (now - then)) // shards.WRITES_PER_PARTITION + 1
    return min(wanted, 2 * now_open, shards.PARTITIONS_MAX)


def _go_on(here: Here, name: str, wanted: int) -> None:
    view = tables.read_table(here.tx, name)
    if view is not None and view.table.status != "DELETING":
        tables.put_table(here.tx, life.go_on(here, view.table, wanted))
