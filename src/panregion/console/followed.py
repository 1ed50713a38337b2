"""Requests that were sent by way of the console, and what was seen of each on its way (control/tracing)."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from panregion.control.tracing import CannotFollow, Question, follow
from panregion.world import World, WorldSettings

KEPT = 50


@dataclass
class Sent:
    """One request. `traced` is None while it is under way; `refused` says why it could not be followed."""

    number: int
    question: Question
    sent_s: float
    traced: dict[str, Any] | None = None
    refused: str | None = None

    @property
    def is_over(self) -> bool:
        return self.traced is not None or self.refused is not None


class Followed:
    """The last requests, by number."""

    def __init__(self, settings: WorldSettings, world: World, kept: int = KEPT) -> None:
        self._kept = kept
        self._settings = settings
        self._world = world
        self._sent: OrderedDict[int, Sent] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0

    def send(self, question: Question) -> Sent:
        """Begin to follow a request; returns at once. Raises CannotFollow."""
        question.check()
        self._count += 1
        sent = self._sent[self._count] = Sent(self._count, question, self._world.clock.now())
        while len(self._sent) > self._kept:
            self._sent.popitem(last=False)
        task = asyncio.create_task(self._follow(sent))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return sent

    async def _follow(self, sent: Sent) -> None:
        try:
            sent.traced = await follow(self._settings, sent.question, self._world)
        except CannotFollow as error:
            sent.refused = str(error)

    def find(self, number: int) -> Sent | None:
        return self._sent.get(number)

    @property
    def newest(self) -> list[Sent]:
        """The newest first."""
        return list(reversed(self._sent.values()))

    async def over(self) -> None:
        """Return once nothing is under way."""
        await asyncio.gather(*self._tasks)
