"""The relay's sockets: one listener, two protocols' worth of bytes through two pipes per connection.

A client opens a connection with CONNECT and names both sites in headers; the answer comes after the time a
TCP handshake over that link would take. From then on the bytes are the link's. Nothing here decides a time:
`link.py` and `pipe.py` do. Reading stops while a pipe is full or its far socket cannot be written, so a
connection holds at most two windows.
"""

import asyncio
import ipaddress
from dataclasses import dataclass, replace
from typing import cast

import msgspec

from panregion.network import admin
from panregion.network.link import CONNECT_RETRY_S, GIVE_UP_S, Conditions, next_attempt
from panregion.network.network import Link, Network
from panregion.network.pipe import Mark, Pipe
from panregion.network.sites import UnknownSite
from panregion.world.transport import connect_tcp, reset, send_at_once

HEAD_LIMIT_BYTES = 16 * 1024
BODY_LIMIT_BYTES = 64 * 1024
HEAD_TIMEOUT_S = 10.0
"""Who says nothing for so long wants nothing: half-open connections hold no place."""
CONNECTIONS_MAX = 8192
DIAL_TIMEOUT_S = 10.0
EARLY_S = 0.0003
"""Timers have a millisecond's grain: what is due within this is due."""
PHRASES = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}


class Refused(Exception):
    """The connection cannot be made; the text says why."""


class GaveUp(Exception):
    """No answer ever came."""


class End(asyncio.Protocol):
    """One socket of a relayed connection. Bytes read go into `out`; `incoming` writes to this socket."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.out: Flow | None = None
        self.incoming: Flow | None = None
        self._early: list[bytes | Mark] = []
        self._read_ended = False
        self._write_ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        send_at_once(transport)

    def data_received(self, data: bytes) -> None:
        if self.out is None:
            self._early.append(data)
        else:
            self.out.put(data)

    def eof_received(self) -> bool:
        self._read_ended = True
        self._put(Mark.END)
        self._close_if_done()
        return True

    def end_writing(self) -> None:
        """The other end has said all it had to say."""
        if self.transport is not None and not self._write_ended and not self.transport.is_closing():
            self._write_ended = True
            self.transport.write_eof()
            self._close_if_done()

    def _close_if_done(self) -> None:
        if self._read_ended and self._write_ended and self.transport is not None:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._put(Mark.END if exc is None else Mark.RESET)
        if self.incoming is not None:
            self.incoming.writer_lost()

    def _put(self, mark: Mark) -> None:
        if self.out is None:
            self._early.append(mark)
        else:
            self.out.put(mark)

    def pause_writing(self) -> None:
        if self.incoming is not None:
            self.incoming.writer_full(True)

    def resume_writing(self) -> None:
        if self.incoming is not None:
            self.incoming.writer_full(False)

    def start(self, out: "Flow", incoming: "Flow") -> None:
        """Both flows stand: pass on what came before."""
        self.out, self.incoming = out, incoming
        early, self._early = self._early, []
        for piece in early:
            out.put(piece)

    def abort(self) -> None:
        if self.transport is not None:
            reset(self.transport)


class Flow:
    """One direction of one connection: from a socket through a pipe to the other socket."""

    def __init__(self, network: Network, link: Link, reader: End, writer: End) -> None:
        self._clock = network.world.clock
        self._link = link
        self._pipe = Pipe(link.carrier, network.world.chance.random, link.late)
        self._reader = reader
        self._writer = writer
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False
        self._writer_full = False
        self._writer_lost = False
        self._ended = False
        self._unfollow = link.follow(self._changed)

    def put(self, piece: bytes | Mark) -> None:
        if self._ended:
            if self._writer_lost and isinstance(piece, bytes):
                self._reader.abort()  # as a closed socket answers late bytes: by a reset
            return
        if isinstance(piece, bytes):
            self._link.bytes += len(piece)
            if self._pipe.passes and self._writer.transport is not None:
                self._writer.transport.write(piece)
                return
        self._pipe.put(self._clock.monotonic(), piece)
        self._pump()

    def _pump(self) -> None:
        now = self._clock.monotonic()
        if self._pipe.dead(now):
            self._link.resets += 1
            self.reset()
            return
        for piece in self._pipe.take(now, EARLY_S):
            self._write(piece)
        if not self._ended:
            self._regulate()
            self._schedule(now)

    def _write(self, piece: bytes | Mark) -> None:
        transport = self._writer.transport
        if transport is None or self._ended:
            return
        if isinstance(piece, bytes):
            transport.write(piece)
        elif piece is Mark.END:
            self.close()
            self._writer.end_writing()
        else:
            self.reset()

    def _schedule(self, now: float) -> None:
        if self._timer is not None:
            return
        wake_at = self._pipe.wake_at()
        if wake_at is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, wake_at - now - EARLY_S), self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._pump()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _regulate(self) -> None:
        """Stop reading while there is no room, go on when there is."""
        transport = self._reader.transport
        if transport is None or transport.is_closing():
            return
        if not self._paused and (self._pipe.full or self._writer_full):
            self._paused = True
            transport.pause_reading()
        elif self._paused and self._pipe.has_room and not self._writer_full:
            self._paused = False
            transport.resume_reading()

    def writer_full(self, full: bool) -> None:
        """The far socket takes no more for now, or takes again."""
        self._writer_full = full
        self._regulate()

    def writer_lost(self) -> None:
        """The far socket is gone: what comes for it goes nowhere."""
        self._writer_lost = True
        self.close()
        transport = self._reader.transport
        if self._paused and transport is not None and not transport.is_closing():
            self._paused = False
            transport.resume_reading()

    def _changed(self, before: Conditions) -> None:
        """The link has changed. What had arrived before the change, has arrived."""
        if self._link.cut == "refuse":
            self._link.resets += 1
            self.reset()
            return
        self._pipe.changed(before, self._clock.monotonic())
        self._cancel_timer()
        self._pump()

    def close(self) -> None:
        """Nothing more goes this way."""
        self._ended = True
        self._cancel_timer()
        self._unfollow()

    def reset(self) -> None:
        """Both sockets end at once."""
        self.close()
        self._reader.abort()
        self._writer.abort()


def join(network: Network, forward: Link, back: Link, client: End, target: End) -> None:
    """Let two sockets be one connection over a pair of links."""
    there = Flow(network, forward, client, target)
    here = Flow(network, back, target, client)
    client.start(there, here)
    target.start(here, there)


async def cross(network: Network, link: Link) -> None:
    """One handshake packet's way over a link. Raises Refused, GaveUp."""
    clock = network.world.clock
    sent_at = clock.monotonic()
    send_at = sent_at
    while True:
        if link.cut == "refuse":
            link.refused += 1
            raise Refused(f"connection refused: {link.from_site} -> {link.to_site} is cut")
        if link.cut is None:
            if link.conditions.immediate:
                return
            arrives_at = link.carrier.arrival(send_at, 0, network.world.chance.random)
            if await _until(network, link, arrives_at, heals=False):
                return
            continue
        if await _until(network, link, sent_at + GIVE_UP_S, heals=True):
            raise GaveUp
        send_at = next_attempt(sent_at, CONNECT_RETRY_S, clock.monotonic())


async def _until(network: Network, link: Link, moment: float, *, heals: bool) -> bool:
    """Wait for `moment` (true), or for the link to heal or refuse, or else to be cut, before it (false)."""
    while (left_s := moment - network.world.clock.monotonic()) > EARLY_S:
        try:
            await asyncio.wait_for(link.change(), left_s)
        except TimeoutError:
            return True
        if link.cut == "refuse" or (link.cut is None) == heals:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Head:
    """The start of a request to the relay."""

    method: str
    target: str
    headers: dict[str, str]

    @staticmethod
    def parse(data: bytes) -> "Head":
        """Raises Refused for what is no HTTP."""
        request_line, *lines = data.decode("latin-1").split("\r\n")
        parts = request_line.split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise Refused("this is the network: CONNECT with x-panregion-from and x-panregion-to, or its API")
        pairs = (line.partition(":") for line in lines if line)
        return Head(parts[0], parts[1], {name.strip().lower(): value.strip() for name, _, value in pairs})


class Entrance(End):
    """A connection before it is known what it wants: the API, or a way to another site."""

    def __init__(self, network: Network, relay: "Relay") -> None:
        super().__init__()
        self._network = network
        self._relay = relay
        self._received = b""
        self._head: Head | None = None
        self._task: asyncio.Task[None] | None = None
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._patience = asyncio.get_running_loop().call_later(HEAD_TIMEOUT_S, self._lose_patience)
        if not self._relay.admit(self):
            self._answer(503, {"message": f"the network carries at most {CONNECTIONS_MAX} connections"})

    def _lose_patience(self) -> None:
        if self._task is None:
            self.abort()

    def data_received(self, data: bytes) -> None:
        if self._task is not None:
            super().data_received(data)
            return
        self._received += data
        try:
            self._read_request()
        except Refused as error:
            self._answer(400, {"message": str(error)})

    def _read_request(self) -> None:
        if self._head is None:
            head, found, rest = self._received.partition(b"\r\n\r\n")
            if len(head) > HEAD_LIMIT_BYTES:
                raise Refused("the request's head is too long")
            if not found:
                return
            self._head, self._received = Head.parse(head), rest
        if self._head.method == "CONNECT":
            self._connect(self._head)
            return
        length = self._head.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > BODY_LIMIT_BYTES:
            raise Refused("content-length is no number, or too great")
        if len(self._received) >= int(length):
            path = self._head.target.partition("?")[0]
            self._answer(*admin.respond(self._network, self._head.method, path, self._received))

    def _connect(self, head: Head) -> None:
        host, _, port = head.target.rpartition(":")
        self._require_target(host, port)
        names = [head.headers.get(f"x-panregion-{end}", "") for end in ("from", "to")]
        try:
            forward, back = self._network.link(*names), self._network.link(names[1], names[0])
        except UnknownSite as error:
            raise Refused(str(error)) from error
        early, self._received = self._received, b""
        self._task = asyncio.create_task(self._establish(host, int(port), forward, back))
        self._task.add_done_callback(_raise_what_is_unexpected)
        if early:
            super().data_received(early)

    @staticmethod
    def _require_target(host: str, port: str) -> None:
        try:
            loopback = ipaddress.ip_address(host).is_loopback
        except ValueError:
            loopback = host == "localhost"
        if not loopback:
            raise Refused(f"{host} is not an address of this machine; links lead to loopback addresses only")
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise Refused(f"{port!r} is not a port")

    async def _establish(self, host: str, port: int, forward: Link, back: Link) -> None:
        forward.connects += 1
        try:
            await cross(self._network, forward)
            target = await self._dial(host, port, forward, back)
            try:
                await cross(self._network, back)
            except BaseException:
                target.abort()
                raise
        except Refused as error:
            self._answer(502, {"message": str(error)})
        except GaveUp:
            self.abort()
        else:
            assert self.transport is not None
            self.transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            join(self._network, forward, back, self, target)

    async def _dial(self, host: str, port: int, forward: Link, back: Link) -> End:
        try:
            source = self._network.sites.source(forward.from_site) if host.startswith("127.") else None
            async with asyncio.timeout(DIAL_TIMEOUT_S):  # wait_for can lose a cancellation, and the socket with it
                _, target = await connect_tcp(End, host, port, source)
        except (OSError, TimeoutError) as error:
            forward.refused += 1
            await cross(self._network, back)
            reason = "connection refused" if isinstance(error, ConnectionRefusedError) else str(error)
            raise Refused(f"{forward.to_site} at {host}:{port}: {reason or 'no answer'}") from error
        return target

    def _answer(self, status: int, value: object) -> None:
        """Answer and close. A refusal's reason is in the status line too, where CONNECT's clients look."""
        if self.transport is None or self.transport.is_closing():
            return
        reason = value["message"] if isinstance(value, dict) and "message" in value else None
        phrase = str(reason).replace("\r", " ").replace("\n", " ") if reason else PHRASES[status]
        body = msgspec.json.encode(value)
        head = (
            f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("latin-1", "replace") + body)
        self.transport.close()

    def eof_received(self) -> bool:
        if self._task is None:
            return False
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relay.release(self)
        if self._patience is not None:
            self._patience.cancel()
        if self._task is not None and not self._task.done():
            self._task.cancel()
        super().connection_lost(exc)


def _raise_what_is_unexpected(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.result()


class Relay:
    """All connections of one listener."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._entrances: set[Entrance] = set()

    def protocol(self) -> Entrance:
        return Entrance(self._network, self)

    def admit(self, entrance: Entrance) -> bool:
        """Whether there is room for one more."""
        self._entrances.add(entrance)
        return len(self._entrances) <= CONNECTIONS_MAX

    def release(self, entrance: Entrance) -> None:
        self._entrances.discard(entrance)

    def close(self) -> None:
        """End every connection, at both ends."""
        for link in self._network.links:
            link.set(replace(link.conditions, cut="refuse"))
        for entrance in list(self._entrances):
            entrance.abort()
