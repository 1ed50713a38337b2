"""A region that has lost its disk becomes part of a group again.

It has forgotten what it promised and accepted, so as an acceptor it would be a liar. Both other regions can make up for
that, if both answer:

    survey   they say which rounds they have seen. Whoever got the lost region's promise for a round, and could use it,
             got one of theirs too: so nothing beyond the highest of theirs has come of its promises.
    raise    they promise all rounds up to a floor above that. What was on its way in these rounds is refused from now
             on, and nothing can be chosen in them any more.
    copy     whatever was chosen, was accepted by two of three: so by one of them at least. Of each register the region
             takes what the one of them has that accepted later, as if it had been told so at the time.
    join     it has promised the floor, too, for all registers, and answers from then on.

Places in its own changes go on above where the others had come, or they would believe that they know them.
Broken off anywhere, all of it is done again.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from panregion.replication import acceptor
from panregion.replication.acceptor import CHANGES, HEADS, ROWS, Group
from panregion.replication.floors import BLOCK
from panregion.replication.register import Cell, Value
from panregion.replication.register_wire import Raise, Raised, Rows, RowsPage, Survey, Surveyed, Upkeep
from panregion.store import Store, Transaction

PAGE_ROWS = 200

Ask = Callable[[str, str, Upkeep], Awaitable[Any]]
Show = Callable[[Transaction, str, bytes, Value], None]


def surveyed(tx: Transaction, group: str, region: str, floor: int) -> Surveyed:
    """What this region knows of rounds and of the asker's changes. `floor` is the highest that it has heard of."""
    part = acceptor.part_of(tx, group)
    highest = max(floor, part.floor)
    for key, _ in tx.prefix((ROWS, group)):
        assert isinstance(key[2], bytes), "registers are named by bytes"
        cell = acceptor.read(tx, group, key[2]).cell
        highest = max(highest, cell.promised.round, cell.accepted.round)
    return Surveyed(highest, part.caught, part.version, acceptor.cursor(tx, group, region))


def rows(tx: Transaction, group: str, after: int, limit: int) -> RowsPage:
    """Some registers, whole."""
    acceptor.members(tx, group)
    found: list[tuple[int, bytes, Cell, int]] = []
    for place, key in tx.prefix((CHANGES, group), after=(CHANGES, group, after)):
        if len(found) == limit:
            break
        kept = acceptor.read(tx, group, key)
        found.append((int(place[2]), key, kept.cell, kept.learned))
    return RowsPage(acceptor.head(tx, group), tuple(found))


async def rejoin(store: Store, ask: Ask, show: Show, region: str, group: str, members: tuple[str, ...]) -> int:
    """Be part of the group; returns the floor. Raises TimeoutError where one of the others does not answer."""
    others = [member for member in members if member != region]
    answers: list[Surveyed] = [await _asked(ask, other, group, Survey(region), Surveyed) for other in others]
    floor = max(answer.round for answer in answers) + BLOCK
    for other in others:
        await _asked(ask, other, group, Raise(floor), Raised)
    await store.transact(lambda tx: _begin(tx, group, max(answer.place for answer in answers)))
    for other in others:
        await _copy(store, ask, show, other, group)
    caught = max(answer.caught for answer in answers)
    part = Group(members, floor, caught, max(answer.version for answer in answers))
    await store.transact(lambda tx: acceptor.put_group(tx, group, part))
    return floor


def _begin(tx: Transaction, group: str, place: int) -> None:
    if acceptor.head(tx, group) <= place:
        tx.put((HEADS, group), b"%d" % (place + 1))


async def _copy(store: Store, ask: Ask, show: Show, other: str, group: str) -> None:
    after = 0
    while True:
        page: RowsPage = await _asked(ask, other, group, Rows(after, PAGE_ROWS), RowsPage)
        reached = page.rows[-1][0] if page.rows else page.head

        def take(tx: Transaction, page: RowsPage = page, reached: int = reached) -> None:
            for _, key, cell, learned in page.rows:
                _take(tx, show, group, key, cell, learned)
            acceptor.put_cursor(tx, group, other, reached)

        await store.transact(take)
        if reached >= page.head:
            return
        after = reached


def _take(tx: Transaction, show: Show, group: str, key: bytes, cell: Cell, learned: int) -> None:
    """Have a register as the later of what is here and what another region has."""
    known = acceptor.read(tx, group, key)
    later = cell if cell.accepted > known.cell.accepted else known.cell
    after = Cell(max(cell.promised, known.cell.promised), later.accepted, later.value)
    acceptor.keep(tx, group, key, known, after, max(learned, known.learned))
    if after.value.version <= max(learned, known.learned):
        show(tx, group, key, after.value)


async def _asked(ask: Ask, region: str, group: str, message: Upkeep, wanted: type) -> Any:
    answer = await ask(region, group, message)
    if not isinstance(answer, wanted):
        raise TimeoutError(f"{region} did not answer")
    return answer
