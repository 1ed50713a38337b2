"""A reader for everything that is to be read, for as long as the region runs.

A reader ends with an error where its source or its taker is away (deleted, or not there yet); it is begun again after
a pause, from where it left off, and what was wrong is told.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from panregion.services.here import Here
from panregion.services.sources.queues import QueueReader
from panregion.services.sources.reading import Reading, Taker
from panregion.services.sources.streams import Shard, StreamReader
from panregion.services.sources.windows import WindowedShard
from panregion.wire import AwsError

PAUSE_FIRST_S, PAUSE_MAX_S = 0.5, 30.0

log = logging.getLogger("panregion.sources")


class Wanted(NamedTuple):
    """What is to be read. A reader runs until its `version` is another one."""

    version: Any
    reading: Reading
    taker: Taker
    problem: Callable[[str], Awaitable[None]] | None = None
    """Told what keeps the reader from reading; the log has it, too."""


class Readers:
    """The readers of one service in one region, by a name for each."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._running: dict[str, tuple[Any, asyncio.Task[None]]] = {}

    async def follow(self, wanted: Mapping[str, Wanted]) -> None:
        """Run a reader for each of these, and none for others."""
        for name, (version, _) in list(self._running.items()):
            if name not in wanted or wanted[name].version != version:
                await self._end(name)
        for name, one in wanted.items():
            if name not in self._running:
                self._running[name] = (one.version, asyncio.create_task(self._run(name, one)))

    async def _run(self, name: str, wanted: Wanted) -> None:
        pause_s = PAUSE_FIRST_S
        while True:
            try:
                await reader_of(self._here, wanted).run()
            except* AwsError as group:
                reason = "; ".join(str(error) for error in group.exceptions)
                log.warning("the reader %s of %s waits: %s", name, wanted.reading.arn, reason)
                if wanted.problem is not None:
                    await wanted.problem(reason)
            except* Exception:
                log.exception("the reader %s of %s failed", name, wanted.reading.arn)
            await self._here.world.clock.sleep(pause_s)
            pause_s = min(2 * pause_s, PAUSE_MAX_S)

    async def _end(self, name: str) -> None:
        _, task = self._running.pop(name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def stop(self) -> None:
        for name in list(self._running):
            await self._end(name)


def reader_of(here: Here, wanted: Wanted) -> QueueReader | StreamReader:
    if wanted.reading.is_queue:
        return QueueReader(here, wanted.reading, wanted.taker)
    return StreamReader(here, wanted.reading, wanted.taker, WindowedShard if wanted.reading.tumbling_s else Shard)
