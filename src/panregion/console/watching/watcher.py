"""Looking at the world once a second, and telling every open page what was seen.

A page reads the last 15 minutes whole (GET /moments, compressed), then holds one stream (server-sent events,
https://html.spec.whatwg.org/multipage/server-sent-events.html) and is told each moment as it comes; one that was away
says with Last-Event-ID what it has, and is told the rest. However many pages are open, the world is looked at once.
"""

import asyncio
import contextlib
import gzip
import logging
from collections.abc import AsyncIterator
from typing import Self

import msgspec

from panregion.console.edge import Edge
from panregion.console.watching.history import History
from panregion.console.watching.looking import Looking
from panregion.console.watching.moment import Moment
from panregion.control import ControlClient
from panregion.world import Clock, Request, Response, WorldSettings

LOOK_EVERY_S = 1.0
log = logging.getLogger("panregion.console")
QUICKLY = 3
STREAM = [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")]


class Watcher:
    """Looks while it is entered."""

    def __init__(self, settings: WorldSettings, control: ControlClient, edge: Edge, clock: Clock) -> None:
        self.history = History()
        self._looking = Looking(settings, control, edge, clock)
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            try:
                seen = await self._looking.look(self.history.next_number)
            except Exception:  # an answer that nobody foresaw: the log has it, and the next look may see more
                log.exception("a look at the world failed")
            else:
                self.history.add(msgspec.structs.replace(seen, notes=self.history.take_notes()))
            await self._clock.sleep(LOOK_EVERY_S)

    def stream(self, request: Request) -> Response:
        """The moments behind the one that the page has, and those to come."""
        has = request.header("last-event-id") or request.query.removeprefix("after=")
        number = int(has) if has.isdigit() else 0
        known = number < self.history.next_number  # else it has those of an earlier run of the console
        return Response(200, STREAM, self._events(number if known else 0))

    def so_far(self, request: Request) -> Response:
        """All moments that are kept, the first of them with how things stood when it came."""
        return packed(request, {"moments": self.history.after(0)})

    async def _events(self, number: int) -> AsyncIterator[bytes]:
        yield b"retry: 1000\n\n"
        async for moments in self.history.follow(number):
            yield b"".join(map(event, moments))


def packed(request: Request, value: object) -> Response:
    """A large value for a script of ours."""
    body: bytes = msgspec.json.encode(value)
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Vary", "Accept-Encoding")]
    if "gzip" in (request.header("accept-encoding") or ""):
        return Response(200, [*headers, ("Content-Encoding", "gzip")], gzip.compress(body, QUICKLY, mtime=0))
    return Response(200, headers, body)


def event(moment: Moment) -> bytes:
    """A moment as a server-sent event."""
    data: bytes = msgspec.json.encode(moment)  # one line: JSON has no bare line feeds
    return b"id: %d\ndata: %b\n\n" % (moment.number, data)
