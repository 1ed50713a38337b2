"""Who really speaks: the PROXY protocol, version 2, in front of a connection's own bytes.

A proxy that passes on bytes, not requests, cannot write a header into them; it says in front of them whose they are:

    signature (12 bytes), version and command, family and transport, length (2), source, destination, ports
    0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A  21  11  000C  198.18.5.10  127.0.1.16  40000  80

Only IPv4 is used here. A server that takes it (`serve_preceded`) looks at the first bytes before it reads any: without
the signature, which no HTTP request or TLS record begins with, the connection speaks for itself.
The specification is HAProxy's proxy-protocol.txt, section 2.2.
"""

import asyncio
import ipaddress
import logging
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from panregion.world.clock import Clock, SystemClock
from panregion.world.http import BODY_LIMIT_BYTES, Handler
from panregion.world.http_protocol import Connections, HttpConnection
from panregion.world.server import BACKLOG, HttpServer, bind

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
STREAM, DATAGRAM = 0x11, 0x12
SIZE = 28
FIRST_BYTES_TIMEOUT_S = 60.0
LOOK_AGAIN_S = 0.005
LOOKS_MAX = 200
_FORM = struct.Struct("!12sBBH4s4sHH")

log = logging.getLogger("panregion.preamble")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose bytes follow, and what they were sent to."""

    address: str
    port: int
    to_address: str
    to_port: int
    datagrams: bool = False


def encode(speaker: Speaker) -> bytes:
    """The 28 bytes that tell it."""
    source, target = (ipaddress.IPv4Address(each).packed for each in (speaker.address, speaker.to_address))
    kind = DATAGRAM if speaker.datagrams else STREAM
    return _FORM.pack(SIGNATURE, 0x21, kind, 12, source, target, speaker.port, speaker.to_port)


def decode(data: bytes) -> Speaker | None:
    """What the first bytes of a connection tell of its speaker; None where they are no preamble, or not ours."""
    if len(data) < SIZE or not data.startswith(SIGNATURE):
        return None
    _, version, kind, length, source, target, port, to_port = _FORM.unpack(data[:SIZE])
    if version != 0x21 or kind not in (STREAM, DATAGRAM) or length != 12:
        return None
    addresses = (str(ipaddress.IPv4Address(each)) for each in (source, target))
    return Speaker(next(addresses), port, next(addresses), to_port, kind == DATAGRAM)


Adopt = Callable[[socket.socket, Speaker | None], Any]
"""Takes an accepted connection, the preamble taken off it, in a coroutine."""


class PrecededListener:
    """Accepts connections, takes the preamble off those that have one, and hands them on."""

    def __init__(self, host: str, port: int, adopt: Adopt) -> None:
        self._listener = bind(host, port)
        self._listener.listen(BACKLOG)
        self._listener.setblocking(False)
        self._adopt = adopt
        self._waiting: set[asyncio.Task[bool]] = set()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._listener, self._accept)

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """The listening socket, until it is closed."""
        return () if self._listener.fileno() < 0 else (self._listener,)

    def _accept(self) -> None:
        """Take whoever waits, one a turn of the loop."""
        try:
            accepted, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as error:
            log.warning("a connection could not be accepted: %s", error)
            return
        accepted.setblocking(False)
        task = self._loop.create_task(self._begin(accepted))
        self._waiting.add(task)
        task.add_done_callback(partial(self._begun, accepted))

    async def _begin(self, accepted: socket.socket) -> bool:
        """Hand a connection on; false where it broke off before that, and is owed nothing."""
        try:
            async with asyncio.timeout(FIRST_BYTES_TIMEOUT_S):
                speaker = await _speaker(accepted)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._adopt(accepted, speaker)
        except (OSError, TimeoutError, EOFError):
            return False
        return True

    def _begun(self, accepted: socket.socket, task: "asyncio.Task[bool]") -> None:
        self._waiting.discard(task)
        if task.cancelled() or not task.result():
            accepted.close()

    def close(self) -> None:
        """Accept no more; connections that have not begun are closed. Closing twice is fine."""
        if self._listener.fileno() < 0:
            return
        self._loop.remove_reader(self._listener)
        for task in list(self._waiting):
            task.cancel()
        self._listener.close()


async def _speaker(accepted: socket.socket) -> Speaker | None:
    """Look at the first bytes, and take them off if they are a preamble. Raises EOFError, OSError."""
    await _readable(accepted)
    for _ in range(LOOKS_MAX):
        seen = accepted.recv(SIZE, socket.MSG_PEEK)
        if not seen:
            raise EOFError
        if not SIGNATURE.startswith(seen[: len(SIGNATURE)]):
            return None
        if len(seen) == SIZE:
            speaker = decode(seen)
            if speaker is None:
                raise OSError("a preamble of another kind")
            accepted.recv(SIZE)
            return speaker
        await asyncio.sleep(LOOK_AGAIN_S)
    return None


async def _readable(accepted: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(accepted, tell)
    try:
        await readable
    finally:
        loop.remove_reader(accepted)


class _Preceded(HttpConnection):
    """A connection whose peer is who the preamble says."""

    def __init__(self, connections: Connections, speaker: Speaker | None) -> None:
        super().__init__(connections)
        self._speaker = speaker

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._speaker is not None:
            self._peer = self._speaker.address


async def serve_preceded(
    handler: Handler,
    host: str,
    port: int,
    tls: ssl.SSLContext | None = None,
    clock: Clock | None = None,
    *,
    body_limit_bytes: int = BODY_LIMIT_BYTES,
) -> HttpServer:
    """As `serve`, for connections that may begin with a preamble. Raises OSError where the port is taken."""
    clock = clock or SystemClock()
    connections = Connections(handler, clock, body_limit_bytes)
    loop = asyncio.get_running_loop()

    async def adopt(accepted: socket.socket, speaker: Speaker | None) -> None:
        # A handshake that fails raises an OSError; the client knows why, and whoever called closes the socket.
        await loop.connect_accepted_socket(lambda: _Preceded(connections, speaker), accepted, ssl=tls)

    return HttpServer(PrecededListener(host, port, adopt), connections, clock)
