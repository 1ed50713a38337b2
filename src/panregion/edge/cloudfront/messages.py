"""Heads of HTTP/1.1 messages, read strictly: what two readers could understand in two ways is refused. Pure.

RFC 9112 with its advice against smuggling followed: no bare line feeds, no white space before a colon, no folded
lines, one Host, one Content-Length, no Transfer-Encoding but `chunked`, and never both of the last two.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from panregion.world import Headers

Framing = int | Literal["chunked", "until-close"]

NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
HEADER = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n\0]*?)[ \t]*")
REQUEST_LINE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([!-\xff]+) HTTP/1\.([01])")
STATUS_LINE = re.compile(r"HTTP/1\.([01]) ([1-9][0-9]{2})(?: ([^\r\n\0]*))?")
HOP_BY_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    }
)
REQUEST_BYTES_MAX, URL_BYTES_MAX, HEADERS_MAX = 32_768, 8_192, 200


class BadMessage(Exception):
    """Not a message that can be passed on; `status` is what the viewer is told."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(slots=True)
class RequestHead:
    """A request but for its body. `by_name` has the headers under lower-case names, repeated ones joined."""

    method: str
    host: str
    path: str
    query: str
    minor: int
    headers: Headers
    by_name: dict[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def keeps_alive(self) -> bool:
        """Whether the client wants another request on the connection."""
        tokens = self.by_name.get("connection", "").lower()
        return "close" not in tokens if self.minor else "keep-alive" in tokens

    @property
    def is_websocket(self) -> bool:
        wants = "upgrade" in self.by_name.get("connection", "").lower()
        return wants and self.by_name.get("upgrade", "").lower() == "websocket" and self.method == "GET"


@dataclass(slots=True)
class ResponseHead:
    """A response but for its body."""

    status: int
    reason: str
    headers: Headers
    by_name: dict[str, str]
    minor: int = 1

    @property
    def keeps_alive(self) -> bool:
        tokens = self.by_name.get("connection", "").lower()
        return "close" not in tokens if self.minor else "keep-alive" in tokens


def _fields(lines: list[str]) -> tuple[Headers, dict[str, str]]:
    headers: Headers = []
    by_name: dict[str, str] = {}
    if len(lines) > HEADERS_MAX:
        raise BadMessage("there are too many headers", 431)
    for line in lines:
        match = HEADER.fullmatch(line)
        if match is None:
            raise BadMessage(f"{line[:60]!r} is not a header")
        name, value = match.groups()
        headers.append((name, value))
        lower = name.lower()
        if lower in by_name:
            if lower in ("host", "content-length", "transfer-encoding"):
                raise BadMessage(f"{lower} is there twice")
            separator = "; " if lower == "cookie" else ","
            by_name[lower] = f"{by_name[lower]}{separator}{value}"
        else:
            by_name[lower] = value
    return headers, by_name


def parse_request(data: bytes) -> RequestHead:
    """The head of a request, its empty line included. Raises BadMessage."""
    first, *lines = data[:-4].decode("latin-1").split("\r\n")
    match = REQUEST_LINE.fullmatch(first)
    if match is None:
        raise BadMessage("the first line is not that of an HTTP/1.1 request")
    method, target, minor = match.groups()
    if len(target) > URL_BYTES_MAX:
        raise BadMessage("the URL is too long", 414)
    headers, by_name = _fields(lines)
    host = by_name.get("host", "")
    if not target.startswith("/"):
        scheme, found, rest = target.partition("://")
        if target == "*" and method == "OPTIONS":
            rest, found, scheme = f"{host}/", "://", "http"
        if not found or scheme.lower() not in ("http", "https"):
            raise BadMessage("the request's target is neither a path nor a URL")
        host, slash, rest = rest.partition("/")
        target = f"/{rest}" if slash else "/"
    if minor == "1" and "host" not in by_name:
        raise BadMessage("the Host header is missing")
    path, _, query = target.partition("?")
    return RequestHead(method, _host_name(host), path, query, int(minor), headers, by_name)


def _host_name(host: str) -> str:
    """Without its port, in lower case."""
    name, colon, port = host.rpartition(":")
    if colon and (port.isdigit() or not port):
        host = name
    return host.lower().rstrip(".")


def parse_response(data: bytes) -> ResponseHead:
    """The head of a response, its empty line included. Raises BadMessage."""
    first, *lines = data[:-4].decode("latin-1").split("\r\n")
    match = STATUS_LINE.fullmatch(first)
    if match is None:
        raise BadMessage("the first line is not that of an HTTP/1.1 response")
    headers, by_name = _fields(lines)
    return ResponseHead(int(match[2]), match[3] or "", headers, by_name, int(match[1]))


def _length(by_name: dict[str, str]) -> int | None:
    text = by_name.get("content-length")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadMessage("content-length is not a number")
    return int(text)


def announced_length(head: ResponseHead) -> int | None:
    """The length of the body that a HEAD request's response speaks of. Raises BadMessage."""
    return _length(head.by_name)


def _is_chunked(by_name: dict[str, str]) -> bool:
    coding = by_name.get("transfer-encoding")
    if coding is None:
        return False
    if coding.lower() != "chunked":
        raise BadMessage(f"the transfer coding {coding[:40]} is not known", 501)
    if "content-length" in by_name:
        raise BadMessage("content-length and transfer-encoding contradict each other")
    return True


def request_framing(head: RequestHead) -> Framing:
    """How a request's body ends: its length (0 for none), or in chunks. Raises BadMessage."""
    if _is_chunked(head.by_name):
        if head.minor == 0:
            raise BadMessage("HTTP/1.0 has no transfer codings")
        return "chunked"
    return _length(head.by_name) or 0


def response_framing(head: ResponseHead, method: str) -> Framing:
    """How a response's body ends. Raises BadMessage."""
    chunked = _is_chunked(head.by_name)
    length = _length(head.by_name)
    if method == "HEAD" or head.status in (204, 304) or head.status < 200:
        return 0
    if chunked:
        return "chunked"
    return "until-close" if length is None else length


def encode_head(first: str, headers: Headers) -> bytes:
    """A head as bytes, its empty line included."""
    lines = [first]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
