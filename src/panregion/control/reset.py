"""`POST /snapshot`, `/reset`, `/rest`: remember a world's state, make the world what it was then, end it until that.

A reset ends every process of the world with SIGKILL and starts them on the state that was kept, so nothing that any of
them held in memory survives: neither caches nor connections nor opinions nor work half done.
"""

import asyncio

from panregion.control.snapshots import Snapshot
from panregion.control.supervisor import Child, Supervisor
from panregion.world import WorldSettings
from panregion.world.aside import aside


class NothingKept(Exception):
    """A reset was asked for before any state was kept."""


class Reset:
    """The one state of a world that it can be put back to."""

    def __init__(self, settings: WorldSettings, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._snapshot = Snapshot(settings.path)
        self._one = asyncio.Lock()

    async def keep(self) -> None:
        """Stop the world, remember its state, start it again. Raises StartFailed."""
        async with self._one:
            supervisor = self._supervisor
            for group in supervisor.stopping:
                await self._end(group, kill=False)
            await aside(self._snapshot.keep)
            await supervisor.start()

    async def put_back(self) -> None:
        """Kill the world, put the state back, start it again. Raises NothingKept, StartFailed."""
        async with self._one:
            await self._kill()
            await aside(self._snapshot.put_back)
            await self._supervisor.start()

    async def rest(self) -> None:
        """Kill the world: until the state is put back it is at rest, and costs nothing. Raises NothingKept."""
        async with self._one:
            await self._kill()

    async def _kill(self) -> None:
        if not self._snapshot.exists:
            raise NothingKept("no state was kept that the world could be reset to: POST /snapshot keeps one")
        await self._end([*self._supervisor.rehearsed, *self._supervisor.helpers], kill=True)

    @staticmethod
    async def _end(children: list[Child], *, kill: bool) -> None:
        running = [child.process for child in children if child.process is not None]
        for child in children:
            child.status = "stopped"
        for process in running:
            if kill:
                process.kill()
        await asyncio.gather(*(process.wait() if kill else process.terminate() for process in running))
        for child in children:
            child.process = None
