"""Bytes on their way: the two ends of a relayed connection, and the pipe in each direction between them.

Nothing here decides a time: `link.py` and `pipe.py` do. Reading stops while a pipe is full or its far socket cannot
be written, so a connection holds at most two windows.
"""

import asyncio
from typing import cast

from panregion.network.link import CONNECT_RETRY_S, GIVE_UP_S, Conditions, next_attempt
from panregion.network.network import Link, Network
from panregion.network.pipe import Mark, Pipe
from panregion.world.transport import reset, send_at_once

EARLY_S = 0.0003
"""Timers have a millisecond's grain: what is due within this is due."""


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

    def send(self, data: bytes) -> None:
        """Write, unless the socket is being closed: what was on its way to it is lost, as it is on a wire."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

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
                self._writer.send(piece)
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
        if self._writer.transport is None or self._ended:
            return
        if isinstance(piece, bytes):
            self._writer.send(piece)
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
