"""Our HTTP client: responses that are passed on to somebody else."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from panregion.world import ClientError, ClientTimeout, HttpClient, HttpServer, Request, Response, direct_dial, serve


class Far:
    """A server whose stream says its second piece when told to."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.breaks = False

    async def __call__(self, request: Request) -> Response:
        if request.path == "/stream":
            return Response(200, [("X-Kind", "stream")], self._pieces())
        if request.path == "/never":
            await self.go_on.wait()
        return Response(200, [("X-Kind", "whole")], b"whole")

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield b"first"
        await self.go_on.wait()
        if self.breaks:
            raise ConnectionError("the function failed")
        yield b"second" * 1000


@pytest.fixture
async def far() -> AsyncIterator[tuple[Far, HttpServer, HttpClient]]:
    handler, client = Far(), HttpClient(direct_dial, connections=1)
    server = await serve(handler, "127.0.0.1", 0)
    yield handler, server, client
    handler.go_on.set()
    await client.close()
    await server.close()


Parts = tuple[Far, HttpServer, HttpClient]


async def test_a_stream_is_passed_on_as_it_comes(far: Parts) -> None:
    handler, server, client = far
    url = f"http://127.0.0.1:{server.port}"
    answer = await client.pass_on("GET", f"{url}/stream", timeout_s=5)
    assert ("X-Kind", "stream") in answer.headers
    assert not isinstance(answer.body, bytes)
    assert await anext(answer.body) == b"first", "the second piece is not even said yet"
    handler.go_on.set()
    assert b"".join([piece async for piece in answer.body]) == b"second" * 1000
    whole = await client.pass_on("GET", url, timeout_s=5)
    assert whole.body == b"whole", "the only connection was given back"
    assert (await client.pass_on("HEAD", f"{url}/stream", timeout_s=5)).body == b""


async def test_a_stream_that_nobody_reads_gives_its_connection_back(far: Parts) -> None:
    handler, server, client = far
    url = f"http://127.0.0.1:{server.port}"
    answer = await client.pass_on("GET", f"{url}/stream", timeout_s=5)
    handler.go_on.set()
    await answer.body.aclose()  # type: ignore[union-attr]
    assert (await client.pass_on("GET", url, timeout_s=5)).body == b"whole"


async def test_a_stream_that_breaks_off_breaks_off_for_the_reader_too(
    far: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    handler, server, client = far
    caplog.set_level(logging.INFO)
    handler.breaks = True
    handler.go_on.set()
    answer = await client.pass_on("GET", f"http://127.0.0.1:{server.port}/stream", timeout_s=5)
    with pytest.raises(ClientError):
        [piece async for piece in answer.body]  # type: ignore[union-attr]
    (told,) = [record for record in caplog.records if "broke off" in record.message]
    assert told.message.endswith("/stream broke off: the function failed")
    assert told.exc_info is None, "a function's failure is no fault of the region's: no traceback"


async def test_who_does_not_begin_in_time_is_given_up(far: Parts) -> None:
    _, server, client = far
    with pytest.raises(ClientTimeout):
        await client.pass_on("GET", f"http://127.0.0.1:{server.port}/never", timeout_s=0.05)
