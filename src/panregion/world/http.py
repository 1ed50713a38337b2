"""HTTP at the edge of the process: a request in, a response out.

The rest of the project sees only `Request`, `Response` and `Handler`. Below that is uvicorn with httptools
(chosen in docs/design/002-http-server.md): an embedded server inside our own event loop. ASGI hands header
names in lower case; API Gateway shows handlers the client's own spelling, so the protocol class below also
keeps the names as they came.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Headers = list[tuple[str, str]]

BODY_LIMIT_BYTES = 5 * 1024**3
"""The largest object a single S3 PUT may carry; nothing else comes near."""


@dataclass(slots=True)
class Request:
    """One HTTP request, read whole.

    `path` is raw (percent-encoded, without the query), `query` is raw (without the question mark), `headers`
    keep the client's order and spelling, `peer` is the client's IP address.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    peer: str = "127.0.0.1"
    _by_name: dict[str, str] | None = None

    def header(self, name: str, default: str | None = None) -> str | None:
        """A header by its name in lower case; repeated ones are joined by a comma, as RFC 9110 5.3 allows."""
        if self._by_name is None:
            by_name: dict[str, str] = {}
            for key, value in self.headers:
                lower = key.lower()
                by_name[lower] = f"{by_name[lower]},{value}" if lower in by_name else value
            self._by_name = by_name
        return self._by_name.get(name, default)

    @property
    def host(self) -> str:
        """The Host header in lower case, without its port."""
        return (self.header("host") or "").rsplit(":", 1)[0].lower()

    @property
    def target(self) -> str:
        """Path and query, as on the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(slots=True)
class Response:
    """One HTTP response; a body that is an iterator is sent in chunks as they come."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes | AsyncIterator[bytes] = b""


Handler = Callable[[Request], Awaitable[Response]]


class _SpellingKeptProtocol(HttpToolsProtocol):
    """Keeps header names as the client spelled them, in the ASGI scope's extensions."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._spelled: list[bytes] = []
        self.scope["extensions"] = {"panregion.header_names": {"names": self._spelled}}

    def on_header(self, name: bytes, value: bytes) -> None:
        self._spelled.append(name)
        super().on_header(name, value)


class HttpServer:
    """A listening server; `close` lets requests in flight finish for a bounded time."""

    def __init__(self, server: uvicorn.Server, task: asyncio.Task[None], port: int) -> None:
        self._server = server
        self._task = task
        self.port = port

    async def close(self) -> None:
        self._server.should_exit = True
        await asyncio.wait_for(self._task, timeout=10)


def bind(host: str, port: int) -> socket.socket:
    """A bound TCP socket. Raises OSError (EADDRINUSE) where the port is taken."""
    # The protocol is named because asyncio turns off Nagle only where it is; else a body waits 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


class _EmbeddedServer(uvicorn.Server):
    """uvicorn without its signal handlers: the process that embeds it decides when to end."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


async def serve(handler: Handler, host: str, port: int, tls: ssl.SSLContext | None = None) -> HttpServer:
    """Serve `handler` until closed; port 0 picks a free one. Returns once connections are accepted."""
    listener = bind(host, port)
    config = uvicorn.Config(
        _application(handler),
        http=_SpellingKeptProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
        backlog=2048,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )
    server = _EmbeddedServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if task.done():
            task.result()
            raise OSError(f"the server on {host}:{port} ended before it started")
        await asyncio.sleep(0.002)
    return HttpServer(server, task, listener.getsockname()[1])


def _application(handler: Handler) -> Any:
    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = await _read_body(receive)
        response = await handler(_request(scope, body))
        await _send_response(response, scope["method"], send)

    return application


def _request(scope: dict[str, Any], body: bytes) -> Request:
    names = scope["extensions"]["panregion.header_names"]["names"]
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, (_, value) in zip(names, scope["headers"], strict=False)
    ]
    return Request(
        method=scope["method"],
        path=scope["raw_path"].decode("ascii", "replace"),
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        peer=scope["client"][0] if scope["client"] else "127.0.0.1",
    )


async def _read_body(receive: Any) -> bytes:
    message = await receive()
    first: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return first
    chunks = [first]
    while message.get("more_body"):
        message = await receive()
        chunks.append(message.get("body", b""))
    return b"".join(chunks)


async def _send_response(response: Response, method: str, send: Any) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    body = response.body
    if isinstance(body, bytes):
        if not any(name.lower() == b"content-length" for name, _ in headers) and response.status >= 200:
            headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
        return
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    async for chunk in body:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
