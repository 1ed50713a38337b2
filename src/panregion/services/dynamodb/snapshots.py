"""A table's items at one moment, copied while it is written: for backups, restored tables and exports.

The copy reads the items in small transactions; meanwhile the table has a journal. What changed after the moment is
then undone in the copy, the latest change first, so the earliest has the last word. Doing all of it again after a
crash gives the same: every key that the journal does not name was the same throughout.
"""

from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import msgspec

from panregion.services.dynamodb import journal, layout, records
from panregion.services.dynamodb.model import Table
from panregion.services.here import Here
from panregion.store import Key, unpack

T = TypeVar("T")

SNAPSHOTS = "dynamodb-snapshots"
NUMBERS = ("dynamodb-snapshot-numbers",)
STEP_ITEMS = 40
"""What one transaction copies: a few milliseconds, which is how long a write may wait for it."""
UNDO_ITEMS = 100
PAGE_ITEMS = 200


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What is copied, at which moment: items below `prefix`; if they may change, the journal and a place in it.

    `after` is the last place that still counts, or else `time` is the moment.
    """

    prefix: tuple[str, int]
    feed: str | None = None
    after: int | None = None
    time: float | None = None


def next_number(here: Here) -> int:
    """A number for a snapshot; never given twice."""
    number = int(here.tx.get(NUMBERS) or 0) + 1
    here.tx.put(NUMBERS, b"%d" % number)
    return number


def hold(here: Here, table: Table) -> Table:
    """Keep the table's journal until `release`; the table may not be deleted meanwhile."""
    held = journal.with_journal(here, msgspec.structs.replace(table, copies=table.copies + 1))
    layout.put_table(here.tx, held)
    return held


def release(here: Here, name: str, table_id: str) -> None:
    view = layout.read_table(here.tx, name)
    if view is not None and view.table.id == table_id:
        freed = msgspec.structs.replace(view.table, copies=max(0, view.table.copies - 1))
        layout.put_table(here.tx, journal.with_journal(here, freed))


async def copy(here: Here, source: Source, target: Key) -> None:
    """Bring the source's items below `target`, as they were at its moment."""
    after: Key | None = None
    while True:
        step = partial(_copy_step, source=source.prefix, target=target, after=after)
        after = await politely(here, step)
        if after is None:
            break
    if source.feed is not None:
        await _undo(here, source, target)


async def politely(here: Here, step: Callable[[Here], T]) -> T:
    """One step of long work, and a pause as long as it took: the other half of the time is the customers'."""
    began = here.world.clock.monotonic()
    done = await here.transact(step)
    await here.world.clock.sleep(here.world.clock.monotonic() - began)
    return done


def _copy_step(here: Here, source: Key, target: Key, after: Key | None) -> Key | None:
    found = list(islice(here.tx.prefix(source, after=after), STEP_ITEMS))
    for key, record in found:
        here.tx.put((*target, *key[2:]), records.PLAIN + records.image_of(record))
    return found[-1][0] if len(found) == STEP_ITEMS else None


def first_undone(here: Here, source: Source) -> int:
    """The place of the first change after the moment."""
    assert source.feed is not None, "what cannot change has no journal"
    if source.after is not None:
        return source.after + 1
    assert source.time is not None, "a moment is a place or a time"
    return journal.first_after(here.store, source.feed, source.time)


async def _undo(here: Here, source: Source, target: Key) -> None:
    assert source.feed is not None, "what cannot change needs no undoing"
    first, end = first_undone(here, source), here.store.head(source.feed)
    while end >= first:
        start = max(first, end - UNDO_ITEMS + 1)
        found = journal.entries(here.store, source.feed, start - 1, end - start + 1)
        await politely(here, partial(_undo_step, found=found, target=target))
        end = start - 1


def _undo_step(here: Here, found: list[tuple[int, journal.Entry]], target: Key) -> None:
    for _, entry in reversed(found):
        if not entry.key:
            continue
        place = (*target, *unpack(entry.key))
        if entry.before is None:
            here.tx.delete(place)
        else:
            here.tx.put(place, records.PLAIN + entry.before)


def page(here: Here, prefix: Key, after: Key | None, limit: int) -> list[tuple[Key, bytes]]:
    """Some of a snapshot's records, committed."""
    return here.read(lambda here: list(islice(here.tx.prefix(prefix, after=after), limit)))


async def measured(here: Here, prefix: Key) -> tuple[int, int]:
    """Items and bytes of a snapshot."""
    items = size = 0
    after: Key | None = None
    while found := page(here, prefix, after, PAGE_ITEMS):
        items += len(found)
        size += sum(records.size_of(record) for _, record in found)
        after = found[-1][0]
        await here.world.clock.sleep(0)
    return items, size


def as_payload(source: Source) -> dict[str, Any]:
    payload: dict[str, Any] = msgspec.to_builtins(source)
    return payload


def from_payload(payload: dict[str, Any]) -> Source:
    return msgspec.convert(payload, Source)
