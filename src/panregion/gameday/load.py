"""Load: journeys that begin when they are meant to, whether or not earlier ones have ended (an open loop).

A closed loop, in which a user waits for one answer before the next request, is slowed down by a slow system and so
measures it at its own pace; the requests that could not be sent are missing from its figures (Tene, "How NOT to Measure
Latency"). Here every arrival has its time from the seed alone, and latencies count from that time.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from panregion.gameday.user import Agent, NoAnswer, Scene, User
from panregion.world import Chance, Clock, SeededChance

Journey = Callable[[User], Awaitable[None]]
Arrivals = Literal["poisson", "constant"]


@dataclass(frozen=True)
class Group:
    """The users of one city who do one thing."""

    city: str
    journey: Journey
    rate_s: float
    """Journeys begun per second."""
    arrivals: Arrivals = "poisson"
    patience_s: float = 3.0
    """How long somebody waits for an answer."""


def arrival_times(rate_s: float, arrivals: Arrivals, chance: Chance) -> Iterator[float]:
    """When journeys begin, in seconds from 0 without end; of Poisson arrivals the gaps are exponential."""
    at_s = -chance.random() / rate_s  # cities with one rate do not march in step
    while True:
        at_s += 1 / rate_s if arrivals == "constant" else -math.log(1.0 - chance.random()) / rate_s
        if at_s >= 0:
            yield at_s


class Load:
    """Runs the journeys of all groups."""

    def __init__(self, scene: Scene, clock: Clock, agents: Mapping[str, Agent], seed: int) -> None:
        self._scene = scene
        self._clock = clock
        self._agents = agents
        self._seed = seed
        self._stopping = asyncio.Event()

    async def run(self, groups: Sequence[Group]) -> None:
        """Until `stop`, and then until the last journey has ended, which its users' patience bounds."""
        async with asyncio.TaskGroup() as journeys:
            streams = [journeys.create_task(self._group(*numbered, journeys)) for numbered in enumerate(groups)]
            await self._stopping.wait()
            for stream in streams:
                stream.cancel()

    def stop(self) -> None:
        """No journey begins from now on."""
        self._stopping.set()

    async def _group(self, number: int, group: Group, journeys: asyncio.TaskGroup) -> None:
        seed = f"{self._seed}/{number}/{group.city}"
        for which, at_s in enumerate(arrival_times(group.rate_s, group.arrivals, SeededChance(seed))):
            await self._clock.sleep(max(0.0, at_s - self._scene.elapsed()))
            chance = SeededChance(f"{seed}/{which}")
            agent = self._agents[group.city]
            user = User(self._scene, agent, group.city, which, chance, at_s, group.patience_s)
            journeys.create_task(travel(group.journey, user))


async def travel(journey: Journey, user: User) -> None:
    """One journey to its end. What it raises becomes a failed request, for the verdict to tell."""
    try:
        await journey(user)
    except NoAnswer:
        user.end()
    except Exception as error:  # noqa: BLE001 - a journey is the user's own code: whatever it raises is a finding
        user.end(error)
    else:
        user.end()
