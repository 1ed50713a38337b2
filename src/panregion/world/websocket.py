"""The server's side of a WebSocket (RFC 6455), over the `websockets` library's protocol without input and output.

    Response 101 = handshake(request)        what the client is told if it may come in
    WebSocket(receiver, limits)              takes the connection over (switching.py)

The library reads and writes frames, answers pings and knows the closing handshake; here are the connection, the
joining of a message's frames, and the splitting of ours. Text only: a binary frame ends the connection with 1003.
"""

import asyncio
import itertools
from dataclasses import dataclass
from typing import Protocol, cast

from websockets.datastructures import Headers as LibraryHeaders
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request as LibraryRequest
from websockets.protocol import OPEN, SEND_EOF, Side
from websockets.protocol import Protocol as LibraryProtocol
from websockets.server import ServerProtocol

from panregion.world.http import Request, Response
from panregion.world.switching import Successor

CLOSE_TIMEOUT_S = 5.0
"""How long a client may take to answer a close, and to close its end of the connection."""

UNSENT_MAX_BYTES = 4 << 20
ABNORMAL = 1006


class Receiver(Protocol):
    """Who is told what happens on a connection. Called from the event loop: it must not wait."""

    def received(self, text: str) -> None:
        """A whole message."""

    def active(self) -> None:
        """A frame of any kind came."""

    def closed(self, code: int, reason: str) -> None:
        """Once: the connection is over, or its end has begun."""


class SlowReader(Exception):
    """The client takes in less than it is sent; nothing more can be kept for it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a message may be, and one of its frames, both ways."""

    message_bytes: int = 128 * 1024
    frame_bytes: int = 32 * 1024


def is_upgrade(request: Request) -> bool:
    """Whether a request asks for a WebSocket."""
    return (request.header("upgrade") or "").strip().lower() == "websocket"


def handshake(request: Request) -> Response:
    """The answer to a request for a WebSocket: 101, or what is wrong with it."""
    headers = LibraryHeaders(request.headers)
    answer = ServerProtocol().accept(LibraryRequest(request.target, headers, method=request.method))
    told = [(name, value) for name, value in answer.headers.raw_items() if name.lower() not in ("date", "connection")]
    if answer.status_code == 101:
        return Response(101, [("Connection", "Upgrade"), *told])
    return Response(int(answer.status_code), told, bytes(answer.body or b""))


class WebSocket(Successor):
    """One open connection."""

    def __init__(self, receiver: Receiver, limits: Limits) -> None:
        self._receiver = receiver
        self._limits = limits
        self._protocol = LibraryProtocol(Side.SERVER, state=OPEN, max_size=(limits.message_bytes, limits.frame_bytes))
        self._transport: asyncio.Transport | None = None
        self._pieces: list[bytes] = []
        self._told = False
        self._last: asyncio.TimerHandle | None = None

    @property
    def open(self) -> bool:
        """Whether messages can be sent."""
        return self._transport is not None and self._protocol.state is OPEN

    def send(self, text: bytes) -> None:
        """Send a message in UTF-8, in as many frames as it takes. Raises SlowReader, ConnectionError."""
        if self._transport is None or not self.open:
            raise ConnectionError("the connection is closed")
        if self._transport.get_write_buffer_size() > UNSENT_MAX_BYTES:
            raise SlowReader
        size = self._limits.frame_bytes
        pieces = [text[at : at + size] for at in range(0, len(text), size)] or [b""]
        for piece, last in zip(pieces, itertools.chain([False] * (len(pieces) - 1), [True]), strict=True):
            if piece is pieces[0]:
                self._protocol.send_text(piece, fin=last)
            else:
                self._protocol.send_continuation(piece, fin=last)
        self._flush()

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake; what is closed already stays so."""
        if self.open:
            self._protocol.send_close(code, reason)
            self._flush()
            self._settle()

    def abort(self) -> None:
        """Break the connection off."""
        if self._transport is not None:
            self._transport.abort()

    def hold(self, held: bool) -> None:
        """Read nothing more for now, or go on."""
        transport = self._transport
        if transport is not None and not transport.is_closing():
            if held:
                transport.pause_reading()
            else:
                transport.resume_reading()

    # The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._frame(event)
        self._flush()
        self._settle()

    def eof_received(self) -> bool:
        return False  # the transport closes itself, and tells

    def connection_lost(self, exc: Exception | None) -> None:
        if self._last is not None:
            self._last.cancel()
        self._transport = None
        self._protocol.receive_eof()
        self._tell(ABNORMAL, "Connection closed abnormally")
        super().connection_lost(exc)

    def _frame(self, frame: Frame) -> None:
        if self._told or (self._protocol.close_sent is not None and frame.opcode is not Opcode.CLOSE):
            return
        self._receiver.active()
        if frame.opcode is Opcode.BINARY:
            self._fail(CloseCode.UNSUPPORTED_DATA, "binary frames are not supported")
        elif frame.opcode in (Opcode.TEXT, Opcode.CONT):
            self._pieces.append(bytes(frame.data))
            if frame.fin:
                self._message()

    def _message(self) -> None:
        whole, self._pieces = b"".join(self._pieces), []
        try:
            text = whole.decode()
        except UnicodeDecodeError:
            self._fail(CloseCode.INVALID_DATA, "the message is not UTF-8")
        else:
            self._receiver.received(text)

    def _fail(self, code: CloseCode, reason: str) -> None:
        self._protocol.fail(code, reason)

    def _flush(self) -> None:
        transport = self._transport
        for piece in self._protocol.data_to_send():
            if transport is None or transport.is_closing():
                continue
            if piece is not SEND_EOF:
                transport.write(piece)
            elif transport.can_write_eof():
                transport.write_eof()
            else:
                transport.close()

    def _settle(self) -> None:
        """Once a close went out: tell, and give the client a bounded time to end the connection."""
        sent, received = self._protocol.close_sent, self._protocol.close_rcvd
        if sent is None:
            return
        if self._last is None and self._transport is not None:
            self._last = asyncio.get_running_loop().call_later(CLOSE_TIMEOUT_S, self.abort)
        close = received if self._protocol.close_rcvd_then_sent and received is not None else sent
        self._tell(close.code, close.reason)

    def _tell(self, code: int, reason: str) -> None:
        if not self._told:
            self._told = True
            self._receiver.closed(int(code), reason)
