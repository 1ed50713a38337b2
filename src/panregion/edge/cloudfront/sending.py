"""A viewer's request body on its way to an origin: passed on as it comes, never held."""

import asyncio
from collections.abc import Callable

from panregion.edge.cloudfront.bodies import pieces
from panregion.edge.cloudfront.messages import BadMessage, Framing, RequestHead

READ_TIMEOUT_S = 30.0
"""A viewer that sends nothing of its body for so long is left."""


class Sending:
    """One request's body. `whole` tells, once it is over, whether all of it was read from the viewer."""

    def __init__(
        self, head: RequestHead, framing: Framing, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._head = head
        self._framing = framing
        self._reader = reader
        self._viewer = writer
        self.whole = framing == 0

    @property
    def starter(self) -> Callable[[asyncio.StreamWriter], asyncio.Task[None]] | None:
        """What begins to send; None where there is no body."""
        return None if self._framing == 0 else self._start

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers that frame the body for the origin."""
        if self._framing == "chunked":
            return [("Transfer-Encoding", "chunked")]
        if self._framing == 0 and self._head.method in ("GET", "HEAD", "OPTIONS"):
            return []
        return [("Content-Length", str(self._framing))]

    def _start(self, origin: asyncio.StreamWriter) -> asyncio.Task[None]:
        return asyncio.create_task(self._send(origin))

    async def _send(self, origin: asyncio.StreamWriter) -> None:
        try:
            if self._head.by_name.get("expect", "").lower() == "100-continue":
                self._viewer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            async for piece in pieces(self._reader, self._framing, READ_TIMEOUT_S):
                origin.write(b"%x\r\n%b\r\n" % (len(piece), piece) if self._framing == "chunked" else piece)
                await origin.drain()
            if self._framing == "chunked":
                origin.write(b"0\r\n\r\n")
            await origin.drain()
            self.whole = True
        except (OSError, EOFError, BadMessage):
            origin.transport.abort()  # half a request must not look like a whole one
