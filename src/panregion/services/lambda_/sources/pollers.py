"""A reader for every mapping that is enabled, for as long as the region runs.

A reader ends with an error where its source or function is away (deleted, or not there yet); it is begun again after a
pause, from where it left off, and what was wrong is told as the mapping's last result.
"""

import asyncio
import logging
from typing import Protocol

from panregion.services import Here
from panregion.services.lambda_ import layout
from panregion.services.lambda_.sources.calls import note
from panregion.services.lambda_.sources.model import Source
from panregion.services.lambda_.sources.queues import QueueReader
from panregion.services.lambda_.sources.streams import StreamReader
from panregion.wire import AwsError

PAUSE_FIRST_S, PAUSE_MAX_S = 0.5, 30.0

log = logging.getLogger("panregion.lambda")


class Reader(Protocol):
    """Carries a source's records to its function."""

    async def run(self) -> None:
        """Until it is cancelled, or fails."""


class Pollers:
    """The readers of one region."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._running: dict[str, tuple[Source, asyncio.Task[None]]] = {}

    async def follow(self) -> None:
        """Run a reader for each mapping as it is now, and none for others."""
        wanted = {source.uuid: source for source in self._here.read(lambda here: list(layout.sources(here.tx)))}
        for uuid, (source, _) in list(self._running.items()):
            if uuid not in wanted or _differs(source, wanted[uuid]):
                await self._end(uuid)
        for uuid, source in wanted.items():
            if source.enabled and uuid not in self._running:
                self._running[uuid] = (source, asyncio.create_task(self._run(source)))

    async def _run(self, source: Source) -> None:
        pause_s = PAUSE_FIRST_S
        while True:
            try:
                await reader_of(self._here, source).run()
            except* AwsError as group:
                reason = "; ".join(str(error) for error in group.exceptions)
                log.warning("the event source mapping %s of %s waits: %s", source.uuid, source.arn, reason)
                await note(self._here, source.uuid, f"PROBLEM: {reason}")
            except* Exception:
                log.exception("the event source mapping %s of %s failed", source.uuid, source.arn)
            await self._here.world.clock.sleep(pause_s)
            pause_s = min(2 * pause_s, PAUSE_MAX_S)

    async def _end(self, uuid: str) -> None:
        _, task = self._running.pop(uuid)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def stop(self) -> None:
        for uuid in list(self._running):
            await self._end(uuid)


def reader_of(here: Here, source: Source) -> Reader:
    return QueueReader(here, source) if source.is_queue else StreamReader(here, source)


def _differs(running: Source, wanted: Source) -> bool:
    """Whether another reader is needed; what came of the last batch is no reason."""
    return running.modified != wanted.modified or running.enabled != wanted.enabled
