"""The open connections of a region's WebSocket APIs. They live in memory: with the region's process they are gone.

A connection that is idle for ten minutes, or two hours old, is closed with 1001, by the world's clock.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from panregion.services import Here
from panregion.services.apigatewayv2.sockets.events import Caller
from panregion.world.websocket import Limits, WebSocket

IDLE_S = 600.0
DURATION_S = 7200.0
SWEEP_S = 1.0
UNANSWERED_MAX = 100
"""How many messages of one connection may be worked on; then nothing more is read from it."""

GOING_AWAY = (1001, "Going away")

Serve = Callable[["Live", str], Coroutine[Any, Any, None]]
Ended = Callable[["Live", int, str], Coroutine[Any, Any, None]]

log = logging.getLogger("panregion.apigatewayv2")


class Live:
    """One connection. `serve` is run for each message, `ended` once."""

    def __init__(self, connections: "Connections", caller: Caller, serve: Serve, ended: Ended) -> None:
        self._connections = connections
        self._serve = serve
        self._ended = ended
        self._working = 0
        self.caller = caller
        self.here = connections.here
        self.socket = WebSocket(self, Limits())
        self.began = self.last = connections.here.world.clock.monotonic()
        self.active_at = connections.here.now()

    def active(self) -> None:
        here = self._connections.here
        self.last, self.active_at = here.world.clock.monotonic(), here.now()

    def received(self, text: str) -> None:
        self._working += 1
        if self._working == UNANSWERED_MAX:
            self.socket.hold(True)
        self._connections.run(self._served(text))

    async def _served(self, text: str) -> None:
        try:
            await self._serve(self, text)
        finally:
            if self._working == UNANSWERED_MAX:
                self.socket.hold(False)
            self._working -= 1

    def closed(self, code: int, reason: str) -> None:
        if self._connections.drop(self):
            self._connections.run(self._ended(self, code, reason))


class Connections:
    """All of one region."""

    def __init__(self, here: Here) -> None:
        self.here = here
        self.open: dict[str, Live] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.Task[None] | None = None

    def add(self, caller: Caller, serve: Serve, ended: Ended) -> Live:
        """A connection that is about to open."""
        live = self.open[caller.connection_id] = Live(self, caller, serve, ended)
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = asyncio.create_task(self._sweep())
        return live

    def drop(self, live: Live) -> bool:
        """Forget a connection; whether anybody is to be told of its end: a region that stops tells nobody."""
        known = self.open.pop(live.caller.connection_id, None) is not None
        return known and not self.here.closing.is_set()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done that nobody waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a message of a WebSocket failed", exc_info=error)

    async def _sweep(self) -> None:
        """Close what is idle or old, as long as there are connections; all of them when the region stops."""
        closing = asyncio.create_task(self.here.closing.wait())
        while self.open and not closing.done():
            sleeping = asyncio.create_task(_slept(self.here))
            await asyncio.wait({closing, sleeping}, return_when=asyncio.FIRST_COMPLETED)
            sleeping.cancel()
            now = self.here.world.clock.monotonic()
            for live in list(self.open.values()):
                if closing.done() or now - live.last >= IDLE_S or now - live.began >= DURATION_S:
                    live.socket.close(*GOING_AWAY)
                    self.open.pop(live.caller.connection_id, None)  # also one whose 101 never left
        if closing.done():
            for task in list(self._tasks):
                task.cancel()
        closing.cancel()


async def _slept(here: Here) -> None:
    await here.world.clock.sleep(SWEEP_S)


def live(here: Here) -> Connections:
    """This region's connections."""
    found = here.running.get("apigatewayv2-connections")
    if found is None:
        found = here.running["apigatewayv2-connections"] = Connections(here.serving(here.request_id))
    assert isinstance(found, Connections)
    return found
