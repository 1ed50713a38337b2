"""The HTTP server against raw bytes and against our own client."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from panregion.world import HttpClient, HttpServer, ManualClock, Request, Response, direct_dial, serve
from panregion.world.http_protocol import HEADERS_LIMIT_BYTES, IDLE_TIMEOUT_S
from panregion.world.server import GRACE_S, SWEEP_EVERY_S

seen: list[Request] = []


async def answer(request: Request) -> Response:
    seen.append(request)
    if request.path == "/stream":
        return Response(200, [], pieces())
    if request.path == "/breaks":
        return Response(200, [], broken())
    if request.path == "/fails":
        raise RuntimeError("no")
    if request.path == "/slow":
        await asyncio.sleep(0.05)
    if request.path == "/nothing":
        return Response(204)
    return Response(200, [("X-Path", request.target)], request.body or b"empty")


async def pieces() -> AsyncIterator[bytes]:
    for number in range(3):
        yield b"piece %d;" % number


async def broken() -> AsyncIterator[bytes]:
    yield b"first"
    raise RuntimeError("no more")


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    seen.clear()
    server = await serve(answer, "127.0.0.1", 0)
    yield server
    await server.close()


Exchange = Callable[[bytes], "asyncio.Future[bytes]"]


async def exchange(server: HttpServer, data: bytes, *, eof: bool = False) -> bytes:
    """All that comes back until the server closes the connection, or nothing more comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(data)
    if eof:
        writer.write_eof()
    received = b""
    try:
        while chunk := await asyncio.wait_for(reader.read(65536), 0.3):
            received += chunk
    except TimeoutError:
        received += b"<open>"
    writer.close()
    return received


def bodies(answers: bytes) -> list[bytes]:
    return [part.split(b"\r\n\r\n", 1)[1] for part in answers.split(b"HTTP/1.1 ")[1:]]


async def test_a_request_arrives_as_it_was_sent(server: HttpServer) -> None:
    received = await exchange(
        server, b"POST /a%20b?x=1&y HTTP/1.1\r\nHost: h\r\nX-Mixed: V\r\nContent-Length: 4\r\n\r\nbody"
    )
    assert received.startswith(b"HTTP/1.1 200 OK\r\nDate: ")
    assert received.endswith(b"X-Path: /a%20b?x=1&y\r\nContent-Length: 4\r\n\r\nbody<open>")
    (request,) = seen
    assert (request.method, request.path, request.query, request.peer) == ("POST", "/a%20b", "x=1&y", "127.0.0.1")
    assert request.headers == [("Host", "h"), ("X-Mixed", "V"), ("Content-Length", "4")]


async def test_pipelined_requests_are_answered_in_order(server: HttpServer) -> None:
    requests = b"GET /slow HTTP/1.1\r\n\r\n" + b"".join(
        b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n%02d" % number for number in range(20)
    )
    answers = bodies(await exchange(server, requests))
    assert answers == [b"empty", *(b"%02d" % number for number in range(19)), b"19<open>"]


async def test_bytes_may_arrive_one_by_one(server: HttpServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for byte in b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n":
        writer.write(bytes([byte]))
        await asyncio.sleep(0)
    assert (await reader.readuntil(b"abcde")).startswith(b"HTTP/1.1 200")
    writer.close()


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", b"Connection: close\r\nContent-Length: 5\r\n\r\nempty"),
        (b"GET / HTTP/1.0\r\n\r\n", b"\r\n\r\nempty"),
        (b"HEAD / HTTP/1.1\r\n\r\n", b"Content-Length: 5\r\n\r\n<open>"),
        (b"GET /nothing HTTP/1.1\r\n\r\n", b"GMT\r\n\r\n<open>"),
        (b"GET /stream HTTP/1.1\r\n\r\n", b"8\r\npiece 0;\r\n8\r\npiece 1;\r\n8\r\npiece 2;\r\n0\r\n\r\n<open>"),
        (b"GET /breaks HTTP/1.1\r\n\r\n", b"5\r\nfirst\r\n"),
        (b"GET http://h/absolute?q HTTP/1.1\r\n\r\n", b"X-Path: /absolute?q\r\nContent-Length: 5\r\n\r\nempty<open>"),
        (b"GET /fails HTTP/1.1\r\n\r\n", b"the server failed; see its log\n<open>"),
        (b"\x16\x03\x01 this is TLS", b"this is not HTTP/1.1\n"),
        (b"GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"the request's body is too large\n"),
        (b"GET / HTTP/1.1\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", b"Content-Length: 5\r\n\r\nempty"),
        (
            b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
            b"Content-Length: 2\r\n\r\nhi<open>",
        ),
    ],
)
async def test_what_comes_back(server: HttpServer, request_bytes: bytes, expected: bytes) -> None:
    received = await exchange(server, request_bytes)
    assert received.endswith(expected), received


async def test_headers_have_a_limit(server: HttpServer) -> None:
    filler = b"X-Long: " + b"x" * 8000 + b"\r\n"
    request = b"GET / HTTP/1.1\r\n" + filler * (HEADERS_LIMIT_BYTES // 8000 + 1) + b"\r\n"
    assert (await exchange(server, request)).startswith(b"HTTP/1.1 431 ")
    assert not seen


async def test_a_client_that_does_not_read_holds_its_stream_back() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield bytes(65536)

    async def handler(_request: Request) -> Response:
        return Response(200, [], endless())

    server = await serve(handler, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(0.1)
    before = sent
    await asyncio.sleep(0.1)
    assert sent == before < 1000
    writer.close()
    await server.close()


async def test_closing_lets_a_request_in_flight_end(server: HttpServer) -> None:
    client = HttpClient(direct_dial)
    url = f"http://127.0.0.1:{server.port}"
    assert (await client.send("GET", f"{url}/")).status == 200  # an idle connection, which closing does not wait for
    slow = asyncio.create_task(client.send("GET", f"{url}/slow"))
    await asyncio.sleep(0.01)
    await server.close()
    assert (await slow).body == b"empty"
    with pytest.raises(OSError, match="Connect call failed"):
        await direct_dial("127.0.0.1", server.port)
    await client.close()


async def test_no_handler_runs_after_the_server_has_closed() -> None:
    ended: list[str] = []

    async def handler(_request: Request) -> Response:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("ended")
        return Response(200)

    clock = ManualClock()
    server = await serve(handler, "127.0.0.1", 0, clock=clock)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    await asyncio.sleep(0.05)
    closing = asyncio.create_task(server.close())
    await asyncio.sleep(0.01)
    assert not ended
    await clock.advance(GRACE_S + 1)
    await closing
    assert ended == ["ended"]
    writer.close()


async def held_up(server: HttpServer, clock: ManualClock, connections: int) -> None:
    """Wait until so many clients are connected, then let a sweep come by."""
    async with asyncio.timeout(5):
        while len(server._connections.open) != connections:
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.02)  # what they sent has arrived
    await clock.advance(SWEEP_EVERY_S)


async def test_who_sends_half_a_request_and_no_more_is_let_go() -> None:
    clock = ManualClock()
    server = await serve(answer, "127.0.0.1", 0, clock=clock)
    halves = (b"GET / HTTP/1.1\r\nX: ", b"POST / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\nhalf")
    clients = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
    for (_, writer), data in zip(clients, (*halves, halves[1]), strict=True):
        writer.write(data)
    await held_up(server, clock, 3)
    began_s = clock.monotonic()
    while clock.monotonic() < began_s + IDLE_TIMEOUT_S + SWEEP_EVERY_S:
        clients[2][1].write(b"slow")  # and who goes on sending stays
        await held_up(server, clock, len(server._connections.open))
    for reader, _ in clients[:2]:
        assert await asyncio.wait_for(reader.read(1), 5) == b""
    assert len(server._connections.open) == 1
    for _, writer in clients:
        writer.transport.abort()
    await held_up(server, clock, 0)
    await server.close()


async def test_who_takes_nothing_of_an_answer_in_is_let_go() -> None:
    async def handler(_request: Request) -> Response:
        return Response(200, [], bytes(20_000_000))

    clock = ManualClock()
    server = await serve(handler, "127.0.0.1", 0, clock=clock)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    began_s = clock.monotonic()
    await held_up(server, clock, 1)
    async with asyncio.timeout(5):
        while server._connections.open:
            await clock.advance(SWEEP_EVERY_S)
            await asyncio.sleep(0.001)
    assert clock.monotonic() >= began_s + IDLE_TIMEOUT_S
    writer.close()
    await server.close()


async def test_a_client_that_has_gone_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    went = asyncio.Event()

    async def handler(_request: Request) -> Response:
        await went.wait()
        return Response(200, [], b"late")

    server = await serve(handler, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    await asyncio.sleep(0.02)
    writer.transport.abort()
    await asyncio.sleep(0.02)
    went.set()
    await asyncio.sleep(0.02)
    await server.close()
    assert not caplog.records
