"""Who really speaks: preambles as bytes, and a server that takes them off whatever way they come."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.world import HttpServer, Request, Response
from panregion.world.preamble import SIGNATURE, SIZE, Speaker, decode, encode, serve_preceded

ADDRESSES = st.ip_addresses(v=4).map(str)
PORTS = st.integers(0, 65535)
SPEAKERS = st.builds(Speaker, ADDRESSES, PORTS, ADDRESSES, PORTS, st.booleans())
LONDON = Speaker("198.18.28.10", 40000, "127.3.1.1", 80)
ASKED = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@given(SPEAKERS)
def test_what_is_encoded_is_decoded(speaker: Speaker) -> None:
    data = encode(speaker)
    assert len(data) == SIZE
    assert decode(data) == speaker
    assert decode(data + b"more") == speaker


@given(st.binary(max_size=40))
def test_any_other_bytes_are_nobody(data: bytes) -> None:
    assert decode(data) is None or data.startswith(SIGNATURE)


@pytest.mark.parametrize("at", [12, 13, 14, 15])
def test_another_version_or_family_is_not_taken(at: int) -> None:
    data = bytearray(encode(LONDON))
    data[at] ^= 0x33
    assert decode(bytes(data)) is None


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    async def say(request: Request) -> Response:
        return Response(200, [], request.peer.encode())

    server = await serve_preceded(say, "127.0.0.1", 0)
    yield server
    await server.close()


async def told(server: HttpServer, *pieces: bytes) -> bytes:
    """What the server answers to pieces that come one after another; empty where it breaks off."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0.02)
    try:
        answer = await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        answer = b""
    writer.close()
    return answer.rpartition(b"\r\n\r\n")[2]


async def test_a_speaker_is_the_peer(server: HttpServer) -> None:
    assert await told(server, encode(LONDON) + ASKED) == b"198.18.28.10"
    assert await told(server, ASKED) == b"127.0.0.1"


async def test_a_preamble_may_come_in_pieces(server: HttpServer) -> None:
    data = encode(LONDON)
    assert await told(server, data[:1], data[1:13], data[13:27], data[27:], ASKED) == b"198.18.28.10"


async def test_a_preamble_of_another_kind_ends_the_connection(server: HttpServer) -> None:
    data = bytearray(encode(LONDON))
    data[13] = 0x21
    assert await told(server, bytes(data) + ASKED) == b""


async def test_who_says_nothing_does_not_keep_a_server_from_closing(server: HttpServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    assert await told(server, ASKED) == b"127.0.0.1"
    await server.close()
    assert await reader.read() == b""
    writer.close()
