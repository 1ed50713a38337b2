"""Whatever users send to a place's proxy, and regions answer through it: the proxy says what is wrong or hangs up.

Three ways to be odd: any bytes, good requests with bytes replaced, answers with bytes replaced. After each the same
proxy serves a plain request, and nothing was left unhandled in the loop. PANREGION_FUZZ_EXAMPLES says how many of each.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.edge.world import SmallWorld, small_world

EXAMPLES = int(os.environ.get("PANREGION_FUZZ_EXAMPLES", "60"))
bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="PANREGION_FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REQUESTS = (
    b"GET http://api.hello.test/a?b=c HTTP/1.1\r\nHost: api.hello.test\r\n\r\n",
    b"POST http://api.hello.test/ HTTP/1.1\r\nHost: api.hello.test\r\nContent-Length: 5\r\n\r\nhello",
    b"POST http://api.hello.test/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
    b"CONNECT api.hello.test:80 HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: api.hello.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
)
ANSWERS = (
    OK,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\nwhatever",
    b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
)
KNOWN = [
    b"POST http://api.hello.test/ HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n",
    b"CONNECT api.hello.test:\xb2 HTTP/1.1\r\n\r\n",
    b"CONNECT api.hello.test:99999 HTTP/1.1\r\n\r\n",
    b"GET http://api.hello.test:99999/ HTTP/1.1\r\n\r\n",
    b"GET http://[::1/ HTTP/1.1\r\n\r\n",
    b"POST http://api.hello.test/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
    b"POST http://api.hello.test/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1_0\r\n",
    b"GET http://" + b"a" * 300 + b"/ HTTP/1.1\r\n\r\n",
    b"GET http://a\\9.test/ HTTP/1.1\r\n\r\n",
    b"GET http://api.hello.test/ HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
]
KNOWN_ANSWERS = [
    b"HTTP/1.1 \xb2 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: \xb9\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
    b"rubbish\r\n\r\n",
]


class Bench:
    """A small world whose region answers as told."""

    def __init__(self, world: SmallWorld) -> None:
        self.world = world
        self.answer = OK
        self.unhandled: list[dict[str, Any]] = []

    @staticmethod
    @asynccontextmanager
    async def open() -> AsyncIterator["Bench"]:
        """A bench in a world of its own."""
        made: list[Bench] = []

        async def script(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(made[0].answer)
            await writer.drain()
            writer.close()

        async with small_world(script) as world:
            made.append(Bench(world))
            asyncio.get_running_loop().set_exception_handler(lambda _, context: made[0].unhandled.append(context))
            yield made[0]

    async def send(self, data: bytes) -> bytes:
        """Send bytes and the end of them; what came back, as far as it came."""
        reader, writer = await self.world.open()
        received = b""
        with suppress(OSError, TimeoutError):
            writer.write(data)
            writer.write_eof()
            async with asyncio.timeout(2):
                while piece := await reader.read(65536):
                    received += piece
        writer.transport.abort()
        return received

    async def still_serves(self) -> None:
        self.answer = OK
        told = await self.send(REQUESTS[0].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert told.endswith(b"ok"), told
        assert self.unhandled == []


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with Bench.open() as opened:
        yield opened


def replaced(data: bytes, at: int, piece: bytes) -> bytes:
    at %= len(data) + 1
    return data[:at] + piece + data[at + len(piece) :]


@pytest.mark.parametrize("data", KNOWN)
async def test_odd_requests(bench: Bench, data: bytes) -> None:
    told = await bench.send(data)
    assert not told or told.startswith((b"HTTP/1.1 4", b"HTTP/1.1 502")) or b"chunked" in data, told
    await bench.still_serves()


@pytest.mark.parametrize("answer", KNOWN_ANSWERS)
async def test_odd_answers(bench: Bench, answer: bytes) -> None:
    bench.answer = answer
    await bench.send(REQUESTS[0])
    await bench.still_serves()


pieces = st.tuples(st.integers(0, 150), st.binary(min_size=1, max_size=6))


@given(st.lists(st.binary(max_size=200), max_size=20))
@bounded
def test_any_bytes(many: list[bytes]) -> None:
    asyncio.run(_each(many, [OK]))


@given(st.lists(st.tuples(st.sampled_from(REQUESTS), pieces), max_size=10))
@bounded
def test_good_requests_with_bytes_replaced(many: list[tuple[bytes, tuple[int, bytes]]]) -> None:
    asyncio.run(_each([replaced(data, *piece) for data, piece in many], [OK]))


@given(st.lists(st.tuples(st.sampled_from(ANSWERS), pieces), max_size=10))
@bounded
def test_answers_with_bytes_replaced(many: list[tuple[bytes, tuple[int, bytes]]]) -> None:
    asyncio.run(_each([REQUESTS[0]], [replaced(data, *piece) for data, piece in many]))


async def _each(requests: list[bytes], answers: list[bytes]) -> None:
    """Every request with every answer, in one small world."""
    async with Bench.open() as bench:
        for request in requests:
            for answer in answers:
                bench.answer = answer
                await bench.send(request)
        await bench.still_serves()
