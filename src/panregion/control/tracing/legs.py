"""One HTTP request over a link, with a watch in hand: what each leg of the way took.

The connection is the one that the city's own proxy would open, so its handshake costs the link's round trip; the
clock is read between the handshakes, the request, the first byte and the last.
"""

import asyncio
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from panregion.world import Clock, Dial, Headers

READ_BYTES = 64 * 1024
HEAD_LIMIT_BYTES = 64 * 1024
BODY_SHOWN_BYTES = 2000
T = TypeVar("T")


class Broken(Exception):
    """The way ended before the answer did; the text says on which leg and why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the request goes and what it asks for."""

    host: str
    port: int
    name: str
    """The name in the Host header and in the certificate."""
    message: bytes
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """What came back, and the legs' times. `tls_ms` is None on a plain connection."""

    connect_ms: float
    tls_ms: float | None
    first_byte_ms: float
    body_ms: float
    tls_version: str | None
    status: int
    headers: dict[str, str]
    body_bytes: int
    body_text: str
    """The beginning of what came, as text."""
    began_s: float
    """When connecting began, in seconds of the clock's `monotonic`."""


async def visit(target: Target, dial: Dial, clock: Clock, limit_s: float = 30.0) -> Visit:
    """Make the request. Raises Broken."""
    began = clock.monotonic()
    reader, writer = await _within(dial(target.host, target.port), "connecting", limit_s)
    try:
        connected = clock.monotonic()
        if target.tls is not None:
            handshake = writer.start_tls(target.tls, server_hostname=target.name)
            await _within(handshake, "the TLS handshake", limit_s)
        secured = clock.monotonic()
        writer.write(target.message)
        first = await _within(reader.read(READ_BYTES), "waiting for the first byte", limit_s)
        answered = clock.monotonic()
        whole = first + await _within(reader.read(), "reading the answer", limit_s)
        ended = clock.monotonic()
        protocol = writer.get_extra_info("ssl_object")
        status, headers, body = parse(whole)
    finally:
        writer.close()
    return Visit(
        connect_ms=_ms(connected - began),
        tls_ms=_ms(secured - connected) if target.tls is not None else None,
        first_byte_ms=_ms(answered - secured),
        body_ms=_ms(ended - answered),
        tls_version=protocol.version() if protocol is not None else None,
        status=status,
        headers=headers,
        body_bytes=len(body),
        body_text=body[:BODY_SHOWN_BYTES].decode("utf-8", "replace"),
        began_s=began,
    )


def request_message(
    path: str, host: str, client: str | None, *, method: str = "GET", headers: Headers | None = None, body: bytes = b""
) -> bytes:
    """A request as a client sends it. `client` is the user's address, which a place's proxy adds to plain HTTP."""
    given = {name.lower() for name, _ in headers or ()}
    usual = [("User-Agent", "panregion-trace"), ("Accept", "*/*")]
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in usual if name.lower() not in given]
    lines += [f"{name}: {value}" for name, value in headers or ()]
    lines += [f"x-panregion-client: {client}"] if client is not None else []
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1", "replace") + body


def parse(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    """(status, headers by lower-case name, the body as it was framed). Raises Broken for what is no HTTP answer."""
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        raise Broken("the connection ended before an answer had come")
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ", 2)
    if len(parts) < 2 or not parts[0].startswith("HTTP/") or not parts[1].isdigit():
        raise Broken(f"what answered does not speak HTTP: {first[:80]!r}")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(parts[1]), headers, body


async def _within(doing: Awaitable[T], leg: str, limit_s: float) -> T:
    try:
        async with asyncio.timeout(limit_s):
            return await doing
    except TimeoutError as error:
        raise Broken(f"{leg}: nothing came within {limit_s:g} s") from error
    except OSError as error:
        raise Broken(f"{leg}: {error}") from error


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
