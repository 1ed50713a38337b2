"""A user of a place: one connection to its proxy, request after request.

A connection to a region is used again by the next request of the same user, as browsers do, but only as long as the
name still leads there: once the TTL is over and the answer has moved, so does the user. To the region the request
carries the user's address in the city's network (x-panregion-client).

Every connection is a user's; what goes wrong is answered with 502 or 504 and a line that says between whom and why.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from panregion.edge.http_message import (
    STATUS,
    BadMessage,
    Framing,
    Head,
    copy_body,
    copy_until_closed,
    encode_head,
    is_number,
    read_head,
    request_framing,
    response_framing,
)
from panregion.edge.upstream import Unreachable, Upstream
from panregion.edge.visits import Visit

if TYPE_CHECKING:
    from panregion.edge.place import Place

RESPONSE_TIMEOUT_S = 60.0
IDLE_TIMEOUT_S = 75.0
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

T = TypeVar("T")


class User:
    """One connection to a place's proxy."""

    def __init__(self, place: "Place", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._place = place
        self._reader = reader
        self._writer = writer
        self._upstream: Upstream | None = None

    async def serve(self) -> None:
        """Request after request, until either side has had enough."""
        try:
            while await self._one():
                pass
        except (OSError, EOFError, TimeoutError, ssl.SSLError):
            self._writer.transport.abort()  # whoever went away is not owed an answer
        finally:
            self._drop()
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()

    def _drop(self) -> None:
        if self._upstream is not None:
            self._upstream.writer.close()
            self._upstream = None

    async def _one(self) -> bool:
        """Serve one request; false where the connection is over."""
        try:
            head = await asyncio.wait_for(read_head(self._reader), IDLE_TIMEOUT_S)
            if head is None:
                return False
            if head.start[0] == "CONNECT":
                await self._tunnel(head)
                return False
            return await self._request(head)
        except BadMessage as error:
            await self._say(400, str(error))
        except Unreachable as error:
            await self._say(error.status, str(error))
        return False

    @contextmanager
    def _visit(self, method: str, host: str, path: str) -> Iterator[Visit]:
        """Keep what becomes of a request, unless the user went away meanwhile: nobody knows how it would have ended."""
        visits = self._place.visits
        visit = visits.begin(self._place.name, method, host, path)
        try:
            yield visit
        except Unreachable as error:
            visit.status, visit.failure = error.status, str(error)
            visits.end(visit)
            raise
        except (OSError, EOFError):
            if not self._writer.is_closing():
                visit.failure = "the answer broke off"
                visits.end(visit)
            raise
        visits.end(visit)

    async def _say(self, status: int, reason: str) -> None:
        phrase = {400: "Bad Request", 502: "Bad Gateway", 504: "Gateway Timeout"}[status]
        body = f"{reason}\n".encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        headers += [("X-Panregion-Place", self._place.name), ("Connection", "close")]
        self._writer.write(encode_head(f"HTTP/1.1 {status} {phrase}", headers) + body)
        await self._writer.drain()

    async def _tunnel(self, head: Head) -> None:
        host, _, port = head.start[1].rpartition(":")
        if not is_number(port):
            raise BadMessage("CONNECT needs host:port")
        host = host.strip("[]")
        with self._visit("CONNECT", host, f":{port}") as visit:
            upstream = self._upstream = await self._place.connect(host, int(port))
            visit.site, visit.address = upstream.site, upstream.address
            visit.connect_ms = self._place.visits.since(visit)
        self._writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _both_ways(self._reader, self._writer, upstream.reader, upstream.writer)

    async def _request(self, head: Head) -> bool:
        method = head.start[0]
        host, port, path = _destination(head)
        framing = request_framing(head)
        with self._visit(method, host, path) as visit:
            return await self._exchange(head, (method, host, port, path), framing, visit)

    async def _exchange(
        self, head: Head, destination: tuple[str, str, int, str], framing: Framing, visit: Visit
    ) -> bool:
        """The request to the region, its answer to the user; true if the connection can go on."""
        method, host, port, path = destination
        kept = self._upstream
        upstream = await self._connected(host, port)
        visit.site, visit.address = upstream.site, upstream.address
        visit.connect_ms = None if upstream is kept else self._place.visits.since(visit)
        message = encode_head(f"{method} {path} HTTP/1.1", self._place.stamp(head, host))
        sending: asyncio.Task[None] | None = None
        try:
            upstream.writer.write(message)
            if framing != 0:
                sending = asyncio.create_task(self._send_body(upstream, framing))
            answer = await self._answer_head(upstream, method, framing == 0, message)
            assert self._upstream is not None
            visit.site, visit.address = self._upstream.site, self._upstream.address
            if STATUS.fullmatch(answer.start[1]):
                visit.status = int(answer.start[1])
            visit.first_byte_ms, visit.cache = self._place.visits.since(visit), answer.header("x-cache") or None
            return await self._pass_on(head, answer, sending)
        except Unreachable:
            if sending is not None and sending.done() and isinstance(error := sending.exception(), BadMessage):
                raise error from None  # the region only noticed that the body broke off
            raise
        finally:
            if sending is not None:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def _send_body(self, upstream: Upstream, framing: Framing) -> None:
        """Pass the user's body on; where it breaks off, so does the connection to the region, which waits for it."""
        try:
            await copy_body(self._reader, upstream.writer, framing)
        except (BadMessage, EOFError):
            upstream.writer.transport.abort()
            raise

    async def _connected(self, host: str, port: int) -> Upstream:
        """The connection kept from the last request if it still leads to the right place, else a new one."""
        kept = self._upstream
        if kept is not None:
            open_still = not kept.reader.at_eof() and not kept.writer.is_closing()
            if kept.key == (host, port) and open_still and kept.address in self._place.addresses(host):
                return kept
            self._drop()
        self._upstream = await self._place.connect(host, port)
        return self._upstream

    async def _answer_head(self, upstream: Upstream, method: str, empty: bool, message: bytes) -> Head:
        """The head of the answer. A kept connection that turns out dead is replaced once, if that is harmless."""
        again = upstream.used and empty and method in REPEATABLE
        upstream.used = True
        try:
            return await self._final_head(upstream)
        except (OSError, EOFError) as error:
            self._drop()
            if not again:
                raise Unreachable(502, f"{upstream.end} broke off before it answered {self._place.name}") from error
        fresh = self._upstream = await self._place.connect(*upstream.key)
        fresh.used = True
        fresh.writer.write(message)
        try:
            return await self._final_head(fresh)
        except (OSError, EOFError) as error:
            raise Unreachable(502, f"{fresh.end} broke off before it answered {self._place.name}") from error

    async def _final_head(self, upstream: Upstream) -> Head:
        """The first head that is no interim one (100 Continue and its like are passed on)."""
        while True:
            try:
                answer = await self._within(read_head(upstream.reader), upstream)
            except BadMessage as error:
                self._drop()
                raise Unreachable(502, f"{upstream.end} answered {self._place.name} with no HTTP: {error}") from error
            if answer is None:
                raise EOFError
            status = answer.start[1]
            if not (status.startswith("1") and status != "101"):
                return answer
            self._writer.write(encode_head(" ".join(answer.start), answer.headers))

    async def _within(self, waiting: Awaitable[T], upstream: Upstream) -> T:
        try:
            return await asyncio.wait_for(waiting, RESPONSE_TIMEOUT_S)
        except TimeoutError as error:
            self._drop()
            raise Unreachable(
                504, f"{upstream.end} did not answer {self._place.name} within {RESPONSE_TIMEOUT_S:g} s"
            ) from error

    async def _pass_on(self, asked: Head, answer: Head, sending: asyncio.Task[None] | None) -> bool:
        """Give the answer to the user; true if both connections can go on."""
        upstream = self._upstream
        assert upstream is not None
        status_line = f"HTTP/1.1 {answer.start[1]} {answer.start[2]}"
        if answer.start[1] == "101":
            self._writer.write(encode_head(status_line, answer.headers))
            await _both_ways(self._reader, self._writer, upstream.reader, upstream.writer)
            return False
        try:
            framing = response_framing(answer, asked.start[0])
        except BadMessage as error:
            self._drop()
            raise Unreachable(502, f"{upstream.end} answered {self._place.name} with no HTTP: {error}") from error
        go_on = framing != "until-close" and "close" not in asked.tokens("connection") | asked.tokens(
            "proxy-connection"
        )
        go_on &= asked.start[2] == "HTTP/1.1"
        headers = answer.without_hops() + ([] if go_on else [("Connection", "close")])
        self._writer.write(encode_head(status_line, headers))
        try:
            await copy_body(upstream.reader, self._writer, framing)
        except BadMessage as error:
            raise EOFError(str(error)) from error  # the head is out: all that is left is to break off
        await self._writer.drain()
        if "close" in answer.tokens("connection") or framing == "until-close":
            self._drop()
        if sending is not None and not sending.done():
            return False  # answered before the whole body was read: the rest of it would be taken for a request
        return go_on


def _destination(head: Head) -> tuple[str, int, str]:
    """Host, port and path that a request is for: a proxy's absolute form, or a Host header. Raises BadMessage."""
    target = head.start[1]
    if target.startswith("/"):
        target = f"http://{head.header('host')}{target}"
    try:
        url = urlsplit(target)
        host, port = url.hostname, url.port or 80
    except ValueError as error:
        raise BadMessage(f"{target[:200]} is not a URL") from error
    if url.scheme != "http" or not host:
        raise BadMessage(f"this is an HTTP proxy: ask for http://host/path, or CONNECT for TLS; not {target[:200]}")
    path = target.split("://", 1)[1]
    path = path[len(url.netloc) :].partition("#")[0] or "/"
    return host, port, path if path.startswith("/") else f"/{path}"


async def _both_ways(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
) -> None:
    """A tunnel, until both directions have ended or one breaks."""
    directions = {
        asyncio.create_task(copy_until_closed(reader, far_writer)),
        asyncio.create_task(copy_until_closed(far_reader, writer)),
    }
    try:
        await asyncio.wait(directions, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for direction in directions:
            direction.cancel()
        await asyncio.gather(*directions, return_exceptions=True)
