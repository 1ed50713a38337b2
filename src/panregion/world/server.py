"""A listening HTTP server inside our own event loop: `serve(handler, host, port)`."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Sequence
from typing import Any, Protocol

from panregion.world.clock import Clock, SystemClock
from panregion.world.http import Handler
from panregion.world.http_protocol import IDLE_TIMEOUT_S, Connections, HttpConnection

BACKLOG = 2048
GRACE_S = 2.0
"""How long requests in flight may take to end once the server closes."""

ACCEPTING_TURNS = 4
"""How many turns of the loop a connection that was accepted in the last moment takes to be one of ours."""

SWEEP_EVERY_S = 5.0
POLL_S = 0.01


class Listening(Protocol):
    """What accepts the connections: asyncio's own, or one that looks at them first."""

    @property
    def sockets(self) -> Sequence[Any]: ...

    def close(self) -> None: ...


class HttpServer:
    """A listening server; `close` lets requests in flight finish for a bounded time."""

    def __init__(self, server: Listening, connections: Connections, clock: Clock) -> None:
        self._server = server
        self._connections = connections
        self._clock = clock
        self._sweeper = asyncio.create_task(self._sweep())
        self.port: int = server.sockets[0].getsockname()[1]

    async def _sweep(self) -> None:
        """One timer for all connections: cheaper than one for each."""
        while True:
            await self._clock.sleep(SWEEP_EVERY_S)
            self._connections.end_idle(IDLE_TIMEOUT_S)
            self._connections.end_stalled(IDLE_TIMEOUT_S)

    async def close(self) -> None:
        """Accept no more, let requests in flight end for at most GRACE_S, then let go of every connection."""
        self._connections.closing = True
        await self._stop_accepting()
        self._server.close()
        self._sweeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._sweeper
        deadline = self._clock.monotonic() + GRACE_S
        self._connections.end_idle(0)
        while self._connections.open and self._clock.monotonic() < deadline:
            await self._clock.sleep(POLL_S)
            self._connections.end_idle(0)
        for _ in range(ACCEPTING_TURNS):
            await self._connections.abort()
            await asyncio.sleep(0)  # the transports tell their protocols in the loop's next turn

    async def _stop_accepting(self) -> None:
        """Whoever was accepted in the last moment becomes one of ours first: asyncio's server cannot take them once it
        is closed, and their sockets would be left to the collector (Python 3.11, base_events.Server._attach)."""
        loop = asyncio.get_running_loop()
        for listening in self._server.sockets:
            loop.remove_reader(listening.fileno())
        for _ in range(ACCEPTING_TURNS):
            await asyncio.sleep(0)


def bind(host: str, port: int) -> socket.socket:
    """A bound TCP socket. Raises OSError (EADDRINUSE) where the port is taken."""
    # The protocol is named because asyncio turns off Nagle only where it is; else a body waits 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from error
    return listener


async def serve(
    handler: Handler, host: str, port: int, tls: ssl.SSLContext | None = None, clock: Clock | None = None
) -> HttpServer:
    """Serve `handler` until closed; port 0 picks a free one. Raises OSError where the port is taken."""
    clock = clock or SystemClock()
    connections = Connections(handler, clock)
    server = await asyncio.get_running_loop().create_server(
        lambda: HttpConnection(connections), sock=bind(host, port), backlog=BACKLOG, ssl=tls
    )
    return HttpServer(server, connections, clock)
