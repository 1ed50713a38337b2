"""Short messages between regions: POSTs over connections that are kept open, with as little in the way as HTTP allows.

A general client costs half a millisecond per request, which a write that waits for one round trip feels. This one
knows one method, answers with a Content-Length, and nothing else. A request is sent once: where its connection fails,
nobody knows whether it arrived, and who sent it decides what to do.
"""

import asyncio
from functools import lru_cache
from urllib.parse import urlsplit

from panregion.world.dial import Connection, Dial
from panregion.world.http import Response

IDLE_MAX = 16
"""Connections per address that are kept for the next message."""

Address = tuple[str, int]


class PostFailed(ConnectionError):
    """No whole answer came."""


class Posts:
    """Connections over one dial, each carrying one request at a time."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._idle: dict[Address, list[Connection]] = {}
        self._closed = False

    async def post(self, url: str, body: bytes, timeout_s: float) -> Response:
        """The answer to one POST. Raises PostFailed, TimeoutError."""
        address, head = _request(url)
        try:
            async with asyncio.timeout(timeout_s):
                connection = self._kept(address) or await self._dial(*address)
                try:
                    connection[1].write(b"%s%d\r\n\r\n%s" % (head, len(body), body))
                    response = await _answer(connection[0])
                except BaseException:
                    connection[1].close()
                    raise
        except TimeoutError:  # which is an OSError, too
            raise
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
            raise PostFailed(f"{url}: {error or type(error).__name__}") from error
        self._keep(address, connection)
        return response

    def _kept(self, address: Address) -> Connection | None:
        idle = self._idle.get(address, [])
        while idle:
            reader, writer = idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return None

    def _keep(self, address: Address, connection: Connection) -> None:
        idle = self._idle.setdefault(address, [])
        if len(idle) < IDLE_MAX and not self._closed:
            idle.append(connection)
        else:
            connection[1].close()

    def close(self) -> None:
        """Let go of the connections that are kept."""
        self._closed = True
        for idle in self._idle.values():
            for _, writer in idle:
                writer.close()
        self._idle.clear()


async def _answer(reader: asyncio.StreamReader) -> Response:
    """Raises ValueError for what is no answer of ours."""
    status_line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines if line)]
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), None)
    if length is None:
        raise ValueError("an answer without Content-Length")
    return Response(int(status_line.split(" ")[1]), headers, await reader.readexactly(length))


@lru_cache(256)
def _request(url: str) -> tuple[Address, bytes]:
    parts = urlsplit(url)
    assert parts.hostname, f"{url} names no host"
    assert parts.port, f"{url} names no port"
    host, port = parts.hostname, parts.port
    return (host, port), f"POST {parts.path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: ".encode()
