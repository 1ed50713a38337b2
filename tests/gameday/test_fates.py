"""The last writes of a game day are waited for, and what does not come is lost."""

import asyncio

from panregion.gameday.fates import fates
from panregion.gameday.ledger import Acknowledged, Ledger
from panregion.gameday.losses import Held
from panregion.world import ManualClock

BODY = {"id": "a", "text": "x"}

ARRIVE_S = 5.0


def ledger() -> Ledger:
    made = Ledger()
    made.add(Acknowledged("item", "a", BODY, "london", 1.0, 1.1))
    return made


class Store:
    """Two regions, of which the second has the item once it was read often enough."""

    def __init__(self, arrives_at_read: int) -> None:
        self.reads = 0
        self._arrives = arrives_at_read

    async def read(self) -> Held:
        self.reads += 1
        return {"one": {"a": BODY}, "other": {"a": BODY} if self.reads >= self._arrives else {}}


async def test_what_is_on_its_way_is_not_lost() -> None:
    clock, store = ManualClock(), Store(arrives_at_read=4)
    looking = asyncio.create_task(fates(ledger(), "item", store.read, clock, ARRIVE_S))
    await clock.advance(ARRIVE_S + 1)
    assert looking.result() == []
    assert store.reads == 4


async def test_what_does_not_come_is_lost() -> None:
    clock, store = ManualClock(), Store(arrives_at_read=10**9)
    looking = asyncio.create_task(fates(ledger(), "item", store.read, clock, ARRIVE_S))
    await clock.advance(ARRIVE_S + 1)
    assert [(one.verdict, one.regions) for one in looking.result()] == [("lost", ("other",))]
    assert store.reads > ARRIVE_S
