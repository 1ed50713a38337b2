"""How many items a table and its indexes have, and their bytes.

AWS counts about every six hours. Here a table or index of up to 2,000 items is counted when it is described, and told
exactly. Keeping counters exact would make every write read what it overwrites, so a larger one is counted in the
background, a few thousand items at a time, once somebody describes it and the last count is more than 30 s old. What
is told meanwhile is the last count, kept over a restart; before the first one, the 2,001 items that were looked at. A
table that nobody describes is never counted.
"""

from dataclasses import dataclass
from functools import partial
from itertools import islice

from panregion.services.dynamodb import layout, records
from panregion.services.dynamodb.model import Table
from panregion.services.here import Here
from panregion.store import Key, Transaction

COUNTED_AT_ONCE = 2000
STEP_ITEMS = 5000
RECOUNT_AFTER_S = 30.0

Count = tuple[int, int]


def counts(here: Here, table: Table) -> dict[int, Count]:
    """(items, bytes) of the table (0) and of each index by its number."""
    return {part: _count(here, table, part) for part in _parts(table)}


def _parts(table: Table) -> list[int]:
    return [0, *(index.number for index in table.indexes)]


def _prefix(table: Table, part: int) -> Key:
    return (layout.ITEMS, table.number) if part == 0 else (layout.INDEXES, table.number, part)


@dataclass(slots=True)
class _Asked:
    """A large table: whether somebody has described it since it was counted, and when that was."""

    wanted: bool = True
    counted: float = 0.0


def _asked(here: Here) -> dict[str, _Asked]:
    asked: dict[str, _Asked] = here.running.setdefault("dynamodb-counts", {})
    return asked


def _count(here: Here, table: Table, part: int) -> Count:
    sizes = [records.size_of(record) for record in islice(here.tx.values(_prefix(table, part)), COUNTED_AT_ONCE + 1)]
    if len(sizes) <= COUNTED_AT_ONCE:
        return len(sizes), sum(sizes)
    _asked(here).setdefault(table.name, _Asked()).wanted = True
    return layout.read_count(here.tx, table.number, part) or (len(sizes), sum(sizes))


async def recount(here: Here) -> None:
    """Count the large tables that somebody has asked about."""
    for name, asked in list(_asked(here).items()):
        if not asked.wanted or here.now() - asked.counted < RECOUNT_AFTER_S:
            continue
        view = here.store.read(partial(layout.read_table, name=name))
        if view is None:
            del _asked(here)[name]
            continue
        asked.wanted = False
        for part in _parts(view.table):
            count = await _whole_count(here, _prefix(view.table, part))
            await here.store.transact(partial(layout.put_count, table_number=view.table.number, part=part, count=count))
        asked.counted = here.now()


async def _whole_count(here: Here, prefix: Key) -> Count:
    """Counted in steps, between which others have their turn."""
    items = size = 0
    after: Key | None = None
    while True:
        step = here.store.read(partial(_step, prefix=prefix, after=after))
        items += len(step)
        size += sum(bytes_ for _, bytes_ in step)
        if len(step) < STEP_ITEMS:
            return items, size
        after = step[-1][0]
        await here.world.clock.sleep(0)


def _step(tx: Transaction, prefix: Key, after: Key | None) -> list[tuple[Key, int]]:
    """Keys and sizes of some of the records below a prefix."""
    return [(key, records.size_of(record)) for key, record in islice(tx.prefix(prefix, after=after), STEP_ITEMS)]
