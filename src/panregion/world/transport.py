"""Sockets for those who handle bytes themselves: the relay and the name server.

Everyone else speaks HTTP through `world.http` and `world.client`. Here a protocol factory is given the
transport, as asyncio does it, which spares the relay a copy and a task for every chunk.
"""

import asyncio
import contextlib
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


BIND_ADDRESS_NO_PORT = 24
"""Linux's IP_BIND_ADDRESS_NO_PORT, which Python has no name for before 3.12."""


async def connect_tcp(
    factory: Callable[[], P], host: str, port: int, source: str | None = None
) -> tuple[asyncio.Transport, P]:
    """One connection; OSError where it is refused. With a `source` it comes from that IPv4 address."""
    loop = asyncio.get_running_loop()
    if source is None:
        return await loop.create_connection(factory, host, port)
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        with contextlib.suppress(OSError):  # else a port is taken for all targets, of which there are 28,000 a minute
            sock.setsockopt(socket.IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1)
        sock.bind((source, 0))
        await loop.sock_connect(sock, (host, port))
        return await loop.create_connection(factory, sock=sock)
    except BaseException:
        sock.close()
        raise


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
