"""Connections from points of presence to origins: opened over the link, kept for a while, used again.

How often and how long connecting is tried, and how long an origin may be silent, are the origin's settings. A
connection that was kept and turns out dead is replaced at once, for a request that may be sent twice.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from panregion.edge.cloudfront.bodies import pieces
from panregion.edge.cloudfront.messages import BadMessage, Framing, ResponseHead, parse_response, response_framing
from panregion.edge.cloudfront.plan import Origin
from panregion.edge.plane import Surroundings, Unresolved
from panregion.edge.routes import NoRoute

IDLE_MAX = 32
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
RETRIED = frozenset({"GET", "HEAD"})

Kind = Literal["connect", "timeout", "bad"]
Key = tuple[str, str, str, int, str]
"""Site, scheme, host, port, and the name that TLS asks for."""


class OriginFailure(Exception):
    """No response could be had from an origin: what viewers are told, and of which kind it is for failover."""

    def __init__(self, kind: Kind, status: int, reason: str) -> None:
        super().__init__(reason)
        self.kind: Kind = kind
        self.status = status


@dataclass(slots=True)
class Upstream:
    """One connection to an origin."""

    key: Key
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    idle_until: float = 0.0
    used: bool = False

    @property
    def is_open(self) -> bool:
        return not self.reader.at_eof() and not self.writer.is_closing()


@dataclass(slots=True)
class Answer:
    """An origin's response: its head, and a body that arrives while it is read."""

    head: ResponseHead
    framing: Framing
    upstream: Upstream
    body: AsyncIterator[bytes]


class Origins:
    """All connections of one edge to origins. `trust` makes the context that origins' certificates are checked with."""

    def __init__(self, edge: Surroundings, trust: Callable[[], ssl.SSLContext]) -> None:
        self._edge = edge
        self._clock = edge.world.clock
        self._trust = trust
        self._context: ssl.SSLContext | None = None
        self._idle: dict[Key, list[Upstream]] = {}

    async def ask(
        self,
        site: str,
        origin: Origin,
        scheme: str,
        host: str,
        method: str,
        head: bytes,
        send: Callable[[asyncio.StreamWriter], asyncio.Task[None]] | None = None,
    ) -> Answer:
        """Send a request and wait for the head of its response. Raises OriginFailure.

        `send` begins to write the body. `host` is the name that TLS asks for.
        """
        port = origin.https_port if scheme == "https" else origin.http_port
        key = (site, scheme, origin.host, port, host)
        failure = OriginFailure("connect", 502, "CloudFront did not try to connect to the origin.")
        attempts = origin.attempts if method in RETRIED and send is None else 1
        for _ in range(attempts):
            try:
                return await self._try(key, origin, method, head, send)
            except OriginFailure as error:
                failure = error
                if error.kind != "timeout":
                    break
        raise failure

    async def _try(
        self,
        key: Key,
        origin: Origin,
        method: str,
        head: bytes,
        send: Callable[[asyncio.StreamWriter], asyncio.Task[None]] | None,
    ) -> Answer:
        repeatable = method in REPEATABLE and send is None
        kept = self._kept(key) if repeatable else None
        upstream = kept or await self._open(key, origin)
        try:
            return await self._exchange(upstream, origin, method, head, send)
        except (OSError, EOFError) as error:
            self.drop(upstream)
            if isinstance(error, TimeoutError):
                reason = f"The origin did not answer within {origin.read_timeout_s:g} s."
                raise OriginFailure("timeout", 504, reason) from error
            if kept is None:
                raise OriginFailure("bad", 502, "The origin closed the connection before it answered.") from error
        except BadMessage as error:
            self.drop(upstream)
            raise OriginFailure("bad", 502, f"The origin's response is not valid: {error}.") from error
        except BaseException:
            self.drop(upstream)
            raise
        self._idle.pop(key, None)  # the others are as old
        return await self._try(key, origin, method, head, send)

    async def _exchange(
        self,
        upstream: Upstream,
        origin: Origin,
        method: str,
        head: bytes,
        send: Callable[[asyncio.StreamWriter], asyncio.Task[None]] | None,
    ) -> Answer:
        upstream.used = True
        upstream.writer.write(head)
        sending = send(upstream.writer) if send else None
        try:
            answer = await self._head(upstream, origin.read_timeout_s)
            framing = response_framing(answer, method)
        except BaseException:
            if sending is not None:
                sending.cancel()
            raise
        return Answer(answer, framing, upstream, self._body(upstream, answer, framing, origin, sending))

    @staticmethod
    async def _head(upstream: Upstream, timeout_s: float) -> ResponseHead:
        """The first head that is no interim one."""
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    data = await upstream.reader.readuntil(b"\r\n\r\n")
                except asyncio.LimitOverrunError as error:
                    raise BadMessage("its head is too long") from error
                head = parse_response(data)
                if head.status >= 200 or head.status == 101:
                    return head

    async def _body(
        self,
        upstream: Upstream,
        head: ResponseHead,
        framing: Framing,
        origin: Origin,
        sending: asyncio.Task[None] | None,
    ) -> AsyncIterator[bytes]:
        whole = False
        try:
            async for piece in pieces(upstream.reader, framing, origin.read_timeout_s):
                yield piece
            whole = True
        finally:
            sent = sending is None or sending.done()
            if sending is not None and not sent:
                sending.cancel()
            if whole and sent and framing != "until-close" and head.keeps_alive:
                self._keep(upstream, origin.keepalive_s)
            else:
                self.drop(upstream)

    async def _open(self, key: Key, origin: Origin) -> Upstream:
        """A new connection, tried as often and as long as the origin's settings say."""
        site, scheme, host, port, name = key
        failure = OriginFailure("connect", 502, "CloudFront did not try to connect to the origin.")
        for _ in range(origin.attempts):
            try:
                async with asyncio.timeout(origin.connect_timeout_s):
                    _, (reader, writer) = await self._edge.connect(site, host, port, origin.connect_timeout_s)
                    if scheme == "https":
                        await self._encrypt(writer, name)
            except TimeoutError:
                reason = f"CloudFront could not connect to {host} within {origin.connect_timeout_s:g} s."
                failure = OriginFailure("connect", 504, reason)
            except Unresolved as error:
                raise OriginFailure(
                    "connect", 502, f"CloudFront was not able to resolve the origin: {error}"
                ) from error
            except ssl.SSLError as error:
                reason = f"CloudFront could not agree with {host} on TLS: {error.reason or error}."
                raise OriginFailure("bad", 502, reason) from error
            except (NoRoute, OSError) as error:
                failure = OriginFailure("connect", 502, f"CloudFront was not able to connect to the origin: {error}")
            else:
                return Upstream(key, reader, writer)
        raise failure

    async def _encrypt(self, writer: asyncio.StreamWriter, name: str) -> None:
        if self._context is None:
            self._context = self._trust()
        try:
            await writer.start_tls(self._context, server_hostname=name)
        except BaseException:
            writer.close()
            raise

    def _kept(self, key: Key) -> Upstream | None:
        waiting = self._idle.get(key)
        while waiting:
            upstream = waiting.pop()
            if upstream.is_open and upstream.idle_until > self._clock.monotonic():
                return upstream
            upstream.writer.close()
        self._idle.pop(key, None)
        return None

    def _keep(self, upstream: Upstream, keepalive_s: float) -> None:
        waiting = self._idle.setdefault(upstream.key, [])
        if len(waiting) >= IDLE_MAX:
            self.drop(upstream)
            return
        upstream.idle_until = self._clock.monotonic() + keepalive_s
        waiting.append(upstream)

    @staticmethod
    def drop(upstream: Upstream) -> None:
        """Close a connection that cannot be used again."""
        with suppress(RuntimeError):  # its loop is closed
            upstream.writer.close()

    def sweep(self) -> None:
        """Close what has been idle for too long."""
        now = self._clock.monotonic()
        for key, waiting in list(self._idle.items()):
            fresh = [upstream for upstream in waiting if upstream.is_open and upstream.idle_until > now]
            for upstream in waiting:
                if upstream not in fresh:
                    self.drop(upstream)
            if fresh:
                self._idle[key] = fresh
            else:
                del self._idle[key]

    @property
    def idle(self) -> int:
        """How many connections wait to be used again."""
        return sum(len(waiting) for waiting in self._idle.values())

    def close(self) -> None:
        for waiting in self._idle.values():
            for upstream in waiting:
                self.drop(upstream)
        self._idle.clear()


def fails_over(kind_or_status: Kind | int, codes: frozenset[int]) -> bool:
    """Whether the second origin of a group is asked: by AWS's rule, a failed connection counts as 503 and a timeout
    as 504 among the criteria."""
    if isinstance(kind_or_status, int):
        return kind_or_status in codes
    return {"connect": 503, "timeout": 504, "bad": 502}[kind_or_status] in codes
