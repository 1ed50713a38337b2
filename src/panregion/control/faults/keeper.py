"""Keeps the faults that are live, and the world as they want it.

Whoever begins or ends a fault has the world settled again where the fault touches it: what is wanted is computed from
all live faults and handed to the one who can do it (`Hands`). A target is settled by one at a time, and always to what
is wanted then, so that two who come at once do not undo each other's work.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from panregion.control.faults import wanted
from panregion.control.faults.effects import Down, Effect, LinkChange, SiteDown, Where
from panregion.control.faults.record import Record, Why
from panregion.control.faults.table import Fault
from panregion.world import World

ENDED_KEPT = 1000
log = logging.getLogger("panregion.control")


class Hands(Protocol):
    """Who can make the world be as wanted. Each method is given all that is wanted, and may be called again."""

    async def site(self, site: str, how: Down | None) -> None:
        """Have a site's processes killed, stopped, frozen, or (None) running."""

    async def links(self, links: Mapping[tuple[str, str], LinkChange]) -> None:
        """Have these links disturbed, and no others."""

    async def region(self, region: str, told: list[Any]) -> None:
        """Have a region do this to itself, and nothing else."""

    async def edge(self, told: list[Any]) -> None:
        """Have the edge do this to itself, and nothing else."""


class Keeper:
    """The live faults of one world."""

    def __init__(self, where: Where, hands: Hands, world: World) -> None:
        self.where = where
        self._hands = hands
        self._world = world
        self._live: dict[str, Record] = {}
        self._effects: dict[str, list[Effect]] = {}
        self._ended: deque[Record] = deque(maxlen=ENDED_KEPT)
        self._locks: defaultdict[wanted.Target, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._leases: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def live(self) -> list[Record]:
        """In the order in which they began, those that are being undone included."""
        return list(self._live.values())

    @property
    def records(self) -> list[Record]:
        """Those of late and those that are live."""
        return [*self._ended, *self._live.values()]

    def effects(self) -> list[Effect]:
        """What is wanted of the world now."""
        return [effect for effects in self._effects.values() for effect in effects]

    def left_s(self, record: Record) -> float | None:
        """How long a fault has yet; None: until it is undone."""
        if record.duration_s is None:
            return None
        return max(0.0, record.began_s + record.duration_s - self._world.clock.now())

    def holding_down(self, site: str, *, frozen_only: bool = False) -> list[Record]:
        """The live faults that keep a site from running."""
        return [
            record
            for record in self.live
            if record.state == "live"
            for effect in self._effects[record.id]
            if isinstance(effect, SiteDown) and effect.site == site and (effect.how == "frozen" or not frozen_only)
        ]

    async def inject(self, fault: Fault, duration_s: float | None = None, lease: str | None = None) -> Record:
        """Begin a fault; returns once it holds. Raises ValueError where the world has no such thing, and what the
        hands raise where it could not be done, with nothing left of it."""
        effects = list(fault.effects(self.where))
        if lease is not None and lease not in self._leases:
            raise ValueError(f"there is no lease {lease}: who held it is gone, and what was asked under it is undone")
        duration_s = fault.lasts_s if duration_s is None else duration_s
        record = Record(
            id=self._world.chance.uuid()[:8],
            fault=fault,
            description=fault.describe(),
            began_s=self._world.clock.now(),
            duration_s=duration_s,
            lease=lease,
        )
        self._live[record.id] = record
        self._effects[record.id] = effects
        log.info("fault %s begins: %s", record.id, record.description)
        try:
            await self._settle(effects)
        except Exception:
            await self._end(record, "it could not begin")
            raise
        if duration_s is not None:
            self._spawn(self._end_after(record, duration_s))
        if lease is not None and lease not in self._leases:  # it was closed meanwhile
            await self._end(record, "who asked for it is gone")
        return record

    async def undo(self, id: str) -> Record:
        """End a fault; returns once everything is as before. Raises ValueError for an id that is not known."""
        found = next((record for record in self.records if record.id == id), None)
        if found is None:
            known = ", ".join(self._live) or "none"
            raise ValueError(f"there is no fault {id}; live are: {known}")
        await self._end(found, "undone")
        return found

    async def undo_all(self) -> list[Record]:
        """End every fault."""
        live = self.live
        await asyncio.gather(*(self._end(record, "undone") for record in live))
        return live

    async def _end(self, record: Record, why: Why) -> None:
        if record.state != "live":
            return
        record.state, record.why, record.undone_s = "ending", why, self._world.clock.now()
        effects = self._effects.pop(record.id)
        log.info("fault %s ends (%s): %s", record.id, why, record.description)
        try:
            await self._settle(effects)
        except Exception as error:
            record.failure = str(error)
            raise
        finally:
            record.state, record.ended_s = "ended", self._world.clock.now()
            del self._live[record.id]
            self._ended.append(record)

    async def _end_after(self, record: Record, duration_s: float) -> None:
        await self._world.clock.sleep(duration_s)
        await self._end(record, "its time was over")

    # Leases

    def begin_lease(self) -> str:
        """A new lease; what is asked under it is undone when it ends."""
        lease = self._world.chance.uuid()[:8]
        self._leases.add(lease)
        return lease

    def end_lease(self, lease: str) -> None:
        """Undo what was asked under a lease, on its own time: who asked is gone."""
        self._leases.discard(lease)
        for record in self.live:
            if record.lease == lease:
                self._spawn(self._end(record, "who asked for it is gone"))

    # Settling

    async def settle(self, target: wanted.Target) -> None:
        """Have one part of the world as it is wanted: it may have come back, and know of nothing.

        A kill does not wait for its turn: a region that is just being started is killed all the same.
        """
        match target:
            case ("site", site) if wanted.site_wanted(self.effects(), site) == "killed":
                await self._hands.site(site, "killed")
        async with self._locks[target]:
            effects = self.effects()
            match target:
                case ("site", site):
                    await self._hands.site(site, wanted.site_wanted(effects, site))
                case ("region", region):
                    await self._hands.region(region, wanted.region_wanted(effects, region))
                case wanted.LINKS:
                    await self._hands.links(wanted.links_wanted(effects))
                case wanted.EDGE:
                    await self._hands.edge(wanted.edge_wanted(effects))

    async def _settle(self, effects: Iterable[Effect]) -> None:
        targets = sorted({wanted.target(effect) for effect in effects})
        outcomes = await asyncio.gather(*(self.settle(one) for one in targets), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a fault could not be undone whole: %s", error)

    async def forget(self) -> None:
        """Know of no fault any more, neither live nor ended: the world is made anew, without them."""
        await self.close()
        for kept in (self._live, self._effects, self._ended):
            kept.clear()

    async def close(self) -> None:
        """Let go of timers; the world ends, and its faults with it."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
