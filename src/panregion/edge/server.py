"""The name server's sockets: UDP and TCP on one port.

Over UDP an answer is never longer than the asker said it can take and never longer than 1232 bytes; what is
longer is cut to a header that says "ask by TCP". What cannot be read is answered by a bare header, or not at all,
so nobody can be flooded through us. Who sends questions by TCP and does not read the answers is not read any more.
"""

import asyncio
import ipaddress
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, cast

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
KEPT_MAX = 4096
KEPT_QUESTION_BYTES_MAX = 512


class Desk:
    """Bytes to bytes: reads a message, has it answered, keeps a note.

    The answer to a plain question is kept as bytes as long as `version` is the same, so that asked again, letter for
    letter, it costs a look-up. What hangs on chance or on another data plane is not kept.
    """

    def __init__(
        self, resolver: Resolver, map: Map, clock: Clock, log: Ring, version: Callable[[], object] = object
    ) -> None:
        self._resolver = resolver
        self._map = map
        self._clock = clock
        self._log = log
        self._version = version
        self._kept: dict[tuple[bytes, str], tuple[bytes, _Note]] = {}
        self._kept_version: object = None

    def datagram(self, data: bytes, source: str) -> bytes | None:
        """The message to be sent back over UDP, if any."""
        if self._resolver.down == "silent":
            return None
        version = self._version()
        if version != self._kept_version:
            self._kept.clear()
            self._kept_version = version
        kept = self._kept.get((data[2:], source))
        if kept is None:
            return self._answer(data, source, over_tcp=False)
        rest, note = kept
        self._log.add(partial(note, self._clock.now()))
        return data[:2] + rest

    def message(self, data: bytes, source: str) -> bytes | None:
        """The message to be sent back over TCP, if any."""
        if self._resolver.down == "silent":
            return None
        return self._answer(data, source, over_tcp=True)

    def _answer(self, data: bytes, source: str, over_tcp: bool) -> bytes | None:
        try:
            question = dns.parse(data)
        except dns.Malformed as error:
            return None if error.id is None else dns.encode_failure(error.id, error.flags, error.rcode)
        if question.edns is not None and question.edns.version:
            return dns.encode(question, dns.Answer(dns.BADVERS, authoritative=False))
        asker, scope = self._asker(question, source)
        resolution = self._resolver.resolve(question.name, question.type, asker)
        note = partial(_note, question, asker, resolution)
        self._log.add(partial(note, self._clock.now()))
        answer = dns.encode(question, resolution.answer(scope), 65535 if over_tcp else question.udp_limit)
        if resolution.fixed and not over_tcp and len(data) <= KEPT_QUESTION_BYTES_MAX:
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            self._kept[data[2:], source] = (answer[2:], note)
        return answer

    def _asker(self, question: dns.Question, source: str) -> tuple[Asker, int]:
        subnet = question.edns.subnet if question.edns else None
        if subnet is not None and subnet.bits:
            return self._map.at(subnet.address), min(subnet.bits, SCOPE_BITS)
        return self._map.at(_address(source)), 0


_Note = Callable[[float], dict[str, Any]]


def _note(question: dns.Question, asker: Asker, resolution: Resolution, now: float) -> dict[str, Any]:
    """One answer, for those who look on."""
    return {
        "time": now,
        "from": asker.site.name if asker.known else str(asker.address),
        "name": question.name,
        "type": dns.type_name(question.type),
        "rcode": dns.RCODES.get(resolution.rcode, str(resolution.rcode)),
        "values": [dns.rdata_text(record.type, record.data) for record in resolution.records],
        "why": resolution.why,
    }


@lru_cache(4096)
def _address(text: str) -> dns.Address:
    return ipaddress.ip_address(text.partition("%")[0])


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, desk: Desk) -> None:
        self._answer = desk.datagram

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
        answer = self._answer(data, source[0])
        if answer is not None:
            self._transport.sendto(answer, source)


class _Tcp(asyncio.Protocol):
    """Messages behind their lengths, one after another, until the client is idle for too long."""

    def __init__(self, desk: Desk, open_connections: set["_Tcp"]) -> None:
        self._desk = desk
        self._open = open_connections
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self._peer = ""
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._peer = transport.get_extra_info("peername")[0]
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
        self._serve()

    def _serve(self) -> None:
        """Answer every whole message, as long as the client takes the answers."""
        while len(self._received) >= 2 and not self._paused:
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
        answer = self._desk.message(message, self._peer)
        if answer is None:
            self.close()
        else:
            transport.write(len(answer).to_bytes(2) + answer)

    def pause_writing(self) -> None:
        """Who asks and does not read is read no more; the timer then ends it."""
        self._paused = True
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._paused = False
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
            self._serve()

    def close(self) -> None:
        if self._transport is None:
            return
        if self._paused:
            self._transport.abort()
        else:
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
