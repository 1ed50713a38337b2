"""A city's proxy over real sockets: what users see, and what the region sees of them."""

import asyncio

import pytest

from panregion.services.route53.model import Change
from tests.edge.support import MAP, record
from tests.edge.world import POINT_ADDRESS, small_world

CLIENT = MAP.place_address("london")


async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Case: Kept\r\n\r\nhello")


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    body = b""
    while not body.endswith(b"0\r\n\r\n"):
        body += await reader.read(1000)
    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)


async def until_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\nall there is")
    writer.close()


async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def test_a_request_reaches_the_region_with_the_citys_address() -> None:
    async with small_world(hello) as world:
        answer = await world.ask(
            "GET http://api.hello.test/get/1?a=b HTTP/1.1\nHost: api.hello.test\nX-Mine: 1\n"
            "x-panregion-client: 10.0.0.1\nProxy-Connection: close\n\n"
        )
        assert answer.startswith("HTTP/1.1 200 OK\r\n")
        assert "X-Case: Kept" in answer
        assert answer.endswith("\r\n\r\nhello")
        assert world.visits == [
            f"GET /get/1?a=b HTTP/1.1\r\nHost: api.hello.test\r\nX-Mine: 1\r\nx-panregion-client: {CLIENT}\r\n\r\n"
        ]
        assert world.network.link("london", "us-east-1").bytes > 0


async def test_bodies_in_chunks_go_both_ways() -> None:
    async with small_world(echo) as world:
        answer = await world.ask(
            "POST http://api.hello.test/ HTTP/1.1\nHost: api.hello.test\nConnection: close\n"
            "Transfer-Encoding: chunked\n\n5\nabcde\n0\n\n"
        )
        assert answer.startswith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
        assert answer.endswith("5\r\nabcde\r\n0\r\n\r\n")


async def test_a_body_that_ends_with_the_connection() -> None:
    async with small_world(until_close) as world:
        answer = await world.ask("GET http://api.hello.test/ HTTP/1.1\nHost: api.hello.test\n\n")
        assert answer.endswith("all there is")
        assert "Connection: close" in answer


async def test_a_connection_is_used_again_until_the_name_leads_elsewhere() -> None:
    async with small_world(hello) as world:
        reader, writer = await world.open()
        for _ in range(3):
            writer.write(b"GET http://api.hello.test/ HTTP/1.1\r\nHost: api.hello.test\r\n\r\n")
            assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
        assert world.network.link("london", "us-east-1").connects == 1
        writer.close()


async def test_a_tunnel_carries_whatever_is_said() -> None:
    async with small_world(hello) as world:
        reader, writer = await world.open()
        writer.write(b"CONNECT api.hello.test:80 HTTP/1.1\r\nHost: api.hello.test:80\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        writer.write(b"GET / HTTP/1.1\r\nHost: api.hello.test\r\n\r\n")
        assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200 OK")
        writer.close()


@pytest.mark.parametrize(
    ("request_text", "status", "said"),
    [
        ("GET http://gone.hello.test/ HTTP/1.1\n\n", 502, "gone.hello.test cannot be resolved from london: NXDOMAIN"),
        ("GET http://other.test/ HTTP/1.1\n\n", 502, "REFUSED, no hosted zone holds other.test."),
        ("GET http://192.0.2.1/ HTTP/1.1\n\n", 502, "192.0.2.1 belongs to no site of this world; it has us-east-1"),
        ("GET http://127.0.1.1:1/ HTTP/1.1\n\n", 502, "london cannot reach us-east-1: us-east-1 at 127.0.1.1:1: conn"),
        ("GET ftp://api.hello.test/ HTTP/1.1\n\n", 400, "this is an HTTP proxy"),
        ("GET http://[::1/ HTTP/1.1\n\n", 400, "is not a URL"),
        ("rubbish\n\n", 400, "the first line is not HTTP's"),
        ("GET http://a..b/ HTTP/1.1\n\n", 400, "a..b is not a host name"),
        ("GET http://api.hello.test/ HTTP/1.1\nContent-Length: 1, 2\n\n", 400, "content-length is not one number"),
        (f"GET http://api.hello.test/{'x' * 70000} HTTP/1.1\n\n", 400, "head is longer than 65536 bytes"),
        ("CONNECT nowhere HTTP/1.1\n\n", 400, "CONNECT needs host:port"),
    ],
)
async def test_what_cannot_be_done_says_why(request_text: str, status: int, said: str) -> None:
    async with small_world(hello) as world:
        answer = await world.ask(request_text)
        assert answer.startswith(f"HTTP/1.1 {status} ")
        assert said in answer


async def test_a_region_that_breaks_off_is_named() -> None:
    async with small_world(break_off) as world:
        answer = await world.ask("GET http://api.hello.test/ HTTP/1.1\n\n")
        assert answer.startswith("HTTP/1.1 502")
        assert "us-east-1 broke off before it answered london" in answer
        answer = await world.ask(f"GET http://{POINT_ADDRESS}/ HTTP/1.1\n\n")
        assert "127.3.1.1, at the point of presence in london, broke off before it answered" in answer


async def test_a_refused_link_is_said_to_be() -> None:
    async with small_world(hello) as world:
        world.set_links(cut="refuse")
        answer = await world.ask("GET http://api.hello.test/ HTTP/1.1\n\n")
        assert "london -> us-east-1 is cut" in answer


async def test_a_kept_connection_that_died_is_replaced_once() -> None:
    async with small_world(hello) as world:
        reader, writer = await world.open()
        for _ in range(2):
            writer.write(b"GET http://api.hello.test/ HTTP/1.1\r\nHost: api.hello.test\r\n\r\n")
            assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
            world.set_links(cut="refuse")
            world.set_links(cut=None)
        assert world.network.link("london", "us-east-1").connects == 2
        writer.close()


async def test_answers_are_kept_as_long_as_their_ttl() -> None:
    from panregion.edge.cache import PlaceResolver
    from panregion.world import ManualClock
    from tests.edge.support import Lab

    lab, clock = Lab(record("api", "127.0.1.1", ttl=5)), ManualClock()
    resolver = PlaceResolver(lab.resolver, MAP.asker("london"), clock)
    assert resolver.addresses("API.hello.test").addresses == ("127.0.1.1",)
    lab.book.take(Change(record=record("api", "127.0.2.1", ttl=5)))
    await clock.advance(4)
    assert resolver.addresses("api.hello.test").addresses == ("127.0.1.1",)
    await clock.advance(2)
    assert resolver.addresses("api.hello.test").addresses == ("127.0.2.1",)
    assert resolver.addresses("new.hello.test").addresses == ()
    lab.book.take(Change(record=record("new")))
    await clock.advance(1.1)
    assert resolver.addresses("new.hello.test").addresses == ("192.0.2.1",)


async def test_a_body_that_makes_no_sense_is_said_to_be_at_once() -> None:
    async def waits_for_the_body(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"0\r\n\r\n")

    async with small_world(waits_for_the_body) as world:
        told = await world.ask("POST http://api.hello.test/ HTTP/1.1\nTransfer-Encoding: chunked\n\n-5\n")
    assert told.startswith("HTTP/1.1 400")
    assert "a chunk's size is no number" in told


async def test_an_answer_that_is_no_http_is_the_region_s_fault() -> None:
    async def babbles(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write("HTTP/1.1 200 OK\r\nContent-Length: ²\r\n\r\n".encode("latin-1"))

    async with small_world(babbles) as world:
        told = await world.ask("GET http://api.hello.test/ HTTP/1.1\n\n")
    assert told.startswith("HTTP/1.1 502")
    assert "us-east-1 answered london with no HTTP" in told


async def test_a_large_body_waits_for_a_slow_region_and_harms_nobody() -> None:
    size = 100_000_000
    may_read = asyncio.Event()
    read = 0

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal read
        if b"POST" in world.visits[-1].encode():
            await may_read.wait()
            while read < size:
                read += len(await reader.read(1 << 20))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with small_world(slow) as world:
        reader, writer = await world.open()
        writer.write(f"POST http://api.hello.test/ HTTP/1.1\r\nContent-Length: {size}\r\n\r\n".encode())
        sent = 0

        async def send() -> None:
            nonlocal sent
            piece = b"x" * 1_000_000
            while sent < size:
                writer.write(piece)
                await writer.drain()
                sent += len(piece)

        sending = asyncio.create_task(send())
        for _ in range(3):  # meanwhile others are served
            told = await world.ask("GET http://api.hello.test/ HTTP/1.1\nConnection: close\n\n")
            assert told.endswith("ok")
        await asyncio.sleep(0.2)
        assert sent < 50_000_000, "what the region does not take, the user keeps"
        may_read.set()
        async with asyncio.timeout(30):
            await sending
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        assert read == size
        writer.close()


async def test_who_says_nothing_and_who_reads_nothing_harm_nobody() -> None:
    async def plenty(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n")
        for _ in range(30):
            writer.write(b"x" * 1_000_000)
            await writer.drain()

    async with small_world(plenty) as world:
        idle = [await world.open() for _ in range(50)]
        deaf_reader, deaf_writer = await world.open()
        deaf_writer.transport.pause_reading()  # type: ignore[attr-defined]
        deaf_writer.write(b"GET http://api.hello.test/ HTTP/1.1\r\n\r\n")
        told = await asyncio.wait_for(world.ask("GET http://api.hello.test/ HTTP/1.1\nConnection: close\n\n"), 20)
        assert len(told) > 30_000_000
        for _, writer in [*idle, (deaf_reader, deaf_writer)]:
            writer.transport.abort()


async def upgraded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    while piece := await reader.read(1000):
        writer.write(piece.upper())


async def test_an_upgraded_connection_is_passed_on_both_ways() -> None:
    async with small_world(upgraded) as world:
        reader, writer = await world.open()
        writer.write(
            b"GET http://api.hello.test/live HTTP/1.1\r\nHost: api.hello.test\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n"
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        assert b"Upgrade: websocket" in head
        assert b"\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n" in world.visits[0].encode()
        for message in (b"one", b"two"):
            writer.write(message)
            assert await asyncio.wait_for(reader.readexactly(3), 5) == message.upper()
        writer.close()
