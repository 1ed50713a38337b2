"""WebSockets on the real server, talked to by a real client, and by one that sends raw frames."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Data

from panregion.world import Request, Response, Switching, serve
from panregion.world.websocket import Limits, SlowReader, WebSocket, handshake, is_upgrade


class Echo:
    """Sends back what it receives, and remembers the rest."""

    def __init__(self) -> None:
        self.socket = WebSocket(self, Limits(message_bytes=1000, frame_bytes=400))
        self.frames = 0
        self.end: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()

    def active(self) -> None:
        self.frames += 1

    def received(self, text: str) -> None:
        self.socket.send(text.encode())

    def closed(self, code: int, reason: str) -> None:
        self.end.set_result((code, reason))


class Site:
    """A server that upgrades below /ws and answers everything else in plain words."""

    def __init__(self) -> None:
        self.echoes: list[Echo] = []
        self.wait: asyncio.Event | None = None
        self.port = 0

    async def __call__(self, request: Request) -> Response:
        if self.wait is not None:
            await self.wait.wait()
        if request.path != "/ws" or not is_upgrade(request):
            return Response(200, [], b"plain")
        answer = handshake(request)
        if answer.status != 101:
            return answer
        self.echoes.append(Echo())
        return Switching(headers=answer.headers, successor=self.echoes[-1].socket)

    def connect(self) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}/ws", compression=None)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    server = await serve(site, "127.0.0.1", 0)
    site.port = server.port
    yield site
    await server.close()


async def raw(site: Site) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(
        b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    return reader, writer


def frame(opcode: int, payload: bytes, *, fin: bool = True, mask: bool = True) -> bytes:
    """A client's frame, its mask all zeros."""
    size = struct.pack("!B", len(payload)) if len(payload) < 126 else struct.pack("!BH", 126, len(payload))
    first = bytes([opcode | (0x80 if fin else 0), size[0] | (0x80 if mask else 0)])
    return first + size[1:] + (bytes(4) if mask else b"") + payload


async def ended(client: ClientConnection) -> tuple[int | None, str | None]:
    with contextlib.suppress(ConnectionClosed):
        await asyncio.wait_for(client.recv(), 5)
    await client.wait_closed()
    return client.close_code, client.close_reason


async def test_messages_go_both_ways_and_the_close_is_told(site: Site) -> None:
    async with site.connect() as client:
        for text in ("hello", "", "ü" * 100):
            await client.send(text)
            assert await client.recv() == text
        pong = await client.ping(b"x")
        await asyncio.wait_for(pong, 5)
        await client.close(4000, "bye")
    assert await asyncio.wait_for(site.echoes[0].end, 5) == (4000, "bye")
    assert site.echoes[0].frames == 5
    assert not site.echoes[0].socket.open
    with pytest.raises(ConnectionError):
        site.echoes[0].socket.send(b"late")


async def test_a_close_without_a_code_is_1005(site: Site) -> None:
    reader, writer = await raw(site)
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in await reader.readuntil(b"\r\n\r\n")
    writer.write(frame(8, b""))
    assert await asyncio.wait_for(reader.read(), 5) == b"\x88\x00"
    assert await asyncio.wait_for(site.echoes[0].end, 5) == (1005, "")
    writer.close()


async def test_what_comes_before_the_answer_is_not_lost(site: Site) -> None:
    site.wait = asyncio.Event()
    reader, writer = await raw(site)
    writer.write(frame(1, b"early"))
    site.wait.set()
    await reader.readuntil(b"\r\n\r\n")
    assert await asyncio.wait_for(reader.readexactly(7), 5) == b"\x81\x05early"
    writer.close()


async def test_a_message_in_frames_is_joined_and_a_long_one_goes_out_in_frames(site: Site) -> None:
    async with site.connect() as client:
        await client.send(["a" * 400, "b" * 400, "c" * 100])
        pieces: list[Data] = [piece async for piece in client.recv_streaming()]
        assert [len(piece) for piece in pieces] == [400, 400, 100]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(1, b"x" * 401), 1009),
        (frame(1, b"x" * 400, fin=False) + frame(0, b"x" * 400, fin=False) + frame(0, b"x" * 201), 1009),
        (frame(2, b"\x00"), 1003),
        (frame(1, b"\xff\xfe"), 1007),
        (frame(1, b"no mask", mask=False), 1002),
        (frame(0, b"nothing to go on with"), 1002),
        (frame(3, b"no such opcode"), 1002),
        (frame(9, b"x" * 126), 1002),
    ],
)
async def test_what_is_not_allowed_ends_the_connection_with_its_code(site: Site, sent: bytes, code: int) -> None:
    reader, writer = await raw(site)
    await reader.readuntil(b"\r\n\r\n")
    writer.write(sent)
    head = await asyncio.wait_for(reader.readexactly(4), 5)
    assert (head[0], struct.unpack("!H", head[2:])[0]) == (0x88, code)
    assert (await asyncio.wait_for(site.echoes[0].end, 5))[0] == code
    writer.close()


async def test_the_server_closes_with_its_code(site: Site) -> None:
    async with site.connect() as client:
        await client.send("a")
        await client.recv()
        site.echoes[0].socket.close(1001, "Going away")
        site.echoes[0].socket.close(1000, "again")
        assert await ended(client) == (1001, "Going away")
    assert await asyncio.wait_for(site.echoes[0].end, 5) == (1001, "Going away")


async def test_a_connection_that_breaks_is_1006(site: Site) -> None:
    reader, writer = await raw(site)
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.abort()
    assert (await asyncio.wait_for(site.echoes[0].end, 5))[0] == 1006


async def test_a_client_that_reads_nothing_is_not_kept_for_ever_in_memory(site: Site) -> None:
    reader, writer = await raw(site)
    await reader.readuntil(b"\r\n\r\n")

    def send_on() -> None:
        for _ in range(200):
            site.echoes[0].socket.send(b"x" * 100_000)

    with pytest.raises(SlowReader):
        send_on()
    writer.close()


async def test_a_connection_is_broken_off_at_once(site: Site) -> None:
    client = await site.connect()
    await client.send("a")
    await client.recv()
    site.echoes[0].socket.abort()
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(client.recv(), 5)
    assert (await asyncio.wait_for(site.echoes[0].end, 5))[0] == 1006


@pytest.mark.parametrize(
    ("change", "status"),
    [(("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"), 400), (("nonce", "x"), 400), (("GET", "POST"), 405)],
)
async def test_a_handshake_that_is_wrong_is_told_what(site: Site, change: tuple[str, str], status: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    text = (
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).replace("dGhlIHNhbXBsZSBub25jZQ==", "nonce" if change[0] == "nonce" else "dGhlIHNhbXBsZSBub25jZQ==")
    writer.write(text.replace(*change).encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Failed to open a WebSocket connection" in answer
    writer.close()


async def test_an_upgrade_that_nobody_takes_is_answered_and_the_connection_ends(site: Site) -> None:
    with pytest.raises(InvalidStatus):
        await connect(f"ws://127.0.0.1:{site.port}/other")


class Line(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def can_write_eof(self) -> bool:
        return False

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True


class Listener:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.ends: list[int] = []

    def active(self) -> None: ...

    def received(self, text: str) -> None:
        assert not self.ends, "nothing comes after the end"
        self.messages.append(text)

    def closed(self, code: int, reason: str) -> None:
        self.ends.append(code)


def heard(pieces: list[bytes]) -> tuple[Listener, Line]:
    """What is told of these bytes, and the end of the connection."""

    async def run() -> tuple[Listener, Line]:
        listener, line = Listener(), Line()
        socket = WebSocket(listener, Limits())
        socket.connection_made(line)
        for piece in pieces:
            socket.data_received(piece)
        socket.connection_lost(None)
        return listener, line

    return asyncio.run(run())


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_any_bytes_end_the_connection_once_and_raise_nothing(pieces: list[bytes]) -> None:
    listener, _ = heard(pieces)
    assert len(listener.ends) == 1


@given(st.lists(st.text(max_size=50), max_size=5), st.integers(1, 40))
def test_messages_come_whole_however_their_bytes_are_cut(messages: list[str], size: int) -> None:
    whole = b"".join(frame(1, message.encode()) for message in messages)
    listener, _ = heard([whole[at : at + size] for at in range(0, len(whole), size)])
    assert (listener.messages, listener.ends) == (messages, [1006])
