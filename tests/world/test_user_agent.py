"""HTTP as a city's user speaks it, against a proxy of a few lines, and the load over it against a real clock."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from panregion.gameday.ledger import Ledger
from panregion.gameday.load import Group, Load
from panregion.gameday.outage import longest_outage_s
from panregion.gameday.user import Scene, User
from panregion.world import ClientError, ClientTimeout, Request, Response, SystemClock, serve
from panregion.world.tls import make_authority, server_context, trusting
from panregion.world.user_agent import UserAgent

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]


@contextlib.asynccontextmanager
async def saying(*answers: bytes, then_close: bool = False) -> AsyncIterator[tuple[UserAgent, list[bytes]]]:
    """An agent whose proxy reads a head, and a body as long as it says, and answers with the next of these bytes."""
    asked: list[bytes] = []
    connections = []
    left = list(answers)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while left:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line[16:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length: ")), 0
                )
                asked.append(head + await reader.readexactly(length))
                writer.write(left.pop(0))
                if then_close:
                    break
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    agent = UserAgent(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield agent, asked
    finally:
        agent.close()
        server.close()
        for writer in connections:
            writer.close()
        await server.wait_closed()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


async def test_requests_go_to_the_proxy_whole_and_one_after_another_over_one_connection() -> None:
    async with saying(OK, OK) as (agent, asked):
        first = await agent.send("POST", "http://api.test/a?b=c", [("X-One", "1")], b"body")
        second = await agent.send("GET", "http://api.test")
    assert (first.status, first.body, second.body) == (200, b"hi", b"hi")
    assert asked[0] == (
        b"POST http://api.test/a?b=c HTTP/1.1\r\nHost: api.test\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody"
    )
    assert asked[1] == b"GET http://api.test/ HTTP/1.1\r\nHost: api.test\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n", b"hi!"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", b"hi"),
    ],
)
async def test_framings(answer: bytes, body: bytes) -> None:
    async with saying(answer) as (agent, _):
        assert (await agent.send("GET", "http://api.test/", timeout_s=5)).body == body


async def test_a_body_that_ends_with_the_connection() -> None:
    async with saying(b"HTTP/1.1 200 OK\r\n\r\nhello", then_close=True) as (agent, _):
        assert (await agent.send("GET", "http://api.test/", timeout_s=5)).body == b"hello"


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nConte"]
)
async def test_no_whole_answer(answer: bytes) -> None:
    async with saying(answer, then_close=True) as (agent, _):
        with pytest.raises(ClientError):
            await agent.send("GET", "http://api.test/", timeout_s=5)


async def test_an_answer_that_does_not_come_in_time_takes_its_connection_with_it() -> None:
    async with saying(b"", OK) as (agent, asked):
        with pytest.raises(ClientTimeout, match=r"http://api.test/ did not answer within 0.05 s"):
            await agent.send("GET", "http://api.test/", timeout_s=0.05)
        assert (await agent.send("GET", "http://api.test/")).body == b"hi"
        assert len(asked) == 2


async def test_nobody_there() -> None:
    agent = UserAgent("http://127.0.0.1:9")
    with pytest.raises(ClientError, match=r"http://api\.test/"):
        await agent.send("GET", "http://api.test/")


@pytest.mark.parametrize("url", ["api.test", "ftp://api.test/", "http:///x"])
async def test_what_is_no_url(url: str) -> None:
    with pytest.raises(ValueError, match="is no http or https URL"):
        await UserAgent("http://127.0.0.1:9").send("GET", url)


async def test_a_header_cannot_smuggle_another() -> None:
    with pytest.raises(ValueError, match="line break"):
        await UserAgent("http://127.0.0.1:9").send("GET", "http://api.test/", [("A", "b\r\nC: d")])


async def test_https_goes_through_a_tunnel(tmp_path: Path) -> None:
    make_authority(tmp_path)

    async def answer(request: Request) -> Response:
        return Response(200, [], request.host.encode())

    server = await serve(answer, "127.0.0.1", 0, tls=server_context(tmp_path, "api.test"))

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"CONNECT api.test:443 HTTP/1.1\r\n")
        there, away = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(copy(reader, away), copy(there, writer))

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
        target.close()

    proxy = await asyncio.start_server(tunnel, "127.0.0.1", 0)
    agent = UserAgent(f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}", tls=trusting(tmp_path))
    for _ in range(2):
        assert (await agent.send("GET", "https://api.test/", timeout_s=5)).body == b"api.test"
    stranger = UserAgent(f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
    with pytest.raises(ClientError, match="certificate"):
        await stranger.send("GET", "https://api.test/", timeout_s=5)
    stranger.close()
    agent.close()
    proxy.close()
    await server.close()


async def test_an_outage_over_real_sockets_is_as_long_as_it_was() -> None:
    """A second of load at a hundred a second; the server refuses to answer well for 400 ms of it."""
    clock = SystemClock()
    began = clock.monotonic()
    scene = Scene(Ledger(), lambda: clock.monotonic() - began)

    async def answer(_request: Request) -> Response:
        return Response(503 if 0.3 <= scene.elapsed() < 0.7 else 200, [], b"{}")

    server = await serve(answer, "127.0.0.1", 0)
    agent = UserAgent(f"http://127.0.0.1:{server.port}")

    async def journey(user: User) -> None:
        await user.get("http://api.test/")

    load = Load(scene, clock, {"london": agent}, 1)
    running = asyncio.create_task(load.run([Group("london", journey, 100.0, "constant")]))
    await clock.sleep(1.0)
    load.stop()
    await running
    agent.close()
    await server.close()
    attempts = sorted(scene.attempts, key=lambda one: one.intended_s)
    assert 90 <= len(attempts) <= 101
    assert longest_outage_s(attempts) == pytest.approx(0.4, abs=0.1)  # the gap is 10 ms; the rest is for a busy machine
