"""Passing bytes on between a user's connection and an endpoint's, both ways, without a task or a copy per chunk.

    user -> (link) -> Inbound  ...  Outbound -> the network process -> (link) -> the endpoint's region

Each side stops reading while the other cannot write, so that a connection holds no more than the two sockets' windows.
An end of stream is passed on as one; a reset as a reset.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from panregion.world.transport import reset, send_at_once

HEAD_LIMIT_BYTES = 16 * 1024
EARLY_LIMIT_BYTES = 256 * 1024
ESTABLISHED = b" 200 "


class Side(asyncio.Protocol):
    """One of the two sockets. What it reads goes to its `partner`."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.partner: Side | None = None
        self._early: list[bytes] = []
        self._early_bytes = 0
        self._read_ended = False
        self._write_ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        send_at_once(transport)

    def data_received(self, data: bytes) -> None:
        partner = self.partner
        if partner is not None:
            partner.write(data)
            return
        self._early.append(data)
        self._early_bytes += len(data)
        if self._early_bytes > EARLY_LIMIT_BYTES and self.transport is not None:
            self.transport.pause_reading()

    def write(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def join(self, partner: "Side") -> None:
        """What came before goes to the partner now, and what comes from now on as it comes."""
        self.partner = partner
        for data in self._early:
            partner.write(data)
        if self._early_bytes > EARLY_LIMIT_BYTES and self.transport is not None:
            self.transport.resume_reading()
        self._early.clear()
        if self._read_ended:
            partner.end_writing()

    def eof_received(self) -> bool:
        self._read_ended = True
        if self.partner is not None:
            self.partner.end_writing()
            self._close_if_done()
        return True

    def end_writing(self) -> None:
        if self.transport is not None and not self._write_ended and not self.transport.is_closing():
            self._write_ended = True
            self.transport.write_eof()
            self._close_if_done()

    def _close_if_done(self) -> None:
        if self._read_ended and self._write_ended and self.transport is not None:
            self.transport.close()

    def pause_writing(self) -> None:
        if self.partner is not None and self.partner.transport is not None:
            self.partner.transport.pause_reading()

    def resume_writing(self) -> None:
        partner = self.partner
        if partner is not None and partner.transport is not None and not partner.transport.is_closing():
            partner.transport.resume_reading()

    def abort(self) -> None:
        """End the socket as a broken one."""
        if self.transport is not None:
            reset(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        partner, self.partner = self.partner, None
        if partner is None or partner.transport is None or partner.transport.is_closing():
            return
        partner.partner = None
        if exc is not None or not (self._read_ended and self._write_ended):
            partner.abort()
        else:
            partner.transport.close()


class Inbound(Side):
    """A user's connection. `arrived` is called once with it; `left` once it is gone."""

    def __init__(self, arrived: Callable[["Inbound"], None], left: Callable[["Inbound"], None]) -> None:
        super().__init__()
        self._arrived = arrived
        self._left = left
        self.peer = ("127.0.0.1", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.peer = (transport.get_extra_info("peername") or self.peer)[:2]
        self._arrived(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._left(self)


class Outbound(Side):
    """A connection to an endpoint, by way of the network process: the head of its CONNECT's answer is not passed on.

    The network takes what is sent before it has answered, so the user's first bytes need not wait here.
    """

    def __init__(self, opening: bytes) -> None:
        super().__init__()
        self._opening = opening
        self._head: bytes | None = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.write(self._opening)

    def data_received(self, data: bytes) -> None:
        if self._head is None:
            super().data_received(data)
            return
        self._head += data
        head, found, rest = self._head.partition(b"\r\n\r\n")
        if not found:
            if len(self._head) > HEAD_LIMIT_BYTES:
                self.abort()
            return
        if ESTABLISHED not in head.partition(b"\r\n")[0]:
            self.abort()  # the endpoint cannot be reached: the user's connection ends, as it does on AWS
            return
        self._head = None
        if rest:
            super().data_received(rest)


def opening(host: str, port: int, from_site: str, to_site: str, preamble: bytes) -> bytes:
    """What the network process is told: where to, over which link; then what the endpoint is told first."""
    head = (
        f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"x-panregion-from: {from_site}\r\nx-panregion-to: {to_site}\r\n\r\n"
    )
    return head.encode() + preamble
