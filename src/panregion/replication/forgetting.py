"""Registers of deleted items are forgotten, or a table's deletions would gather for ever.

A register without a row has promised nothing and accepted nothing; so a row may go only when nothing that it refuses
could still come, and when no region has anything older in its place. One region of a group sees to that, in
steps that may be repeated, or be broken off anywhere:

    raise    every region promises all rounds up to a floor, for all registers of the group. Nothing can be accepted
             in these rounds any more. Then a while passes, longer than any operation lasts: nobody goes on who may
             have a change in one of these rounds and would look for its name.
    catch    every region learns all that was chosen up to the floor: what it has accepted itself and all changes
             of both others. From then on it knows that what is told of these rounds is old news. New registers
             begin above the version of whatever is about to be forgotten, so versions still rise.
    forget   every region drops the rows of registers that hold no item, and in which nothing was promised
             or accepted beyond the floor. All three have the deletion, so whoever still has it says the same as who
             has forgotten it: no item.

All three regions have to answer each time; while one is away nothing is forgotten. For writers a floor costs one
refusal: the next write of an item by the region that wrote it last takes a round trip more.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from itertools import islice
from typing import Any

import msgspec

from panregion.replication import acceptor
from panregion.replication.acceptor import DELETED, Kept, NotAMember
from panregion.replication.register_wire import Catch, Forget, Learned, Raise, Raised, Upkeep
from panregion.store import Key, Store, StoreError, Transaction
from panregion.world import World

STEP_ROWS = 200

log = logging.getLogger(__name__)

Ask = Callable[[str, str, Upkeep], Awaitable[Any]]
"""The answer of a region about a group, or None."""


def highest(tx: Transaction, group: str) -> tuple[int, int]:
    """(round, version): the highest of the registers that hold no item; (0, 0) where there are none."""
    round_ = version = 0
    for kept in _deleted(tx, group):
        round_ = max(round_, kept.cell.promised.round, kept.cell.accepted.round)
        version = max(version, kept.cell.value.version)
    return round_, version


def _deleted(tx: Transaction, group: str) -> Iterable[Kept]:
    for key, _ in tx.prefix((DELETED, group)):
        assert isinstance(key[2], bytes), "registers are named by bytes"
        yield acceptor.read(tx, group, key[2])


def raise_floor(tx: Transaction, group: str, floor: int) -> None:
    part = acceptor.part_of(tx, group)
    if floor > part.floor:
        acceptor.put_group(tx, group, msgspec.structs.replace(part, floor=floor))


def caught_up(tx: Transaction, group: str, floor: int, version: int) -> None:
    part = acceptor.part_of(tx, group)
    changed = msgspec.structs.replace(part, caught=max(part.caught, floor), version=max(part.version, version))
    acceptor.put_group(tx, group, changed)


def forget(tx: Transaction, group: str, floor: int, after: Key | None) -> Key | None:
    """Drop some rows; returns where to go on, None at the end."""
    part = acceptor.part_of(tx, group)
    if part.caught < floor:
        return None
    keys = [key for key, _ in islice(tx.prefix((DELETED, group), after=after), STEP_ROWS)]
    for key in keys:
        name = key[2]
        assert isinstance(name, bytes), "registers are named by bytes"
        kept = acceptor.read(tx, group, name)
        latest = max(kept.cell.promised.round, kept.cell.accepted.round)
        if kept.deleted and latest <= floor and kept.cell.value.version <= part.version:
            acceptor.drop(tx, group, name, kept)
    return keys[-1] if len(keys) == STEP_ROWS else None


class Forgetter:
    """One region's rounds over the groups that it shows."""

    def __init__(
        self,
        store: Store,
        world: World,
        ask: Ask,
        groups: Callable[[Transaction], Iterable[str]],
        every_s: float,
        after_s: float,
    ) -> None:
        self._store = store
        self._world = world
        self._ask = ask
        self._groups = groups
        self._every_s = every_s
        self._after_s = after_s

    async def run(self) -> None:
        while True:
            # Regions of a group should not begin at the same moment.
            await self._world.clock.sleep(self._every_s * (0.5 + self._world.chance.random()))
            for group in self._store.read(lambda tx: list(self._groups(tx))):
                try:
                    await self.tend(group)
                except (TimeoutError, NotAMember, StoreError) as error:
                    log.debug("nothing of %s is forgotten now: %s", group, error)

    async def tend(self, group: str) -> None:
        """Forget what can be forgotten of a group. Raises TimeoutError, NotAMember, StoreError."""
        floor = max(answer.round for answer in await self._all(group, Raise(0), Raised))
        if not floor:
            return  # nowhere anything to forget
        raised = await self._all(group, Raise(floor), Raised)
        await self._world.clock.sleep(self._after_s)
        await self._all(group, Catch(floor, max(answer.version for answer in raised)), Learned)
        await self._all(group, Forget(floor), Learned)

    async def _all(self, group: str, message: Upkeep, wanted: type) -> list[Any]:
        """Every region's answer. Raises TimeoutError."""
        answers = []
        for region in self._store.read(lambda tx: acceptor.members(tx, group)):
            answer = await self._ask(region, group, message)
            if not isinstance(answer, wanted):
                raise TimeoutError(f"{region} did not answer")
            answers.append(answer)
        return answers
