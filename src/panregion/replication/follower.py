"""The shell round a `Puller`: opens streams, reads frames, applies batches one transaction after another.

Three kinds of tasks, joined by queues: attempts (each reads one stream), the loop that steps the puller,
and one that applies. At most `PENDING_MAX` frames are on their way from the first to the last; beyond that
nothing is read, and the source feels it through the connection.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

import msgspec

from panregion.world import Clock, HttpClient

from .frames import ACKNOWLEDGE_PATH, FOLLOW_PATH, Follow, Frame, Unframer, decode_frame
from .frames import Acknowledge as AcknowledgeBody
from .puller import (
    Acknowledge,
    Applied,
    Apply,
    Close,
    CopyAnew,
    Effect,
    Ended,
    Input,
    Note,
    Open,
    Opened,
    Puller,
    Received,
    Tick,
    Wanted,
)
from .replica import RefusedRecord

PENDING_MAX = 16
_HEADERS = [("content-type", "application/vnd.msgpack")]


class Follower:
    """One peer, followed.

    `apply` applies a batch or takes note of a `Passed`, in the order in which they came, and returns the
    feed's cursor.
    """

    def __init__(
        self,
        here: str,
        url: str,
        client: HttpClient,
        puller: Puller,
        clock: Clock,
        apply: Callable[[Apply | Note], Awaitable[int]],
        copy_anew: Callable[[str], None],
    ) -> None:
        self._here = here
        self._url = url
        self._client = client
        self.puller = puller
        self._clock = clock
        self._apply = apply
        self._copy_anew = copy_anew
        self._inbox: asyncio.Queue[Input] = asyncio.Queue()
        self._work: asyncio.Queue[Apply | Note] = asyncio.Queue()
        self._streams: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._acknowledging: asyncio.Task[None] | None = None
        self._pending = 0
        self._room = asyncio.Event()

    def want(self, cursors: dict[str, int]) -> None:
        self._inbox.put_nowait(Wanted(cursors))

    def reopen(self, reason: str) -> None:
        """Give the stream up and start again from the cursors in the store."""
        stream = self.puller.stream
        if stream is not None:
            self._cancel(stream)
            self._inbox.put_nowait(Ended(stream, reason))

    async def run(self) -> None:
        """Until cancelled."""
        applying = asyncio.create_task(self._apply_all())
        try:
            while True:
                if applying.done():
                    applying.result()
                given = await self._next()
                effects = self.puller.step(self._clock.monotonic(), given)
                for effect in effects:
                    self._perform(effect)
                if isinstance(given, Received) and not any(isinstance(effect, Apply) for effect in effects):
                    self._settled()
        finally:
            await ended([applying, *self._tasks])

    async def _next(self) -> Input:
        if not self._inbox.empty():
            return self._inbox.get_nowait()
        wait_s = self.puller.wake_at - self._clock.monotonic()
        try:  # not wait_for: before Python 3.12 it loses a cancellation that comes together with an input
            async with asyncio.timeout(min(max(0.0, wait_s), 60.0)):
                return await self._inbox.get()
        except TimeoutError:
            return Tick()

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Open(attempt, cursors):
                self._streams[attempt] = self._spawn(self._read(attempt, cursors))
            case Close(attempt):
                self._cancel(attempt)
            case Apply() | Note():
                self._work.put_nowait(effect)
            case CopyAnew(feed):
                self._copy_anew(feed)
            case Acknowledge(cursors):
                if self._acknowledging is None or self._acknowledging.done():
                    self._acknowledging = self._spawn(self._acknowledge(cursors))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _cancel(self, attempt: int) -> None:
        task = self._streams.pop(attempt, None)
        if task is not None:
            task.cancel()

    async def _read(self, attempt: int, cursors: dict[str, int]) -> None:
        reason = "the peer ended the stream"
        try:
            body = msgspec.msgpack.encode(Follow(self._here, cursors))
            async with self._client.stream("POST", self._url + FOLLOW_PATH, _HEADERS, body) as response:
                if response.status != 200:
                    reason = f"the peer answered {response.status}"
                    return
                self._inbox.put_nowait(Opened(attempt))
                unframer = Unframer()
                async for chunk in response.chunks:
                    for data in unframer.split(chunk):
                        await self._deliver(attempt, decode_frame(data))
        except (OSError, RefusedRecord) as error:
            reason = str(error)
        finally:
            self._streams.pop(attempt, None)
            self._inbox.put_nowait(Ended(attempt, reason))

    async def _deliver(self, attempt: int, frame: Frame) -> None:
        while self._pending >= PENDING_MAX:
            self._room.clear()
            await self._room.wait()
        self._pending += 1
        self._inbox.put_nowait(Received(attempt, frame))

    def _settled(self) -> None:
        self._pending -= 1
        self._room.set()

    async def _apply_all(self) -> None:
        while True:
            work = await self._work.get()
            cursor = await self._apply(work)
            if isinstance(work, Apply):
                self._settled()
                self._inbox.put_nowait(Applied(work.batch.feed, cursor))

    async def _acknowledge(self, cursors: dict[str, int]) -> None:
        body = msgspec.msgpack.encode(AcknowledgeBody(self._here, cursors))
        with contextlib.suppress(OSError):  # the next one says the same and more
            await self._client.send("POST", self._url + ACKNOWLEDGE_PATH, _HEADERS, body, timeout_s=2)


async def ended(tasks: Iterable["asyncio.Task[None]"]) -> None:
    """Cancel tasks until they have ended; a cancellation can get lost inside a library."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)
