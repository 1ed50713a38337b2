"""A function's answer on its way from the worker to its caller, piece by piece.

    worker --Runtime API, chunked--> Intake --> ResponseStream --> whoever asked for a stream
                                        `-----> gathered, for who wants the answer whole

What a slow caller has not taken yet waits in memory, a bounded part of it: the worker is then not read any further,
and its writes wait as they would on AWS. A caller that has gone is no reason to stop the function; what it still says
is dropped.
"""

import asyncio
import base64
import binascii
from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from panregion.functions import failures
from panregion.functions.model import RESPONSE_MAX_BYTES
from panregion.world import Request

STREAM_MAX_BYTES = 200 * 1024 * 1024
WAITING_MAX_BYTES = 256 * 1024
"""What may wait for a slow caller; half of it must be taken before the worker is read again."""

MODE = "lambda-runtime-function-response-mode"
ERROR_TYPE = "lambda-runtime-function-error-type"
ERROR_BODY = "lambda-runtime-function-error-body"


class Flow(Protocol):
    """The connection that the pieces come from."""

    def pause(self) -> None:
        """Read no more of it for now."""

    def resume(self) -> None:
        """Read on."""


class ResponseStream:
    """What a caller reads: the content type once `opened`, then the pieces, until the answer has ended."""

    def __init__(self) -> None:
        self.content_type: str | None = None
        self._opened = asyncio.Event()
        self._some = asyncio.Event()
        self._pieces: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._flow: Flow | None = None
        self._paused = False
        self._ended = False
        self._abandoned = False

    async def opened(self) -> bool:
        """Wait for the first of the answer; False where the function ended without one."""
        await self._opened.wait()
        return self.content_type is not None

    def open(self, content_type: str, flow: Flow | None = None) -> None:
        self.content_type, self._flow = content_type, flow
        self._opened.set()

    def write(self, piece: bytes) -> None:
        if self._abandoned or not piece:
            return
        self._pieces.append(piece)
        self._waiting_bytes += len(piece)
        self._some.set()
        if self._waiting_bytes > WAITING_MAX_BYTES and self._flow is not None and not self._paused:
            self._paused = True
            self._flow.pause()

    def end(self) -> None:
        """There will be no more."""
        self._ended, self._flow = True, None
        self._opened.set()
        self._some.set()

    def abandon(self) -> None:
        """Nobody reads it any more."""
        self._abandoned = True
        self._pieces.clear()
        self._waiting_bytes = 0
        self._go_on()

    async def pieces(self) -> AsyncGenerator[bytes]:
        """All that comes, until the end; whoever stops reading has abandoned it."""
        try:
            while True:
                await self._some.wait()
                while self._pieces:
                    yield self._take()
                if self._ended:
                    return
                self._some.clear()
        finally:
            self.abandon()

    def _take(self) -> bytes:
        piece = self._pieces.popleft()
        self._waiting_bytes -= len(piece)
        if self._waiting_bytes < WAITING_MAX_BYTES // 2:
            self._go_on()
        return piece

    def _go_on(self) -> None:
        if self._paused and self._flow is not None:
            self._flow.resume()
        self._paused = False


class Intake:
    """A streamed answer while the worker sends it."""

    def __init__(self, request: Request, flow: Flow, stream: ResponseStream | None) -> None:
        self._bytes = 0
        self._limit = RESPONSE_MAX_BYTES if stream is None else STREAM_MAX_BYTES
        self._gathered: list[bytes] = []
        self._take: Callable[[bytes], None] = self._gathered.append
        if stream is not None:
            stream.open(request.header("content-type") or "application/octet-stream", flow)
            self._take = stream.write

    def take(self, piece: bytes) -> None:
        """A piece; those beyond the limit are dropped."""
        self._bytes += len(piece)
        if self._bytes <= self._limit:
            self._take(piece)

    def end(self, request: Request) -> tuple[bytes, bool]:
        """What of the answer was gathered, or the error in the trailers; and whether it is one."""
        if self._bytes > self._limit:
            return failures.too_large(self._limit), True
        error_type = request.header(ERROR_TYPE)
        if error_type is None:
            return b"".join(self._gathered), False
        return _error_body(request) or failures.body(error_type, ""), True


def is_streamed(request: Request) -> bool:
    """Whether a worker sends its answer as a stream."""
    return (request.header(MODE) or "").lower() == "streaming"


def _error_body(request: Request) -> bytes:
    try:
        return base64.b64decode(request.header(ERROR_BODY) or "", validate=True)
    except binascii.Error:
        return b""
