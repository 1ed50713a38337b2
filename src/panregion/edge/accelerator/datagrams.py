"""UDP at accelerators' addresses: a flow for each client, carried over the link as a tunnel.

A link is a stream, so datagrams cross it each preceded by its length (world/passing.py, which is the other end). A flow
has its endpoint for as long as it lasts; it ends when nothing has come back for FLOW_IDLE_S, or when its tunnel breaks,
and the client's next datagram begins another one. What a link loses shows as a stall, not as a missing datagram.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from panregion.world import Connection
from panregion.world.passing import LENGTH

FLOW_IDLE_S = 120.0
FLOWS_MAX = 4096
WAITING_MAX = 64
BUFFER_MAX_BYTES = 256 * 1024

Client = tuple[str, int]
OpenTunnel = Callable[[Client], Awaitable[Connection]]
"""A tunnel for a client's flow to the endpoint that was selected. Raises OSError where there is none."""


class DatagramDoor(asyncio.DatagramProtocol):
    """One UDP socket of an accelerator."""

    def __init__(self, open_tunnel: OpenTunnel) -> None:
        self._open_tunnel = open_tunnel
        self._flows: dict[Client, _Flow] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Client) -> None:
        client = (addr[0], addr[1])
        flow = self._flows.get(client)
        if flow is None:
            if len(self._flows) >= FLOWS_MAX:
                return
            flow = self._flows[client] = _Flow()
            flow.task = asyncio.create_task(self._carry(client, flow))
        flow.send(data)

    async def _carry(self, client: Client, flow: "_Flow") -> None:
        """Both directions of a flow, until its tunnel ends or it is idle."""
        try:
            reader, writer = await self._open_tunnel(client)
        except OSError:
            self._flows.pop(client, None)  # datagrams to nowhere are lost without a word
            return
        try:
            flow.begin(writer)
            while True:
                async with asyncio.timeout(FLOW_IDLE_S):
                    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
                    data = await reader.readexactly(length)
                if self._transport is not None:
                    self._transport.sendto(data, client)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            return  # idle, or broken off: the next datagram begins anew
        finally:
            self._flows.pop(client, None)
            writer.close()

    def close(self) -> None:
        for flow in self._flows.values():
            if flow.task is not None:
                flow.task.cancel()
        if self._transport is not None:
            self._transport.close()


class _Flow:
    """What a client has sent before its tunnel was open, and the tunnel afterwards."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: list[bytes] = []

    def begin(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        for data in self._waiting:
            self.send(data)
        self._waiting.clear()

    def send(self, data: bytes) -> None:
        writer = self._writer
        if writer is None:
            if len(self._waiting) < WAITING_MAX:
                self._waiting.append(data)
        elif writer.transport.get_write_buffer_size() < BUFFER_MAX_BYTES:
            writer.write(LENGTH.pack(len(data)) + data)
