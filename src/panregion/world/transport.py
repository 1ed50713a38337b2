"""Sockets for those who handle bytes themselves: the relay and the name server.

Everyone else speaks HTTP through `world.http` and `world.client`. Here a protocol factory is given the
transport, as asyncio does it, which spares the relay a copy and a task for every chunk.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

P = TypeVar("P", bound=asyncio.BaseProtocol)

BACKLOG = 1024
HANDSHAKE_TIMEOUT_S = 10.0
"""A TLS handshake that takes longer has failed."""


async def listen_tcp(factory: Callable[[], asyncio.BaseProtocol], host: str, port: int) -> asyncio.Server:
    """Accept connections until closed; OSError (EADDRINUSE) where the port is taken."""
    return await asyncio.get_running_loop().create_server(factory, host, port, backlog=BACKLOG, reuse_address=True)


async def listen_streams(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    host: str,
    port: int,
    limit: int,
    tls: ssl.SSLContext | None = None,
) -> asyncio.Server:
    """As `listen_tcp`, with a coroutine per connection; a line or head may have at most `limit` bytes."""
    timeout_s = None if tls is None else HANDSHAKE_TIMEOUT_S
    return await asyncio.start_server(
        serve,
        host,
        port,
        limit=limit,
        backlog=BACKLOG,
        reuse_address=True,
        ssl=tls,
        ssl_handshake_timeout=timeout_s,
    )


async def listen_udp(factory: Callable[[], P], host: str, port: int) -> tuple[asyncio.DatagramTransport, P]:
    """A bound UDP socket; OSError (EADDRINUSE) where the port is taken."""
    return await asyncio.get_running_loop().create_datagram_endpoint(factory, local_addr=(host, port))


def udp_is_free(host: str, port: int) -> bool:
    """Whether nobody has the UDP port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


async def connect_tcp(
    factory: Callable[[], P], host: str, port: int, source: str | None = None
) -> tuple[asyncio.Transport, P]:
    """One connection, from the address `source` if one is given; OSError where it is refused."""
    local = None if source is None else (source, 0)
    return await asyncio.get_running_loop().create_connection(factory, host, port, local_addr=local)


def bound_port(server: asyncio.Server) -> int:
    """The port a server listens on, for those that asked for port 0."""
    port: int = server.sockets[0].getsockname()[1]
    return port


def send_at_once(transport: asyncio.BaseTransport) -> None:
    """Turn Nagle's algorithm off: a relay must not add a delay of its own."""
    sock: Any = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def reset(transport: asyncio.Transport) -> None:
    """Close with a TCP reset, so that the other end knows that it is no orderly end."""
    sock: Any = transport.get_extra_info("socket")
    if sock is not None and not transport.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
