"""The name server's sockets: UDP and TCP on one port.

Over UDP an answer is never longer than the asker said it can take and never longer than 1232 bytes; what is
longer is cut to a header that says "ask by TCP". What cannot be read is answered by a bare header, or not at all,
so nobody can be flooded through us.
"""

import asyncio
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from panregion.edge.log import Ring
from panregion.edge.resolving import Resolution, Resolver
from panregion.edge.where import Asker, Map
from panregion.wire import dns
from panregion.world import Clock
from panregion.world.transport import bound_port, listen_tcp, listen_udp

TCP_IDLE_S = 10.0
TCP_CONNECTIONS_MAX = 256
SCOPE_BITS = 24
PORT_ATTEMPTS = 16


@dataclass(frozen=True, slots=True)
class Desk:
    """Bytes to bytes: reads a message, has it answered, keeps a note."""

    resolver: Resolver
    map: Map
    clock: Clock
    log: Ring

    def answer(self, data: bytes, source: str, over_tcp: bool) -> bytes | None:
        """The message to be sent back, if any."""
        try:
            question = dns.parse(data)
        except dns.Malformed as error:
            return None if error.id is None else dns.encode_failure(error.id, error.flags, error.rcode)
        if question.edns is not None and question.edns.version:
            return dns.encode(question, dns.Answer(dns.BADVERS, authoritative=False))
        asker, scope = self._asker(question, source)
        resolution = self.resolver.resolve(question.name, question.type, asker)
        self._note(question, asker, resolution)
        return dns.encode(question, resolution.answer(scope), 65535 if over_tcp else question.udp_limit)

    def _asker(self, question: dns.Question, source: str) -> tuple[Asker, int]:
        subnet = question.edns.subnet if question.edns else None
        if subnet is not None and subnet.bits:
            return self.map.at(subnet.address), min(subnet.bits, SCOPE_BITS)
        return self.map.at(_address(source)), 0

    def _note(self, question: dns.Question, asker: Asker, resolution: Resolution) -> None:
        now = self.clock.now()
        self.log.add(
            lambda: {
                "time": now,
                "from": asker.site.name if asker.known else str(asker.address),
                "name": question.name,
                "type": dns.type_name(question.type),
                "rcode": dns.RCODES.get(resolution.rcode, str(resolution.rcode)),
                "values": [dns.rdata_text(record.type, record.data) for record in resolution.records],
                "why": resolution.why,
            }
        )


def _address(text: str) -> dns.Address:
    return ipaddress.ip_address(text.partition("%")[0])


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
        answer = self._desk.answer(data, source[0], over_tcp=False)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, source)


class _Tcp(asyncio.Protocol):
    """Messages behind their lengths, one after another, until the client is idle for too long."""

    def __init__(self, desk: Desk, open_connections: set["_Tcp"]) -> None:
        self._desk = desk
        self._open = open_connections
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._open.add(self)
        self._wait()
        if len(self._open) > TCP_CONNECTIONS_MAX:
            self.close()

    def _wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(TCP_IDLE_S, self.close)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= 2:
            length = int.from_bytes(self._received[:2])
            if len(self._received) < 2 + length:
                return
            message, self._received = self._received[2 : 2 + length], self._received[2 + length :]
            self._reply(message)
            self._wait()

    def _reply(self, message: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        answer = self._desk.answer(message, transport.get_extra_info("peername")[0], over_tcp=True)
        if answer is None:
            self.close()
        else:
            transport.write(len(answer).to_bytes(2) + answer)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._open.discard(self)
        if self._timer is not None:
            self._timer.cancel()


class NameServer:
    """A listening name server."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: set[_Tcp] = set()
        self._closers: list[Callable[[], None]] = []
        self.port = 0

    async def listen(self, host: str, port: int) -> None:
        """UDP and TCP on the same port; port 0 picks one that is free for both."""
        for attempt in range(PORT_ATTEMPTS):
            tcp = await listen_tcp(lambda: _Tcp(self._desk, self._open), host, port)
            self.port = bound_port(tcp)
            try:
                udp, _ = await listen_udp(lambda: _Udp(self._desk), host, self.port)
            except OSError:
                tcp.close()
                if port or attempt == PORT_ATTEMPTS - 1:
                    raise
            else:
                self._closers = [tcp.close, udp.close]
                return

    def close(self) -> None:
        for closer in self._closers:
            closer()
        for connection in list(self._open):
            connection.close()
