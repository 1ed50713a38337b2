"""Time, as an argument. Nothing outside `world/` reads a clock or sleeps by itself."""

import asyncio
import heapq
import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """What a region may ask of time."""

    def now(self) -> float:
        """Seconds since the epoch; may jump, as wall clocks do."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""

    async def sleep(self, delay_s: float) -> None:
        """Return after `delay_s` seconds of this clock."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)


class WrongClock(SystemClock):
    """The machine's time as a clock shows it that may be wrong: `shift` says by how much, in seconds (ahead: positive),
    given `monotonic`. Durations stay right."""

    def __init__(self) -> None:
        self.shift: Callable[[float], float] | None = None

    def now(self) -> float:
        if self.shift is None:
            return time.time()
        return time.time() + self.shift(time.monotonic())


class ManualClock:
    """Time that stands still until a test moves it.

    `advance` wakes sleepers in the order of their deadlines and lets each run before the next one wakes,
    so that what a sleeper schedules in response is itself part of the advance.
    """

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now
        self._skew_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> float:
        return self._now + self._skew_s

    def monotonic(self) -> float:
        return self._now

    def jump(self, by_s: float) -> None:
        """Move the wall clock alone, as a mistaken NTP server would."""
        self._skew_s += by_s

    async def sleep(self, delay_s: float) -> None:
        if delay_s <= 0:
            await asyncio.sleep(0)
            return
        self._count += 1
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + delay_s, self._count, woken))
        await woken

    async def advance(self, by_s: float, *, rounds: int = 20) -> None:
        """Let `by_s` seconds pass. `rounds` bounds how many turns of the loop each woken sleeper is given."""
        until = self._now + by_s
        await self._settle(rounds)
        while self._sleepers and self._sleepers[0][0] <= until:
            deadline, _, woken = heapq.heappop(self._sleepers)
            self._now = max(self._now, deadline)
            if not woken.done():
                woken.set_result(None)
                await self._settle(rounds)
        self._now = until
        await self._settle(rounds)

    @staticmethod
    async def _settle(rounds: int) -> None:
        for _ in range(rounds):
            await asyncio.sleep(0)
