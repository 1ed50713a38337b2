"""HTTP as a city's user speaks it: through the city's proxy, over connections that are kept, as browsers keep them.

Why beside client.py: a game day sends hundreds of requests a second and must not become what it measures. httpcore's
pool takes 1.1 ms of CPU per request through a proxy, this 0.2 (docs/performance.md); httptools does the parsing in both
our server and here. What it does not do: HEAD, upgrades, redirects, trailers, and sending a request twice.
"""

import asyncio
import ssl
from functools import lru_cache
from typing import cast
from urllib.parse import urlsplit

import httptools

from panregion.world.client import ClientError, ClientTimeout
from panregion.world.http import Headers, Response

IDLE_MAX = 512
IDLE_S = 50.0
"""A proxy lets go of an idle connection after 75 s."""


class UserAgent:
    """Connections through one HTTP proxy; `tls` is the context for https URLs."""

    def __init__(self, proxy: str, *, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(proxy)
        assert parts.hostname, f"{proxy} names no host"
        self._proxy = (parts.hostname, parts.port or 80)
        self._tls = tls
        self._idle: dict[str, list[_Exchange]] = {}
        self._open: set[_Exchange] = set()

    async def send(
        self, method: str, url: str, headers: Headers | None = None, body: bytes = b"", *, timeout_s: float = 10
    ) -> Response:
        """One request, its response read whole. Raises ClientError, ClientTimeout; ValueError for what is no URL."""
        tunnel, host, target = _destination(url)
        message = _message(method, target, host, headers or [], body)
        try:
            async with asyncio.timeout(timeout_s):
                exchange = self._kept(tunnel) or await self._connect(tunnel)
                try:
                    response = await exchange.ask(message)
                except BaseException:
                    exchange.close()
                    raise
        except TimeoutError as error:
            raise ClientTimeout(f"{url} did not answer within {timeout_s:g} s") from error
        except ClientError:
            raise
        except OSError as error:
            raise ClientError(f"{url}: {error or type(error).__name__}") from error
        if exchange.reusable:
            self._keep(tunnel, exchange)
        else:
            exchange.close()
        return response

    def _kept(self, tunnel: str) -> "_Exchange | None":
        idle = self._idle.get(tunnel, [])
        now = asyncio.get_running_loop().time()
        while idle:
            exchange = idle.pop()
            if exchange.reusable and now - exchange.idle_since < IDLE_S:
                return exchange
            exchange.close()
        return None

    def _keep(self, tunnel: str, exchange: "_Exchange") -> None:
        idle = self._idle.setdefault(tunnel, [])
        if len(idle) < IDLE_MAX:
            exchange.idle_since = asyncio.get_running_loop().time()
            idle.append(exchange)
        else:
            exchange.close()

    async def _connect(self, tunnel: str) -> "_Exchange":
        loop = asyncio.get_running_loop()
        _, exchange = await loop.create_connection(lambda: _Exchange(self._open), *self._proxy)
        if tunnel:
            try:
                await self._through(exchange, tunnel)
            except BaseException:
                exchange.close()
                raise
        return exchange

    async def _through(self, exchange: "_Exchange", tunnel: str) -> None:
        exchange.only_head = True
        answer = await exchange.ask(f"CONNECT {tunnel} HTTP/1.1\r\nHost: {tunnel}\r\n\r\n".encode())
        exchange.only_head = False
        if answer.status != 200:
            raise ClientError(f"the proxy found no way to {tunnel}: {answer.status}")
        transport = exchange.transport
        assert transport is not None
        host = tunnel.rpartition(":")[0]
        context = self._tls or ssl.create_default_context()
        loop = asyncio.get_running_loop()
        exchange.transport = await loop.start_tls(transport, exchange, context, server_hostname=host)

    def close(self) -> None:
        """Let go of every connection."""
        for exchange in list(self._open):
            exchange.close()
        self._idle.clear()


class _Exchange(asyncio.Protocol):
    """One connection: a request, its answer, and the next request."""

    def __init__(self, siblings: "set[_Exchange]") -> None:
        self.transport: asyncio.Transport | None = None
        self.idle_since = 0.0
        self.only_head = False
        """CONNECT's answer has no body, whatever its head says."""
        self._siblings = siblings
        self._answer: asyncio.Future[Response] | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: Headers = []
        self._body: list[bytes] = []
        self._head_is_whole = False

    @property
    def reusable(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    async def ask(self, message: bytes) -> Response:
        """Send a whole request; its answer. Raises ClientError."""
        assert self.transport is not None
        self._begin()
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(message)
        return await self._answer

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        self._siblings.add(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return
        except httptools.HttpParserError as error:
            self._fail(f"the answer is no HTTP: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        self._siblings.discard(self)
        if self._head_is_whole and exc is None and self._until_closed:
            self._finish()
        self._fail(str(exc) if exc else "the connection was closed before the answer was whole")

    @property
    def _until_closed(self) -> bool:
        names = {name.lower() for name, _ in self._headers}
        return not names & {"content-length", "transfer-encoding"}

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        if self._parser.get_status_code() >= 200:
            self._head_is_whole = True
            if self.only_head:
                self._finish()

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < 200:
            self._headers = []
            return
        if not self._parser.should_keep_alive():
            self.close()
        self._finish()

    def _finish(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Response(self._parser.get_status_code(), self._headers, b"".join(self._body)))

    def _fail(self, why: str) -> None:
        self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ClientError(why))


@lru_cache(4096)
def _destination(url: str) -> tuple[str, str, str]:
    """(host:port to tunnel to, or empty; the Host header; the request line's target). Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url} is no http or https URL")
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    if parts.scheme == "https":
        return f"{parts.hostname}:{parts.port or 443}", parts.netloc, path
    return "", parts.netloc, f"http://{parts.netloc}{path}"


def _message(method: str, target: str, host: str, headers: Headers, body: bytes) -> bytes:
    lines = [f"{method} {target} HTTP/1.1\r\nHost: {host}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines):
        raise ValueError(f"a line break in a header of {method} {target}")
    return f"{head}\r\n\r\n".encode("latin-1") + body
