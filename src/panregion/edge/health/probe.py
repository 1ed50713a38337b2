"""One probe of one endpoint from one checker, with Route 53's time limits.

HTTP(S): a connection within 4 s (the handshake of TLS included), a status of 2xx or 3xx within 2 s more, and for
string matching the string, whole, in the first 5,120 bytes of a body that came within 2 s after that. TCP: a
connection within 10 s. Certificates are not validated. A world that shrinks intervals shrinks these limits with
them, but not below LIMIT_MIN_S: round trips do not shrink.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from panregion.edge.health.state import Outcome
from panregion.world import Clock, Connection, Dial

T = TypeVar("T")

HTTP_CONNECT_S, HTTP_RESPONSE_S, BODY_S, TCP_CONNECT_S = 4.0, 2.0, 2.0, 10.0
LIMIT_MIN_S = 1.0
MATCH_BYTES = 5120
HEAD_LIMIT_BYTES = 64 * 1024
USER_AGENT = "Amazon-Route53-Health-Check-Service (ref {id}; report http://amzn.to/1vsZADi)"


class Failed(Exception):
    """The endpoint is unhealthy; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is probed: where to dial, and what to ask for there."""

    check_id: str
    config: dict[str, Any]
    host: str
    port: int
    dial: Dial
    limit_scale: float = 1.0
    limit_min_s: float = LIMIT_MIN_S

    def limit_s(self, seconds: float) -> float:
        return max(self.limit_min_s, seconds * self.limit_scale)

    @property
    def kind(self) -> str:
        kind: str = self.config["Type"]
        return kind


def lenient_tls() -> ssl.SSLContext:
    """TLS without validation, as Route 53's checkers do it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Watch:
    """How long the parts of one probe took, seconds from its beginning."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = self._last = clock.monotonic()
        self.connect_s: float | None = None
        self.tls_s: float | None = None
        self.first_byte_s: float | None = None

    def lap_s(self) -> float:
        """Seconds since the last lap."""
        before, self._last = self._last, self._clock.monotonic()
        return self._last - before

    def outcome(self, success: bool, text: str) -> Outcome:
        took_s = self._clock.monotonic() - self._began
        return Outcome(success, text, took_s, self.connect_s, self.tls_s, self.first_byte_s)


async def probe(target: Target, clock: Clock, tls: Callable[[], ssl.SSLContext] = lenient_tls) -> Outcome:
    """Probe once. Never raises for what the endpoint does."""
    watch = Watch(clock)
    try:
        text = await (_tcp(target, watch) if target.kind == "TCP" else _http(target, tls, watch))
    except Failed as error:
        return watch.outcome(False, str(error))
    except ValueError:  # a line without end, a chunk's size that is no number
        return watch.outcome(False, "The answer is not HTTP")
    return watch.outcome(True, text)


async def _tcp(target: Target, watch: Watch) -> str:
    _, writer = await _connected(target, target.limit_s(TCP_CONNECT_S), None, watch)
    await _closed(writer)
    return "TCP connection established"


async def _http(target: Target, tls: Callable[[], ssl.SSLContext], watch: Watch) -> str:
    context = tls() if target.kind.startswith("HTTPS") else None
    reader, writer = await _connected(target, target.limit_s(HTTP_CONNECT_S), context, watch)
    try:
        writer.write(_request(target))
        status = await _within(_status(reader), target.limit_s(HTTP_RESPONSE_S), "The HTTP response")
        watch.first_byte_s = watch.lap_s()
        if not 200 <= status < 400:
            raise Failed(f"HTTP Status Code {status}")
        if target.kind.endswith("_STR_MATCH"):
            await _match(reader, target)
        return f"HTTP Status Code {status}, OK" if status == 200 else f"HTTP Status Code {status}"
    finally:
        await _closed(writer)


async def _connected(target: Target, limit_s: float, context: ssl.SSLContext | None, watch: Watch) -> Connection:
    async def connect() -> Connection:
        reader, writer = await target.dial(target.host, target.port)
        watch.connect_s = watch.lap_s()
        if context is not None:
            name = target.config.get("FullyQualifiedDomainName") or None
            await writer.start_tls(context, server_hostname=name if target.config.get("EnableSNI") else None)
            watch.tls_s = watch.lap_s()
        return reader, writer

    return await _within(connect(), limit_s, "The connection")


async def _within(doing: Awaitable[T], limit_s: float, what: str) -> T:
    try:
        return await asyncio.wait_for(doing, limit_s)
    except TimeoutError as error:
        raise Failed(f"{what} timed out after {limit_s:g} s") from error
    except (OSError, EOFError) as error:
        raise Failed(f"{what} failed: {error}") from error


def _request(target: Target) -> bytes:
    config = target.config
    default = 443 if target.kind.startswith("HTTPS") else 80
    name = config.get("FullyQualifiedDomainName") or target.host
    host = name if config.get("Port", default) == default else f"{name}:{config['Port']}"
    return (
        f"GET {config.get('ResourcePath', '/')} HTTP/1.1\r\nHost: {host}\r\n"
        f"User-Agent: {USER_AGENT.format(id=target.check_id)}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    ).encode("latin-1", "replace")


async def _status(reader: asyncio.StreamReader) -> int:
    line = await reader.readline()
    parts = line.split()
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/") or not parts[1].isdigit():
        raise Failed("The answer is not HTTP")
    return int(parts[1])


async def _match(reader: asyncio.StreamReader, target: Target) -> None:
    limit_s = target.limit_s(BODY_S)
    body = await _within(_body_start(reader), limit_s, "The HTTP body")
    if target.config["SearchString"].encode() not in body:
        raise Failed("The string was not found in the first 5120 bytes of the response body")


async def _body_start(reader: asyncio.StreamReader) -> bytes:
    """Up to 5,120 bytes of the body; chunks' frames are taken out."""
    chunked, size = False, 0
    while (line := await reader.readline()) not in (b"\r\n", b"\n", b""):
        size += len(line)
        if size > HEAD_LIMIT_BYTES:
            raise Failed("The response's head is too long")
        chunked |= line.lower().startswith(b"transfer-encoding:") and b"chunked" in line.lower()
    body = bytearray()
    while len(body) < MATCH_BYTES:
        wanted = MATCH_BYTES - len(body)
        if chunked:
            length = int((await reader.readline()).split(b";")[0] or b"0", 16)
            if not length:
                break
            body += await reader.readexactly(min(length, wanted))
            if length > wanted:
                break
            await reader.readline()
        else:
            piece = await reader.read(wanted)
            if not piece:
                break
            body += piece
    return bytes(body)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
