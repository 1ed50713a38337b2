"""Bodies as they come: read piece by piece, whatever frames them, each piece within a time."""

import asyncio
from collections.abc import AsyncIterator

from panregion.edge.cloudfront.messages import BadMessage, Framing

PIECE_BYTES = 64 * 1024
LINE_BYTES_MAX = 256


async def pieces(reader: asyncio.StreamReader, framing: Framing, timeout_s: float) -> AsyncIterator[bytes]:
    """A body without its framing. Raises BadMessage, EOFError where it is cut short, TimeoutError, OSError."""
    if framing == "chunked":
        async for piece in _chunked(reader, timeout_s):
            yield piece
    elif framing == "until-close":
        while piece := await _read(reader, PIECE_BYTES, timeout_s):
            yield piece
    elif isinstance(framing, int):
        left = framing
        while left:
            piece = await _read(reader, min(left, PIECE_BYTES), timeout_s)
            if not piece:
                raise EOFError("the body is cut short")
            left -= len(piece)
            yield piece


async def _read(reader: asyncio.StreamReader, size: int, timeout_s: float) -> bytes:
    async with asyncio.timeout(timeout_s):
        return await reader.read(size)


async def _chunked(reader: asyncio.StreamReader, timeout_s: float) -> AsyncIterator[bytes]:
    while left := _chunk_size(await _line(reader, timeout_s)):
        while left:
            piece = await _read(reader, min(left, PIECE_BYTES), timeout_s)
            if not piece:
                raise EOFError("the body is cut short")
            left -= len(piece)
            yield piece
        if await _line(reader, timeout_s) != b"":
            raise BadMessage("a chunk is longer than it says")
    trailers = 0
    while await _line(reader, timeout_s) != b"":
        trailers += 1
        if trailers > 100:
            raise BadMessage("there are too many trailers")


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip(b" \t")
    if not digits or len(digits) > 15 or digits.strip(b"0123456789abcdefABCDEF"):
        raise BadMessage("a chunk's size is not a number")
    return int(digits, 16)


async def _line(reader: asyncio.StreamReader, timeout_s: float) -> bytes:
    try:
        async with asyncio.timeout(timeout_s):
            line = await reader.readuntil(b"\r\n")
    except asyncio.LimitOverrunError as error:
        raise BadMessage("a line is too long") from error
    except asyncio.IncompleteReadError as error:
        raise EOFError("the body is cut short") from error
    if len(line) > LINE_BYTES_MAX or line.count(b"\n") > 1:
        raise BadMessage("a chunk's line is too long")
    return line[:-2]
