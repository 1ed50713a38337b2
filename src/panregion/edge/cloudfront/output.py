"""Where a response goes: to a viewer, or into memory for what is made of it."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from panregion.edge.cloudfront.messages import encode_head
from panregion.world import Headers

WRITE_TIMEOUT_S = 30.0
"""A viewer that takes nothing for so long is left."""
PIECE_BYTES = 64 * 1024
BODILESS = frozenset({204, 304})


class Output(Protocol):
    """One response's way out."""

    async def begin(self, status: int, reason: str, headers: Headers, length: int | None) -> None:
        """The head; `length` is the body's, None where it shows only at its end."""

    async def piece(self, data: bytes) -> None:
        """Some more of the body."""

    async def end(self) -> None:
        """All of it is out."""


class ViewerOutput:
    """A response to a viewer's request. `keeps` tells whether the connection can go on afterwards."""

    def __init__(self, writer: asyncio.StreamWriter, method: str, minor: int, keeps: bool) -> None:
        self._writer = writer
        self._bodiless = method == "HEAD"
        self._minor = minor
        self._chunked = False
        self.keeps = keeps
        self.begun = False

    async def begin(self, status: int, reason: str, headers: Headers, length: int | None) -> None:
        self.begun = True
        no_body = self._bodiless or status in BODILESS
        framing: Headers = []
        if length is not None:
            if status not in BODILESS:
                framing = [("Content-Length", str(length))]
        elif not no_body and self._minor:
            self._chunked = True
            framing = [("Transfer-Encoding", "chunked")]
        elif not no_body:
            self.keeps = False
        self._bodiless = no_body
        if not self.keeps:
            framing.append(("Connection", "close"))
        elif not self._minor:
            framing.append(("Connection", "keep-alive"))
        self._writer.write(encode_head(f"HTTP/1.1 {status} {reason}", [*headers, *framing]))

    async def piece(self, data: bytes) -> None:
        if not data or self._bodiless:
            return
        if self._chunked:
            self._writer.write(b"%x\r\n%b\r\n" % (len(data), data))
        else:
            self._writer.write(data)
        await self._drain()

    async def end(self) -> None:
        if self._chunked:
            self._writer.write(b"0\r\n\r\n")
        await self._drain()

    async def _drain(self) -> None:
        if not self._writer.transport.get_write_buffer_size():
            return  # the socket has taken all of it
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await self._writer.drain()

    async def whole(self, head: bytes, body: bytes) -> None:
        """A head that is bytes already, and its body."""
        self.begun = True
        if self._bodiless:
            self._writer.write(head)
        elif len(body) <= PIECE_BYTES:
            self._writer.write(head + body)
        else:
            self._writer.write(head)
            await self.slices(body)
        await self._drain()

    async def slices(self, body: bytes) -> None:
        """A body that is in memory, no faster than the viewer takes it."""
        view = memoryview(body)
        for start in range(0, len(body), PIECE_BYTES):
            await self.piece(bytes(view[start : start + PIECE_BYTES]))


class TooLarge(Exception):
    """What is collected is larger than what memory is given for it."""


@dataclass(slots=True)
class Gathered:
    """A response collected in memory."""

    bytes_max: int
    status: int = 0
    reason: str = ""
    headers: Headers = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    size: int = 0
    keeps: bool = True
    begun: bool = False

    async def begin(self, status: int, reason: str, headers: Headers, length: int | None) -> None:
        self.begun = True
        self.status, self.reason, self.headers = status, reason, headers
        if length is not None and length > self.bytes_max:
            raise TooLarge

    async def piece(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self.bytes_max:
            raise TooLarge
        self.pieces.append(data)

    async def end(self) -> None:
        return

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)
