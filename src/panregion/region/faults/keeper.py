"""The faults that a region has in itself, and what they act on: calls, functions, replication, disk, clock, processors.

Control tells the whole list; what is acted on is made to be as the list says, so that telling it twice is the same as
once, and an empty list leaves everything as if there had never been one.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from panregion.region.faults.clocks import shift_s
from panregion.region.faults.decide import Decision, decide, touches_calls
from panregion.region.faults.functions import FaultyFunctions
from panregion.region.faults.model import (
    ClockJump,
    ClockSkew,
    CpuLeak,
    DiskFull,
    OfFunctions,
    RegionFault,
    ReplicationPause,
    StoreSyncFailure,
)
from panregion.services import Here
from panregion.services.dynamodb.pausing import set_pauses
from panregion.world.clock import WrongClock
from panregion.world.disk_trouble import Trouble, set_trouble
from panregion.world.process import Burner


class CannotHave(Exception):
    """This region cannot have such a fault; the text says why."""


class RegionFaults:
    """What is live in one region. `calls` is what the gateway and the dispatch look at for every call."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._faults: Sequence[RegionFault] = ()
        self._setting = asyncio.Lock()
        self._burners: list[Burner] = []
        self._disk: tuple[int | None, float] | None = None
        self._since: dict[RegionFault, float] = {}
        self.calls = False
        """Whether any fault is about operations; else there is nothing to decide."""

    @property
    def live(self) -> Sequence[RegionFault]:
        return self._faults

    def decide(self, service: str, operation: str) -> Decision | None:
        """What a call suffers; None: nothing."""
        return decide(self._faults, service, operation, self._here.world.chance.random)

    async def suffer(self, service: str, operation: str) -> None:
        """Wait as long as a call is delayed. Raises the AwsError that it gets, if any."""
        decision = self.decide(service, operation)
        if decision is None:
            return
        if decision.delay_s:
            await self._here.world.clock.sleep(decision.delay_s)
        if decision.error is not None:
            raise decision.error

    async def set(self, told: bytes) -> None:
        """Have exactly these faults. Raises CannotHave, with those that there were before."""
        try:
            wanted = msgspec.json.decode(told, type=list[RegionFault])
        except msgspec.DecodeError as error:
            raise CannotHave(str(error)) from error
        async with self._setting:
            before = self._faults
            try:
                await self._take(wanted)
            except ValueError as error:
                await self._take(before)
                raise CannotHave(str(error)) from error

    async def _take(self, faults: Sequence[RegionFault]) -> None:
        now = self._here.world.clock.monotonic()
        self._since = {fault: self._since.get(fault, now) for fault in faults}
        self._set_replication(faults)
        self._set_clock(faults)
        self._set_functions(faults)
        self._set_disk(faults)
        await self._set_burners(sum(fault.processes for fault in faults if isinstance(fault, CpuLeak)))
        self._faults = tuple(faults)
        self.calls = touches_calls(faults)

    def _set_replication(self, faults: Sequence[RegionFault]) -> None:
        pauses = [(fault.table, fault.source) for fault in faults if isinstance(fault, ReplicationPause)]
        if "dynamodb" in self._here.running:
            set_pauses(self._here, pauses)

    def _set_clock(self, faults: Sequence[RegionFault]) -> None:
        wrong = [fault for fault in faults if isinstance(fault, ClockSkew | ClockJump)]
        clock = self._here.world.clock
        if not isinstance(clock, WrongClock):
            if wrong:
                raise ValueError("this region runs inside another process, whose clock cannot be wrong")
            return
        since = [(fault, self._since[fault]) for fault in wrong]

        def shift(now: float) -> float:
            return sum(shift_s(fault, now - began) for fault, began in since)

        clock.shift = shift if wrong else None

    def _set_functions(self, faults: Sequence[RegionFault]) -> None:
        engine: Any = self._here.running.get("lambda")
        if engine is None:
            return
        real = engine.functions.behind if isinstance(engine.functions, FaultyFunctions) else engine.functions
        wanted = [fault for fault in faults if isinstance(fault, OfFunctions)]
        world = self._here.world
        engine.functions = FaultyFunctions(real, wanted, world.clock, world.chance.random) if wanted else real

    def _set_disk(self, faults: Sequence[RegionFault]) -> None:
        """A disk that is filling up goes on from where it was when another fault comes or goes."""
        free = [fault.free_bytes for fault in faults if isinstance(fault, DiskFull)]
        kept = 1.0
        for fault in faults:
            kept *= 1 - fault.share if isinstance(fault, StoreSyncFailure) else 1
        wanted = (min(free, default=None), 1 - kept)
        if wanted == self._disk:
            return
        self._disk = wanted
        roll = self._here.world.chance.random
        trouble = Trouble(wanted[0], (lambda: roll() < wanted[1]) if wanted[1] else None)
        set_trouble(self._here.folder, None if wanted == (None, 0.0) else trouble)

    async def _set_burners(self, count: int) -> None:
        while len(self._burners) < count:
            self._burners.append(await Burner.light())
        while len(self._burners) > count:
            await self._burners.pop().out()

    async def close(self) -> None:
        """The region stops: nothing of its faults stays behind."""
        async with self._setting:
            await self._set_burners(0)
            set_trouble(self._here.folder, None)
