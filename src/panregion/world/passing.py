"""Passing connections and datagrams on to a chosen address, unread: what a load balancer of layer 4 does.

TCP connections may begin with a preamble (world/preamble.py). One that says DATAGRAM carries datagrams over a link,
which is a stream: each is preceded by its length in two bytes. Both directions; a flow ends with its connection.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from functools import partial
from typing import cast

from panregion.world.preamble import PrecededListener, Speaker
from panregion.world.transport import listen_udp

LENGTH = struct.Struct("!H")
COPY_BYTES = 64 * 1024
CONNECT_TIMEOUT_S = 10.0
FLOW_IDLE_S = 120.0
FLOWS_MAX = 4096
EARLY_MAX = 32

Address = tuple[str, int]
Choose = Callable[[str], Address | None]
"""Where a client's new connection or flow goes, by the client's address; None where there is nobody."""


class Flow(asyncio.DatagramProtocol):
    """Datagrams of one client to one target and back. `answer` is given what comes back, `ended` is called once."""

    def __init__(self, answer: Callable[[bytes], None], ended: Callable[[], None]) -> None:
        self._answer = answer
        self._ended = ended
        self._early: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        for data in self._early:
            self.transport.sendto(data)
        self._early.clear()

    def send(self, data: bytes) -> None:
        self._stay()
        if self.transport is not None:
            self.transport.sendto(data)
        elif len(self._early) < EARLY_MAX:
            self._early.append(data)

    def datagram_received(self, data: bytes, addr: Address) -> None:  # noqa: ARG002 - asyncio's signature
        self._stay()
        self._answer(data)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there: datagrams are lost without a word, as on any network."""

    def _stay(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(FLOW_IDLE_S, self.close)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self.transport is not None:
            self.transport.close()
        self._ended()

    async def open(self, target: Address) -> None:
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, remote_addr=target)


class _Datagrams(asyncio.DatagramProtocol):
    """A bound UDP port: a flow for each client."""

    def __init__(self, choose: Choose) -> None:
        self._choose = choose
        self._flows: dict[Address, Flow] = {}
        self._opening: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        flow = self._flows.get(addr) or self._begin(addr)
        if flow is not None:
            flow.send(data)

    def _begin(self, client: Address) -> Flow | None:
        target = self._choose(client[0]) if len(self._flows) < FLOWS_MAX else None
        if target is None:
            return None
        flow = Flow(partial(self._answer, client), partial(self._end, client))
        self._flows[client] = flow
        task = asyncio.create_task(flow.open(target))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return flow

    def _end(self, client: Address) -> None:
        self._flows.pop(client, None)

    def _answer(self, client: Address, data: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(data, client)

    def close(self) -> None:
        for task in self._opening:
            task.cancel()
        for flow in list(self._flows.values()):
            flow.close()
        if self._transport is not None:
            self._transport.close()


class Passing:
    """A listening port of which everything is passed on."""

    def __init__(self, choose: Choose) -> None:
        self._choose = choose
        self._listener: PrecededListener | None = None
        self._datagrams: _Datagrams | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def listen(self, host: str, port: int, *, tcp: bool, udp: bool) -> None:
        """Listen for what is wanted; for datagrams also for tunnels of them. OSError where a port is taken."""
        self._tcp = tcp
        self._listener = PrecededListener(host, port, self._adopt)
        if udp:
            try:
                _, self._datagrams = await listen_udp(lambda: _Datagrams(self._choose), host, port)
            except OSError:
                self._listener.close()
                raise

    async def _adopt(self, accepted: socket.socket, speaker: Speaker | None) -> None:
        client = accepted.getpeername()[0] if speaker is None else speaker.address
        reader, writer = await asyncio.open_connection(sock=accepted)
        self._writers.add(writer)
        try:
            if speaker is not None and speaker.datagrams:
                await self._tunnel(reader, writer, client)
            elif self._tcp:
                await self._pass(reader, writer, client)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: str) -> None:
        target = self._choose(client)
        if target is None:
            writer.transport.abort()
            return
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                far_reader, far_writer = await asyncio.open_connection(*target)
        except (OSError, TimeoutError):
            writer.transport.abort()
            return
        directions = [
            asyncio.create_task(_copy(reader, far_writer)),
            asyncio.create_task(_copy(far_reader, writer)),
        ]
        try:
            await asyncio.gather(*directions)
        finally:
            for direction in directions:
                direction.cancel()
            far_writer.close()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: str) -> None:
        target = self._choose(client)
        if target is None or self._datagrams is None:
            return
        flow = Flow(lambda data: writer.write(LENGTH.pack(len(data)) + data), writer.close)
        await flow.open(target)
        try:
            while True:
                (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
                flow.send(await reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            return  # the tunnel's other end has gone
        finally:
            flow.close()

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        if self._datagrams is not None:
            self._datagrams.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):  # either end may go: the other is told by its own end
        while piece := await reader.read(COPY_BYTES):
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof() and not writer.is_closing():
            writer.write_eof()
        return
    writer.transport.abort()
