"""HTTP as a client: httpcore's pool over whatever way of dialling it is given.

httpcore leaves the network to a backend, so that one client serves a direct connection and one over a link.
Its exceptions become `ClientError` here, and go no further.
"""

import asyncio
import contextlib
import ssl
import typing
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import httpcore

from panregion.world.dial import Dial
from panregion.world.http import Headers, Response
from panregion.world.posts import PostFailed, Posts

NO_BODY = frozenset({204, 304})
SILENCE_MAX_S = 900.0
"""How long a response that is passed on may pause: as long as a function may run."""


class ClientError(ConnectionError):
    """No whole response came: not connected, cut off, or not in time."""


class ClientTimeout(ClientError):
    """No answer came in the time that the caller allowed."""


@dataclass(slots=True)
class StreamedResponse:
    """A response whose body arrives while it is read."""

    status: int
    headers: Headers
    chunks: AsyncIterator[bytes]


class HttpClient:
    """A pool of connections over one dial. Hop-by-hop framing headers of a response are dropped.

    `tls` is the context for https URLs (the world's own authority, or none checked); `proxy` the URL of an HTTP
    proxy that all requests go through.
    """

    def __init__(
        self, dial: Dial, *, tls: ssl.SSLContext | None = None, connections: int = 100, proxy: str | None = None
    ) -> None:
        self._posts = Posts(dial)
        self._pool = httpcore.AsyncConnectionPool(
            proxy=None if proxy is None else httpcore.Proxy(proxy),
            ssl_context=tls,
            network_backend=_DialBackend(dial),
            max_connections=connections,
            max_keepalive_connections=20,
            keepalive_expiry=30,
        )

    async def send(
        self,
        method: str,
        url: str,
        headers: Headers | None = None,
        body: bytes = b"",
        *,
        timeout_s: float = 60,
        connect_timeout_s: float | None = None,
    ) -> Response:
        """One request, its response read whole. Raises ClientError, ClientTimeout."""
        try:
            async with asyncio.timeout(timeout_s):
                with _translated(url):
                    response = await self._pool.request(
                        method,
                        url,
                        headers=_encoded(headers),
                        content=body,
                        extensions={"timeout": {"connect": connect_timeout_s or timeout_s}},
                    )
        except TimeoutError as error:
            raise ClientTimeout(f"{url} did not answer within {timeout_s:g} s") from error
        return Response(response.status, _decoded(response.headers), response.content)

    async def post(self, url: str, body: bytes, *, timeout_s: float = 60) -> Response:
        """A short message to another region (posts.py). Raises ClientError, ClientTimeout."""
        try:
            return await self._posts.post(url, body, timeout_s)
        except TimeoutError as error:
            raise ClientTimeout(f"{url} did not answer within {timeout_s:g} s") from error
        except PostFailed as error:
            raise ClientError(str(error)) from error

    @contextlib.asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        headers: Headers | None = None,
        body: bytes = b"",
        *,
        connect_timeout_s: float = 10,
        read_timeout_s: float | None = None,
    ) -> AsyncIterator[StreamedResponse]:
        """One request, its response's body left to be read. Raises ClientError, also from the chunks."""
        timeouts = {"connect": connect_timeout_s, "read": read_timeout_s}
        with _translated(url):
            async with self._pool.stream(
                method, url, headers=_encoded(headers), content=body, extensions={"timeout": timeouts}
            ) as response:
                yield StreamedResponse(response.status, _decoded(response.headers), _chunks(response, url))

    async def pass_on(
        self, method: str, url: str, headers: Headers | None = None, body: bytes = b"", *, timeout_s: float = 60
    ) -> Response:
        """One request whose response is given on: whole where its length is told, else as it comes (its body is then
        to be read or closed). The time is for the former, and for the latter's beginning. Raises ClientError,
        ClientTimeout."""
        async with contextlib.AsyncExitStack() as opened:
            try:
                async with asyncio.timeout(timeout_s):
                    answer = await opened.enter_async_context(
                        self.stream(method, url, headers, body, read_timeout_s=max(timeout_s, SILENCE_MAX_S))
                    )
                    if method == "HEAD" or answer.status in NO_BODY or _length(answer.headers):
                        whole = b"".join([chunk async for chunk in answer.chunks])
                        return Response(answer.status, answer.headers, whole)
            except TimeoutError as error:
                raise ClientTimeout(f"{url} did not answer within {timeout_s:g} s") from error
            return Response(answer.status, answer.headers, _Rest(answer.chunks, opened.pop_all()))

    async def close(self) -> None:
        self._posts.close()
        await self._pool.aclose()


class _Rest:
    """The rest of a response that is passed on: its connection is given back once it is read, or closed unread."""

    def __init__(self, chunks: AsyncIterator[bytes], opened: contextlib.AsyncExitStack) -> None:
        self._chunks = chunks
        self._opened = opened

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._chunks)
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        await self._opened.aclose()


def _length(headers: Headers) -> bool:
    return any(name.lower() == "content-length" for name, _ in headers)


async def _chunks(response: httpcore.Response, url: str) -> AsyncIterator[bytes]:
    with _translated(url):
        async for chunk in response.aiter_stream():
            yield chunk


@contextlib.contextmanager
def _translated(url: str) -> typing.Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise ClientTimeout(f"{url} did not answer in time") from error
    except httpcore.ProxyError as error:
        raise ClientError(f"there is no way to {url}: {error}") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise ClientError(f"{url}: {error or type(error).__name__}") from error


def _encoded(headers: Headers | None) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers or []]


HOP_BY_HOP = {b"transfer-encoding", b"connection", b"keep-alive"}


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in headers if name.lower() not in HOP_BY_HOP
    ]


class _DialBackend(httpcore.AsyncNetworkBackend):
    """httpcore's seam to the network, over a Dial."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: typing.Iterable[typing.Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        del local_address, socket_options
        try:
            async with asyncio.timeout(timeout):  # wait_for of Python 3.11 can lose a cancellation
                return _DialStream(*await self._dial(host, port))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no connection to {host}:{port} in {timeout:g} s") from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _DialStream(httpcore.AsyncNetworkStream):
    """One connection, as httpcore reads and writes it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def __del__(self) -> None:
        # httpcore drops a stream that was opened for a request which was given up meanwhile.
        with contextlib.suppress(RuntimeError):  # the loop is closed, and its transports with it
            self._writer.close()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            async with asyncio.timeout(timeout):
                return await self._reader.read(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(f"nothing came for {timeout:g} s") from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._writer.write(buffer)
            async with asyncio.timeout(timeout):
                await self._writer.drain()
        except TimeoutError as error:
            raise httpcore.WriteTimeout(f"nothing left for {timeout:g} s") from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        self._writer.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("the TLS handshake did not end in time") from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return self

    def get_extra_info(self, info: str) -> typing.Any:
        if info == "is_readable":
            # A peer that closed an idle connection shows as end of file: the pool then opens a new one.
            return self._reader.at_eof() or self._writer.is_closing()
        return self._writer.get_extra_info(info)
