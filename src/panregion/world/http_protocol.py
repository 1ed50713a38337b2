"""HTTP/1.1, the server's side of one connection, over httptools' parser.

Why one of our own: an embedded ASGI server costs twice what the data plane's cheapest operation does (a hello-world
handler 62 us of CPU on uvicorn, 24 here, in one interleaved run), because it passes every request through a dictionary,
three messages and two more coroutines. The figures and what was given up are in docs/design/002-http-server.md.

A connection's life:

    bytes -> parser -> a whole request -> the handler, in a task -> bytes, and the next request

Requests of one connection are answered one after another, in order. While one is being answered nothing more is read
than what already came, so that a client that pipelines is held back by TCP. A response of unknown length is sent
chunked, each chunk waiting until the socket has taken the last. What is malformed gets 400 and the connection ends.
"""

import asyncio
import email.utils
import http
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

import httptools

from panregion.world.clock import Clock
from panregion.world.http import BODY_LIMIT_BYTES, Handler, Headers, RawHeaders, Request, Response, WrittenResponse
from panregion.world.http_repeats import Repeats
from panregion.world.switching import Switching, switch
from panregion.world.whereabouts import shown_address

HEADERS_LIMIT_BYTES = 64 << 10
IDLE_TIMEOUT_S = 75.0
NO_BODY = frozenset({204, 304})

log = logging.getLogger("panregion.http")


def _status_line(status: int) -> str:
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n"


_STATUS_LINES = {status: _status_line(status) for status in range(100, 600)}


class Connections:
    """The open connections of one server, and what they share: the handler and the second's Date header."""

    def __init__(self, handler: Handler, clock: Clock, body_limit_bytes: int = BODY_LIMIT_BYTES) -> None:
        self.handler = handler
        self.body_limit_bytes = body_limit_bytes
        self.begin: Callable[[Request], Response | Awaitable[Response]] = getattr(handler, "begin", handler)
        self.clock = clock
        self.open: set[HttpConnection] = set()
        self.answers: set[asyncio.Task[None]] = set()
        """Requests being answered; a task may outlive its connection by what its handler still waits for."""
        self.closing = False
        self._date_second = -1
        self._date = ""
        self._date_line = b""

    @property
    def date_header(self) -> str:
        """The Date header's line; made anew once a second."""
        second = int(self.clock.now())
        if second != self._date_second:
            self._date_second = second
            self._date = f"Date: {email.utils.formatdate(second, usegmt=True)}\r\n"
            self._date_line = self._date.encode("ascii")
        return self._date

    @property
    def date_line(self) -> bytes:
        """As `date_header`, in bytes."""
        if int(self.clock.now()) != self._date_second:
            return self.date_header.encode("ascii")
        return self._date_line

    def end_idle(self, idle_s: float) -> None:
        """Close the connections that have had no request for so long."""
        before = self.clock.monotonic() - idle_s
        for connection in list(self.open):
            if connection.idle and connection.active_at <= before:
                connection.transport.close()

    def end_stalled(self, idle_s: float) -> None:
        """Let go of clients that sent half a request and then nothing for so long, or that take in nothing any more."""
        before = self.clock.monotonic() - idle_s
        for connection in list(self.open):
            unsent = connection.transport.get_write_buffer_size()
            stuck = unsent > 0 and unsent == connection.unsent
            connection.unsent = unsent
            if connection.active_at <= before and (connection.half_sent or (connection.idle and stuck)):
                connection.transport.abort()

    async def abort(self) -> None:
        """Close every connection now; no handler runs any more afterwards."""
        for connection in list(self.open):
            connection.transport.abort()
        answers = list(self.answers)
        for answer in answers:
            answer.cancel()
        await asyncio.gather(*answers, return_exceptions=True)


class HttpConnection(asyncio.Protocol):
    """One connection; see the module's text."""

    transport: asyncio.Transport

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._writable: asyncio.Event | None = None
        self._peer = "127.0.0.1"
        self._broken = False
        self._early = b""
        self._repeats = Repeats()
        self._chunk = b""
        self.active_at = connections.clock.monotonic()
        self.unsent = 0
        """What the client had not taken in when it was last looked at."""
        self._begin()

    @property
    def idle(self) -> bool:
        """No request is being answered or read."""
        return self._task is None and not self._reading

    @property
    def half_sent(self) -> bool:
        """A request has begun to arrive, and nothing else is left to do."""
        return self._task is None and self._reading

    # The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        if peer:
            self._peer = shown_address(peer[0])
        self._connections.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._connections.open.discard(self)
        if self._writable is not None:
            self._writable.set()
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        if self._broken:
            return
        if self._task is None and not self._reading:
            request = self._repeats.find(data, self._peer)
            if request is not None:
                self._handle(request, not self._connections.closing)
                return
            self._chunk = data
        try:
            self._parser.feed_data(data)
            self._chunk = b""
            if self._reading:
                self.active_at = self._connections.clock.monotonic()
        except httptools.HttpParserUpgrade as upgrade:
            self._broken = True  # what follows is not HTTP for us: whoever answers with 101 takes it over
            self._early = data[upgrade.args[0] :]
            self.transport.pause_reading()
        except _Refused as refusal:
            self._refuse(refusal.status, str(refusal))
        except (httptools.HttpParserError, httptools.HttpParserCallbackError) as error:
            cause = error.__context__
            if isinstance(cause, _Refused):
                self._refuse(cause.status, str(cause))
            else:
                self._refuse(400, "this is not HTTP/1.1")

    def pause_writing(self) -> None:
        self._writable = asyncio.Event()

    def resume_writing(self) -> None:
        if self._writable is not None:
            self._writable.set()
            self._writable = None

    # The parser's side

    def _begin(self) -> None:
        self._reading = False
        self._url = b""
        self._headers: RawHeaders = []
        self._head_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0

    def on_url(self, url: bytes) -> None:
        self._reading = True
        self._url += url
        self._head_bytes += len(url)
        if self._head_bytes > HEADERS_LIMIT_BYTES:
            raise _Refused(431, "the request's headers are too large")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > HEADERS_LIMIT_BYTES:
            raise _Refused(431, "the request's headers are too large")
        if len(name) == 14 and name.lower() == b"content-length" and int(value) > self._connections.body_limit_bytes:
            raise _Refused(413, "the request's body is too large")
        if len(name) == 6 and value.lower() == b"100-continue" and name.lower() == b"expect" and not self._task:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
        self._body_bytes += len(body)
        if self._body_bytes > self._connections.body_limit_bytes:
            raise _Refused(413, "the request's body is too large")

    def on_message_complete(self) -> None:
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        path, query = _split(self._url)
        method = self._parser.get_method().decode("ascii")
        request = Request(method, path, query, None, body, self._peer, raw_headers=self._headers)
        keep_alive = self._parser.should_keep_alive() and not self._connections.closing
        self._begin()
        if keep_alive and self._chunk:
            self._repeats.learn(request, self._chunk)
        if self._task is not None:
            self._waiting.append((request, keep_alive))
            self.transport.pause_reading()
            return
        self._handle(request, keep_alive)

    def _handle(self, request: Request, keep_alive: bool) -> None:
        """Have the request answered, at once where that can be."""
        answer = self._connections.begin(request)
        if type(answer) is WrittenResponse and keep_alive and request.method != "HEAD":
            self.transport.write(self._written(answer.lines, answer.body))
            self.active_at = self._connections.clock.monotonic()
            return
        if isinstance(answer, Response) and isinstance(answer.body, bytes):
            self.transport.write(self._whole(request, answer, answer.body, keep_alive))
            self._answered(keep_alive)
            return
        self._task = asyncio.get_running_loop().create_task(self._answer(request, answer, keep_alive))
        self._connections.answers.add(self._task)
        self._task.add_done_callback(self._connections.answers.discard)

    # Answers

    def _answered(self, keep_alive: bool) -> None:
        self.active_at = self._connections.clock.monotonic()
        if not keep_alive:
            self.transport.close()

    async def _answer(self, request: Request, answer: Response | Awaitable[Response], keep_alive: bool) -> None:
        while True:
            try:
                response = answer if isinstance(answer, Response) else await answer
            except Exception:
                log.exception("%s %s failed", request.method, request.path)
                response = Response(500, [("Content-Type", "text/plain")], b"the server failed; see its log\n")
            if response.status == 101 and isinstance(response, Switching):
                switch(self.transport, self._head(response, ""), self._early, response.successor, self.connection_lost)
                return
            keep_alive = keep_alive and not self._broken and not self._connections.closing
            body = response.body
            if self.transport.is_closing() and isinstance(body, bytes):
                return  # nobody is there to be told
            if type(response) is WrittenResponse and keep_alive and request.method != "HEAD":
                self.transport.write(self._written(response.lines, response.body))
            elif isinstance(body, bytes):
                self.transport.write(self._whole(request, response, body, keep_alive))
            else:
                keep_alive = await self._stream(request, response, body, keep_alive) and keep_alive
            self._answered(keep_alive)
            if not keep_alive:
                return
            if not self._waiting:
                self._task = None
                return
            request, keep_alive = self._waiting.popleft()
            if not self._waiting:
                self.transport.resume_reading()
            answer = self._connections.handler(request)

    def _head(self, response: Response, extra: str) -> bytes:
        lines = "".join([f"{name}: {value}\r\n" for name, value in response.headers])
        head = f"{_STATUS_LINES[response.status]}{self._connections.date_header}{lines}{extra}\r\n"
        return head.encode("latin-1")

    def _written(self, lines: bytes, body: bytes) -> bytes:
        date = self._connections.date_line
        return b"HTTP/1.1 200 OK\r\n%b%bContent-Length: %d\r\n\r\n%b" % (date, lines, len(body), body)

    def _whole(self, request: Request, response: Response, body: bytes, keep_alive: bool) -> bytes:
        extra = "" if keep_alive else "Connection: close\r\n"
        if response.status not in NO_BODY and not _has_length(response.headers):
            extra = f"{extra}Content-Length: {len(body)}\r\n"
        head = self._head(response, extra)
        return head if request.method == "HEAD" or response.status in NO_BODY else head + body

    async def _stream(
        self, request: Request, response: Response, chunks: AsyncIterator[bytes], keep_alive: bool
    ) -> bool:
        """Send a response as it comes; False where it could not be sent whole."""
        chunked = not _has_length(response.headers)
        extra = "Transfer-Encoding: chunked\r\n" if chunked else ""
        if not self.transport.is_closing():
            self.transport.write(self._head(response, extra if keep_alive else extra + "Connection: close\r\n"))
        try:
            if request.method != "HEAD":
                async for chunk in chunks:
                    if self.transport.is_closing():
                        return False
                    if chunk:
                        self.transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
                    if self._writable is not None:
                        await self._writable.wait()
                if chunked and not self.transport.is_closing():
                    self.transport.write(b"0\r\n\r\n")
        except ConnectionError as error:  # its source has gone: no fault of this server's
            log.info("the response to %s %s broke off: %.300s", request.method, request.path, error)
            return False
        except Exception:
            log.exception("the response to %s %s broke off", request.method, request.path)
            return False
        finally:
            close = getattr(chunks, "aclose", None)
            if close is not None:
                await close()
        return True

    def _refuse(self, status: int, reason: str) -> None:
        """Answer what cannot be read, and end the connection."""
        self._broken = True
        self._reading = False
        if self._task is None:
            response = Response(status, [("Content-Type", "text/plain")])
            self.transport.write(self._whole(Request("GET", "/"), response, f"{reason}\n".encode(), False))
            self.transport.close()


class _Refused(Exception):
    """What the client sends goes beyond a limit."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def _split(url: bytes) -> tuple[str, str]:
    """Path and query of a request's target, which may be in absolute form (RFC 9112 3.2.2)."""
    text = url.decode("latin-1")
    if text == "/":
        return text, ""
    if not text.startswith("/") and "://" in text:
        _, _, rest = text.partition("://")
        _, slash, rest = rest.partition("/")
        text = slash + rest
    path, _, query = text.partition("?")
    return path or "/", query


def _has_length(headers: Headers) -> bool:
    for name, _ in headers:  # noqa: SIM110 (a generator takes twice the time, and every answer comes by)
        if len(name) == 14 and name.lower() == "content-length":
            return True
    return False
