"""Messages over kept connections."""

import asyncio

import pytest

from panregion.world import ClientError, ClientTimeout, HttpClient, Request, Response, direct_dial
from panregion.world.server import serve


async def echo(request: Request) -> Response:
    if request.path == "/never":
        await asyncio.Event().wait()
    return Response(200, [], request.body[::-1])


async def test_messages_share_a_connection_and_a_closed_one_is_not_used_again() -> None:
    dials = 0

    async def dial(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        nonlocal dials
        dials += 1
        return await direct_dial(host, port)

    server = await serve(echo, "127.0.0.1", 0)
    client = HttpClient(dial)
    url = f"http://127.0.0.1:{server.port}/there"
    try:
        for body in (b"abc", b"", b"x" * 100_000 + b"y"):
            assert (await client.post(url, body)).body == body[::-1]
        assert dials == 1
        answers = await asyncio.gather(*(client.post(url, b"%d" % n) for n in range(10, 14)))
        assert [answer.body for answer in answers] == [b"01", b"11", b"21", b"31"]
        assert dials == 4
        await server.close()
        with pytest.raises(ClientError):
            await client.post(url, b"abc")
    finally:
        await server.close()
        await client.close()


async def test_what_does_not_answer_in_time_is_given_up() -> None:
    server = await serve(echo, "127.0.0.1", 0)
    client = HttpClient(direct_dial)
    try:
        with pytest.raises(ClientTimeout):
            await client.post(f"http://127.0.0.1:{server.port}/never", b"abc", timeout_s=0.05)
        assert (await client.post(f"http://127.0.0.1:{server.port}/", b"abc")).body == b"cba"
    finally:
        await client.close()
        await server.close()


@pytest.mark.parametrize(
    "answer", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"]
)
async def test_half_an_answer_is_none(answer: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    client = HttpClient(direct_dial)
    try:
        with pytest.raises(ClientError):
            await client.post(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", b"")
    finally:
        await client.close()
        server.close()
