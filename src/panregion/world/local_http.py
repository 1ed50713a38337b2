"""A small HTTP/1.1 server for one client that we started ourselves: the Runtime API of an execution environment.

Every environment has a listener of its own, because the port is all that tells AWS's runtime clients apart. So a
listener must cost little, and so must a request: a warm invocation makes two. There is no task per request: the
handler is a plain function, given the request and a function that answers it, now or much later (long polling).
It is not for strangers: no timeouts, and one request at a time per connection.

A request's body is gathered, unless it has the header `streamed` and `begin`, asked once its headers are there, gives
something that takes it piece by piece; the handler is then called at its end with an empty body, and with the trailers
among the headers.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import httptools

from panregion.world.http import Headers, Request

Reply = Callable[[int, Headers, bytes], None]
LocalHandler = Callable[[Request, Reply], None]
Begin = Callable[[Request, "_Connection"], Callable[[bytes], None] | None]

REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 413: "Too Large"}


class LocalServer:
    """A listener on a port of its own, until closed."""

    def __init__(self, server: asyncio.Server, connections: set["_Connection"]) -> None:
        self._server = server
        self._connections = connections
        self.port: int = server.sockets[0].getsockname()[1]

    def close(self) -> None:
        self._server.close()
        for connection in list(self._connections):
            connection.close()


async def listen(
    handler: LocalHandler, host: str, begin: Begin = lambda _request, _flow: None, streamed: str = ""
) -> LocalServer:
    """Serve `handler` on a free port of `host`. `streamed` is a header's name in lower case."""
    connections: set[_Connection] = set()
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(handler, begin, streamed, connections), host, 0, family=socket.AF_INET
    )
    return LocalServer(server, connections)


class _Connection(asyncio.Protocol):
    def __init__(self, handler: LocalHandler, begin: Begin, streamed: str, connections: set["_Connection"]) -> None:
        self._handler = handler
        self._begin = begin
        self._streamed = streamed
        self._connections = connections
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._url = b""
        self._headers: Headers = []
        self._body: list[bytes] = []
        self._take: Callable[[bytes], None] = self._body.append

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._connections.discard(self)
        self._transport = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def pause(self) -> None:
        """Read no more for now."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None:
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    # httptools calls these

    def on_message_begin(self) -> None:
        self._url, self._headers, self._body = b"", [], []
        self._take = self._body.append

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        names = {name.lower() for name, _ in self._headers}
        if "expect" in names:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._streamed in names and (take := self._begin(self._request(), self)) is not None:
            self._take = take

    def on_body(self, body: bytes) -> None:
        self._take(body)

    def on_message_complete(self) -> None:
        self._handler(self._request(), self._reply)

    def _request(self) -> Request:
        path, _, query = self._url.decode("latin-1").partition("?")
        method = self._parser.get_method().decode("ascii")
        return Request(method, path, query, self._headers, b"".join(self._body))

    def _reply(self, status: int, headers: Headers, body: bytes) -> None:
        if self._transport is None:  # the client has gone
            return
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode("latin-1")
        self._transport.write(head + body)  # one write: a second packet would wait for the first one's ACK
