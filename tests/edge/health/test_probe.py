"""One probe against a server that a test scripts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from panregion.edge.health import Outcome, Target, probe
from panregion.world import SystemClock, direct_dial
from panregion.world.transport import bound_port, listen_streams

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answer(text: str) -> Script:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text.replace("\n", "\r\n").encode())

    return script


@asynccontextmanager
async def endpoint(script: Script) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
        finally:
            writer.close()

    server = await listen_streams(serve, "127.0.0.1", 0, 65536)
    yield bound_port(server)
    server.close()


async def find(port: int, limit_s: float | None = None, **config: Any) -> Outcome:
    limits = (1.0, 1.0) if limit_s is None else (0.0, limit_s)
    target = Target("id", {"Type": "HTTP", "Port": port, **config}, "127.0.0.1", port, direct_dial, *limits)
    return await probe(target, SystemClock())


PAGE = "HTTP/1.1 200 OK\nContent-Length: 12\n\nall is fine!"
CHUNKS = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n7\nall is \n5\nfine!\n0\n\n"
LONG = "HTTP/1.1 200 OK\n\n" + "x" * 5115 + "fine!"
TOO_LONG = "HTTP/1.1 200 OK\n\n" + "x" * 5116 + "fine!"
NOT_FOUND = "The string was not found in the first 5120 bytes of the response body"


@pytest.mark.parametrize(
    ("text", "config", "success", "said"),
    [
        (PAGE, {}, True, "HTTP Status Code 200, OK"),
        ("HTTP/1.1 302 Found\n\n", {}, True, "HTTP Status Code 302"),
        ("HTTP/1.1 503 Service Unavailable\n\n", {}, False, "HTTP Status Code 503"),
        ("HTTP/1.1 404 Not Found\n\n", {}, False, "HTTP Status Code 404"),
        ("hello", {}, False, "The answer is not HTTP"),
        ("", {}, False, "The answer is not HTTP"),
        (PAGE, {"Type": "HTTP_STR_MATCH", "SearchString": "fine"}, True, "HTTP Status Code 200, OK"),
        (CHUNKS, {"Type": "HTTP_STR_MATCH", "SearchString": "is fine"}, True, "HTTP Status Code 200, OK"),
        (PAGE, {"Type": "HTTP_STR_MATCH", "SearchString": "bad"}, False, NOT_FOUND),
        (LONG, {"Type": "HTTP_STR_MATCH", "SearchString": "fine!"}, True, "HTTP Status Code 200, OK"),
        (TOO_LONG, {"Type": "HTTP_STR_MATCH", "SearchString": "fine!"}, False, NOT_FOUND),
        (PAGE, {"Type": "TCP"}, True, "TCP connection established"),
    ],
)
async def test_what_is_found(text: str, config: dict[str, Any], success: bool, said: str) -> None:
    async with endpoint(answer(text)) as port:
        outcome = await find(port, **config)
    assert (outcome.success, outcome.text) == (success, said)


async def test_it_asks_as_route_53_does() -> None:
    asked = bytearray()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")

    async with endpoint(script) as port:
        await find(port, FullyQualifiedDomainName="api.hello.test", ResourcePath="/health")
    assert asked.startswith(
        f"GET /health HTTP/1.1\r\nHost: api.hello.test:{port}\r\nUser-Agent: Amazon-Route53".encode()
    )


async def test_nobody_there_is_a_failure_with_a_reason() -> None:
    outcome = await find(1)
    assert not outcome.success
    assert outcome.text.startswith("The connection failed: ")


async def test_a_server_that_says_nothing_is_not_waited_for() -> None:

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with endpoint(silence) as port:
        outcome = await find(port, limit_s=0.02)
    assert (outcome.success, outcome.text) == (False, "The HTTP response timed out after 0.02 s")


@pytest.mark.parametrize(
    "text",
    [
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nxyz\nall\n",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n-5\nall\n",
        "HTTP/1.1 200 OK\nX: " + "y" * 3_000_000,
        "z" * 3_000_000,
    ],
)
async def test_what_is_no_http_is_unhealthy_and_no_more(text: str) -> None:
    async with endpoint(answer(text)) as port:
        outcome = await find(port, Type="HTTP_STR_MATCH", SearchString="fine")
    assert not outcome.success
    assert "\n" not in outcome.text


async def test_the_parts_of_a_probe_are_timed() -> None:
    async with endpoint(answer(PAGE)) as port:
        outcome = await find(port)
    assert outcome.connect_s is not None
    assert outcome.first_byte_s is not None
    assert outcome.tls_s is None
    assert outcome.connect_s + outcome.first_byte_s <= outcome.took_s
