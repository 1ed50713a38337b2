"""What no client should send, at a point of presence: nothing breaks, nobody else notices, memory stays bounded."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.edge.cloudfront import output, sending, viewers
from panregion.edge.cloudfront.bodies import pieces
from panregion.edge.cloudfront.messages import (
    BadMessage,
    parse_request,
    parse_response,
    request_framing,
    response_framing,
)
from panregion.world import Request, Response
from panregion.world.process import resident_bytes
from tests.edge.cloudfront.support import cache_policy, distribution
from tests.edge.cloudfront.world import Cdn, cdn
from tests.services.cloudfront.support import DISABLED, behavior, listed, origin

EVERY_METHOD = listed("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
HOST = "Host: de1.cloudfront.net\r\n"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Cdn]:
    async with cdn(tmp_path) as one:
        a = origin("a", "a.hello.test", custom={"OriginProtocolPolicy": "http-only"})
        default = behavior("a", DISABLED, AllowedMethods=EVERY_METHOD)
        cached = behavior("a", "policy", PathPattern="/kept/*")
        one.tell(cache_policy(), distribution("E1", a, DefaultCacheBehavior=default, CacheBehaviors=listed(cached)))
        yield one


REFUSED = [
    ("rubbish\r\n\r\n", 400),
    ("GET / HTTP/2.0\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n\r\n", 400),
    (f"GET / HTTP/1.1\r\n{HOST}{HOST}\r\n", 400),
    (f"GET / HTTP/1.1\r\n{HOST}X : 1\r\n\r\n", 400),
    (f"GET / HTTP/1.1\r\n{HOST}X: 1\n Y: 2\r\n\r\n", 400),
    (f"GET / HTTP/1.1\r\n{HOST}X: 1\r\n folded\r\n\r\n", 400),
    (f"POST / HTTP/1.1\r\n{HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (f"POST / HTTP/1.1\r\n{HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    (f"POST / HTTP/1.1\r\n{HOST}Content-Length: -1\r\n\r\n", 400),
    (f"POST / HTTP/1.1\r\n{HOST}Content-Length: 0x10\r\n\r\n", 400),
    (f"POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (f"GET /{'x' * 9000} HTTP/1.1\r\n{HOST}\r\n", 414),
    (f"GET / HTTP/1.1\r\n{HOST}X: {'x' * 40_000}\r\n\r\n", 413),
    (f"GET / HTTP/1.1\r\n{HOST}{'X: 1' + chr(13) + chr(10)}" * 1 + "X: 1\r\n" * 300 + "\r\n", 431),
    (f"GET ftp://x/ HTTP/1.1\r\n{HOST}\r\n", 400),
    (f"GET / HTTP/1.1\r\n{HOST}Content-Length: 3\r\n\r\nabc", 403),
    ("CONNECT de1.cloudfront.net:443 HTTP/1.1\r\n\r\n", 400),
]


async def test_what_is_refused(world: Cdn) -> None:
    for text, status in REFUSED:
        answer = await world.raw(text.encode("latin-1"))
        assert answer.startswith(f"HTTP/1.1 {status} ".encode()), text[:80]
        assert answer.count(b"\r\n\r\n") == 1, "and the connection ends there"
    assert world.a.visits == []


@given(st.binary(max_size=400))
def test_any_bytes_are_a_request_or_refused(data: bytes) -> None:
    for parse, framing in (
        (parse_request, request_framing),
        (parse_response, lambda head: response_framing(head, "GET")),
    ):
        try:
            head: Any = parse(data + b"\r\n\r\n")
            framing(head)
        except BadMessage:
            continue
        for name, value in head.headers:
            assert not set("\r\n\0") & set(name + value)


MUTATIONS = [
    "\r\n",
    "\n",
    "\0",
    " ",
    ":",
    "\t",
    "chunked",
    "Content-Length: 5\r\n",
    "Host: x\r\n",
    "HTTP/1.1",
    "%00",
    "../",
]


@given(st.lists(st.tuples(st.integers(0, 200), st.sampled_from(MUTATIONS)), max_size=5))
def test_what_was_mangled_cannot_smuggle_lines(edits: list[tuple[int, str]]) -> None:
    text = f"POST /a?b=c HTTP/1.1\r\n{HOST}X-One: 1\r\nTransfer-Encoding: chunked\r\nCookie: a=b\r\n"
    for at, what in edits:
        text = text[: at % len(text)] + what + text[at % len(text) :]
    try:
        head = parse_request(text.encode("latin-1") + b"\r\n")
        framing = request_framing(head)
    except BadMessage:
        return
    assert framing == "chunked" or "transfer-encoding" not in head.by_name
    assert not any("\n" in value or "\r" in value for _, value in head.headers)


@given(st.binary(max_size=200), st.lists(st.integers(1, 60), max_size=8))
async def test_chunked_bodies_come_out_as_they_went_in(body: bytes, sizes: list[int]) -> None:
    framed, left = b"", body
    for size in sizes:
        if left[:size]:
            framed += b"%x;x=y\r\n%b\r\n" % (len(left[:size]), left[:size])
            left = left[size:]
    if left:
        framed += b"%X\r\n%b\r\n" % (len(left), left)
    reader = asyncio.StreamReader()
    reader.feed_data(framed + b"0\r\nTrailer: x\r\n\r\nrest")
    assert b"".join([piece async for piece in pieces(reader, "chunked", 1)]) == body
    assert await reader.read(4) == b"rest"


@given(st.binary(max_size=80))
async def test_chunks_that_are_none_are_refused(data: bytes) -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    try:
        async for _ in pieces(reader, "chunked", 1):
            pass
    except (BadMessage, EOFError):
        return
    assert b"0" in data


async def test_random_bytes_do_no_harm_to_others(world: Cdn) -> None:
    dice = random.Random(1)
    starts = [b"", b"GET / HTTP/1.1\r\n", f"GET /kept/1 HTTP/1.1\r\n{HOST}".encode(), b"POST / HTTP/1.1\r\n"]
    for _ in range(100):
        data = dice.choice(starts) + dice.randbytes(dice.randrange(300)) + dice.choice([b"", b"\r\n\r\n"])
        reader, writer = await world.open()
        writer.write(data)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert (await world.ask("/kept/1")).status == 200


async def test_half_open_and_slow_viewers_are_left_and_others_served(
    world: Cdn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewers, "HEAD_TIMEOUT_S", 0.3)
    lingering = [await world.open() for _ in range(50)]
    for number, (_, writer) in enumerate(lingering):
        writer.write(b"GET / HTTP/1.1\r\nHost: de1"[: number % 25])
    assert (await world.ask("/kept/1")).status == 200
    for reader, writer in lingering:
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
    assert world.plane.health()["viewers"] == 0


async def test_a_viewer_that_sends_half_a_body_is_left(world: Cdn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "READ_TIMEOUT_S", 0.2)
    reader, writer = await world.open()
    writer.write(f"POST / HTTP/1.1\r\n{HOST}Content-Length: 100\r\n\r\nhalf".encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert world.a.visits == [], "half a request is none"
    writer.close()


async def test_a_viewer_that_takes_nothing_is_left_and_holds_little(
    world: Cdn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "WRITE_TIMEOUT_S", 0.3)
    piece, count = b"x" * 65_536, 1600
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(count):
            sent += 1
            yield piece

    async def script(_request: Request) -> Response:
        return Response(200, [], endless())

    world.a.script = script
    reader, writer = await world.open()
    writer.write(f"GET / HTTP/1.1\r\n{HOST}\r\n".encode())
    await until(lambda: bool(world.a.visits))
    world.a.script = None
    assert (await world.ask("/kept/1")).status == 200
    await until(lambda: world.plane.health()["viewers"] == 0)
    assert sent < count, "the origin was held back"
    writer.close()
    del reader


async def until(condition: Callable[[], bool], bound_s: float = 60.0) -> None:
    async with asyncio.timeout(bound_s):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_hundred_megabytes_pass_both_ways_without_being_held(world: Cdn) -> None:
    """What is held is what memory grows by: the origin here counts the bytes and forgets them."""
    total, piece = 100 << 20, b"x" * 65_536
    received = 0

    async def sink(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        await reader.readuntil(b"\r\n\r\n")
        while received < total:
            received += len(await reader.read(65_536))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
        for _ in range(total // len(piece)):
            writer.write(piece)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(sink, "127.0.1.1", 0)
    port = server.sockets[0].getsockname()[1]
    a = origin("a", "a.hello.test", custom={"OriginProtocolPolicy": "http-only", "HTTPPort": port})
    default = behavior("a", DISABLED, AllowedMethods=EVERY_METHOD)
    world.tell(distribution("E1", a, DefaultCacheBehavior=default))
    before = resident_bytes(_own_pid()) or 0
    reader, writer = await world.open()
    writer.write(f"POST / HTTP/1.1\r\n{HOST}Content-Length: {total}\r\n\r\n".encode())
    got, most = 0, 0

    async def send() -> None:
        for _ in range(total // len(piece)):
            writer.write(piece)
            await writer.drain()

    sending_it = asyncio.create_task(send())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
    assert head.startswith(b"HTTP/1.1 200 ")
    while got < total:
        got += len(await asyncio.wait_for(reader.read(65_536), 60))
        most = max(most, (resident_bytes(_own_pid()) or 0) - before) if got % (1 << 20) < 65_536 else most
    await sending_it
    assert received == total
    assert most < 64 << 20
    writer.close()
    server.close()


def _own_pid() -> int:
    import os

    return os.getpid()


async def test_more_connections_than_there_is_room_for_are_turned_away(
    world: Cdn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panregion.edge.cloudfront import plane

    monkeypatch.setattr(plane, "CONNECTIONS_MAX", 5)
    held = [await world.open() for _ in range(5)]
    await until(lambda: world.plane.health()["viewers"] == 5)
    reader, writer = await world.open()
    assert await asyncio.wait_for(reader.read(), 5) == b""
    assert world.plane.health()["viewers_turned_away"] == 1
    for _, each in [*held, (reader, writer)]:
        each.close()
    await until(lambda: world.plane.health()["viewers"] == 0)
    assert (await world.ask("/kept/1")).status == 200


@pytest.mark.parametrize(
    "answer",
    [
        b"rubbish\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nX: a\nSet-Cookie: evil\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
        b"",
    ],
)
async def test_an_origin_that_answers_nonsense(world: Cdn, answer: bytes) -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(nonsense, "127.0.1.1", 0)
    port = server.sockets[0].getsockname()[1]
    a = origin("a", "a.hello.test", custom={"OriginProtocolPolicy": "http-only", "HTTPPort": port})
    world.tell(distribution("E1", a, DefaultCacheBehavior=behavior("a", "policy")))
    found = await world.ask()
    assert (found.status, found.x_cache) == (502, "Error from cloudfront")
    server.close()


async def test_a_length_that_is_no_number_in_answer_to_a_head_request(world: Cdn) -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write("HTTP/1.1 200 OK\r\nContent-Length: \u00b2\r\n\r\n".encode("latin-1"))
        writer.close()

    server = await asyncio.start_server(nonsense, "127.0.1.1", 0)
    port = server.sockets[0].getsockname()[1]
    a = origin("a", "a.hello.test", custom={"OriginProtocolPolicy": "http-only", "HTTPPort": port})
    world.tell(distribution("E1", a, DefaultCacheBehavior=behavior("a", "policy")))
    assert (await world.ask(method="HEAD")).status == 502
    server.close()


async def test_a_body_that_breaks_off_is_not_kept_nor_told_as_whole(world: Cdn) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(half, "127.0.1.1", 0)
    port = server.sockets[0].getsockname()[1]
    a = origin("a", "a.hello.test", custom={"OriginProtocolPolicy": "http-only", "HTTPPort": port})
    world.tell(distribution("E1", a, DefaultCacheBehavior=behavior("a", "policy")))
    for _ in range(2):
        reader, writer = await world.open()
        writer.write(f"GET / HTTP/1.1\r\n{HOST}\r\n".encode())
        try:
            got = await asyncio.wait_for(reader.read(), 5)
        except ConnectionError:
            got = b""
        assert not got.endswith(b"\r\n\r\n") or b"Content-Length: 100" in got
        assert len(got.partition(b"\r\n\r\n")[2]) < 100
        writer.close()
    assert world.plane.health()["cache"]["objects"] == 0
    server.close()
