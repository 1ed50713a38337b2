"""The frames of HTTP/1.1 messages, for a proxy that passes bodies on without reading them. RFC 9112.

Heads are parsed, bodies are copied: by length, by chunks, or until the connection ends.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Literal

HEAD_LIMIT_BYTES = 64 * 1024
COPY_BYTES = 64 * 1024
STATUS = re.compile("[1-5][0-9][0-9]")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;|\r\n)")

HOP_BY_HOP = frozenset(
    {"connection", "proxy-connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"}
)

Framing = int | Literal["chunked", "until-close"]
HeaderLines = list[tuple[str, str]]


class BadMessage(Exception):
    """Not HTTP/1.1, or more of it than is taken; the text says what."""


@dataclass(frozen=True, slots=True)
class Head:
    """A start line's three parts and the headers, as they came."""

    start: tuple[str, str, str]
    headers: HeaderLines

    def header(self, name: str) -> str:
        """The header's values joined by a comma; empty where there is none."""
        return ",".join(value for key, value in self.headers if key.lower() == name)

    def tokens(self, name: str) -> set[str]:
        return {token.strip().lower() for token in self.header(name).split(",")}

    def without_hops(self) -> HeaderLines:
        """The headers that go on to the next hop. Upgrades keep theirs."""
        if "upgrade" in self.tokens("connection"):
            return [pair for pair in self.headers if pair[0].lower() not in HOP_BY_HOP - {"connection"}]
        dropped = HOP_BY_HOP | self.tokens("connection")
        return [pair for pair in self.headers if pair[0].lower() not in dropped]


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """The next message's head; None where the connection ended before it began. Raises BadMessage."""
    try:
        data = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial.strip():
            raise BadMessage("the message's head is cut short") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise BadMessage(f"the message's head is longer than {HEAD_LIMIT_BYTES} bytes") from error
    first, *lines = data.decode("latin-1").lstrip("\r\n").split("\r\n")
    parts = first.split(" ", 2)
    if len(parts) == 2 and parts[0].startswith("HTTP/"):
        parts.append("")
    if len(parts) != 3:
        raise BadMessage("the first line is not HTTP's")
    headers = []
    for line in lines:
        if line:
            name, found, value = line.partition(":")
            if not found or not name or name != name.strip():
                raise BadMessage(f"{line[:80]!r} is not a header")
            headers.append((name, value.strip()))
    return Head((parts[0], parts[1], parts[2]), headers)


def encode_head(start: str, headers: HeaderLines) -> bytes:
    """A head as bytes."""
    lines = [start, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def is_number(text: str) -> bool:
    """Whether text is digits and nothing else; `str.isdigit` alone takes a superscript two for one."""
    return text.isascii() and text.isdigit()


def _length(head: Head) -> int | None:
    values = {value.strip() for value in head.header("content-length").split(",") if value.strip()}
    if not values:
        return None
    if len(values) > 1 or not is_number(value := values.pop()):
        raise BadMessage("content-length is not one number")
    return int(value)


def request_framing(head: Head) -> Framing:
    """How a request's body ends. Raises BadMessage for one that could be read in two ways."""
    if "chunked" in head.tokens("transfer-encoding"):
        if head.header("content-length"):
            raise BadMessage("content-length and transfer-encoding contradict each other")
        return "chunked"
    return _length(head) or 0


def response_framing(head: Head, method: str) -> Framing:
    """How a response's body ends. Raises BadMessage."""
    if not STATUS.fullmatch(head.start[1]):
        raise BadMessage("the answer has no status")
    status = int(head.start[1])
    if method == "HEAD" or status in (204, 304) or 100 <= status < 200:
        return 0
    if "chunked" in head.tokens("transfer-encoding"):
        return "chunked"
    length = _length(head)
    return "until-close" if length is None else length


async def copy_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, framing: Framing) -> None:
    """Pass a body on as it comes. Raises BadMessage, EOFError where it is cut short, OSError."""
    if framing == "chunked":
        await _copy_chunks(reader, writer)
    elif framing == "until-close":
        while piece := await reader.read(COPY_BYTES):
            writer.write(piece)
            await writer.drain()
    elif isinstance(framing, int):
        await _copy_bytes(reader, writer, framing)


async def _copy_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int) -> None:
    while left:
        piece = await reader.read(min(left, COPY_BYTES))
        if not piece:
            raise EOFError("the body is cut short")
        left -= len(piece)
        writer.write(piece)
        await writer.drain()


async def _copy_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        line = await _line(reader)
        digits = CHUNK_SIZE.match(line)
        if digits is None:
            raise BadMessage("a chunk's size is no number")
        writer.write(line)
        size = int(digits[1], 16)
        if size == 0:
            break
        await _copy_bytes(reader, writer, size + 2)
    while (line := await _line(reader)) != b"\r\n":
        writer.write(line)
    writer.write(line)
    await writer.drain()


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n")
    except asyncio.LimitOverrunError as error:
        raise BadMessage("a line is too long") from error


async def copy_until_closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One direction of a tunnel: all that comes, and then the end."""
    while piece := await reader.read(COPY_BYTES):
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof() and not writer.is_closing():
        writer.write_eof()
