"""What a change becomes that meets others: tried again for a while, since it did not happen; then refused."""

import dataclasses
from collections.abc import Callable

import msgspec
import pytest

from panregion.region import Region
from panregion.replication.register import Ballot, Change, Conflict, Done, Value
from panregion.services.recovery import Agreed, Document
from panregion.services.route53_recovery_cluster.cell import CONTEND_S, Cell
from panregion.services.route53_recovery_cluster.errors import ConflictException
from panregion.world import ManualClock, SeededChance, World
from tests.services.route53_recovery_cluster.support import CLUSTER, CLUSTER_ARN, OWNER


class PassingClock(ManualClock):
    """Who sleeps has slept."""

    async def sleep(self, delay_s: float) -> None:
        await self.advance(delay_s)


class ContendedRegister:
    """A register that others change, until `free` says that they are done."""

    def __init__(self, free: Callable[[], bool]) -> None:
        self._free = free
        self.asked = 0
        self.data: bytes | None = None

    async def change(self, _group: str, _key: bytes, step: Change) -> Done | Conflict:
        self.asked += 1
        if not self._free():
            return Conflict(Ballot())
        self.data = step(self.data)
        return Done(Value(self.asked, self.data, ()), Ballot())


def contended(region: Region, clock: ManualClock, free: Callable[[], bool]) -> tuple[Cell, ContendedRegister]:
    cell = Cell(dataclasses.replace(region.here, world=World(clock, SeededChance(1))), CLUSTER)
    register = ContendedRegister(free)
    cell.registers = register  # type: ignore[assignment]
    return cell, register


def first(_before: Agreed | None) -> Agreed:
    return Agreed(Document(1, CLUSTER_ARN, OWNER))


async def test_a_change_that_met_another_is_tried_again(region: Region) -> None:
    clock = PassingClock()
    began = clock.monotonic()
    cell, register = contended(region, clock, lambda: clock.monotonic() > began + 0.3)
    await cell.change(first)
    assert register.asked > 2
    assert register.data == msgspec.msgpack.encode(first(None))


async def test_a_change_that_meets_others_for_too_long_is_refused_and_did_not_happen(region: Region) -> None:
    clock = PassingClock()
    began = clock.monotonic()
    cell, register = contended(region, clock, lambda: False)
    with pytest.raises(ConflictException, match="try again"):
        await cell.change(first)
    assert CONTEND_S <= clock.monotonic() - began < 2 * CONTEND_S
    assert register.data is None
