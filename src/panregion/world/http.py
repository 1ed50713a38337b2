"""HTTP as values: a request in, a response out. The rest of the project sees only these and `Handler`.

The server is in server.py and http_protocol.py, the client in client.py.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Headers = list[tuple[str, str]]
RawHeaders = list[tuple[bytes, bytes]]

BODY_LIMIT_BYTES = 5 * 1024**3
"""The largest object a single S3 PUT may carry; nothing else comes near."""


class Request:
    """One HTTP request, read whole.

    `path` is raw (percent-encoded, without the query), `query` is raw (without the question mark), `headers`
    keep the client's order and spelling, `peer` is the client's IP address.

    A server gives the headers as the bytes that came (`raw_headers`): most requests are decided by three or four of
    them, and the others are never decoded.
    """

    __slots__ = ("_by_name", "_headers", "_raw", "body", "kin", "method", "path", "peer", "query")

    def __init__(
        self,
        method: str,
        path: str,
        query: str = "",
        headers: Headers | None = None,
        body: bytes = b"",
        peer: str = "127.0.0.1",
        *,
        raw_headers: RawHeaders | None = None,
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.peer = peer
        self._raw = raw_headers
        self._headers = [] if headers is None and raw_headers is None else headers
        self._by_name: dict[bytes, bytes] | None = None
        self.kin: dict[str, Any] | None = None
        """What holds for every request with a head like this one's, if the server knows that (http_repeats.py)."""

    def __repr__(self) -> str:
        return f"Request({self.method} {self.target}, {self.headers}, {len(self.body)} bytes from {self.peer})"

    @property
    def headers(self) -> Headers:
        """Names and values, in the client's order and spelling."""
        if self._headers is None:
            self._headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._raw or ()]
        return self._headers

    def with_headers(self, headers: Headers) -> "Request":
        """The same request with other headers."""
        return Request(self.method, self.path, self.query, headers, self.body, self.peer)

    def header(self, name: str, default: str | None = None) -> str | None:
        """A header by its name in lower case; repeated ones are joined by a comma, as RFC 9110 5.3 allows."""
        found = self.raw_header(name.encode("latin-1"))
        return default if found is None else found.decode("latin-1")

    def raw_header(self, name: bytes) -> bytes | None:
        """As `header`, in bytes."""
        return self.raw_headers.get(name)

    @property
    def raw_headers(self) -> dict[bytes, bytes]:
        """The headers in bytes by their names in lower case, repeated ones joined."""
        if self._by_name is None:
            raw = self._raw
            if raw is None:
                raw = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in self.headers]
            self._by_name = {key.lower(): value for key, value in raw}
            if len(self._by_name) != len(raw):
                self._by_name = _joined(raw)
        return self._by_name

    @property
    def host(self) -> str:
        """The Host header in lower case, without its port."""
        return (self.header("host") or "").rsplit(":", 1)[0].lower()

    @property
    def target(self) -> str:
        """Path and query, as on the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(slots=True)
class Response:
    """One HTTP response; a body that is an iterator is sent in chunks as they come."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes | AsyncIterator[bytes] = b""


class WrittenResponse(Response):
    """A response 200 whose headers are written already: their lines, each ended by CR and LF, but for its length.

    For the few answers that are given much more often than all others.
    """

    __slots__ = ("lines",)
    body: bytes

    def __init__(self, lines: bytes, body: bytes) -> None:
        self.status = 200
        self.lines = lines
        self.body = body

    @property
    def headers(self) -> Headers:  # type: ignore[override]  # it cannot be set
        """Names and values, read from the lines."""
        pairs = (line.split(": ", 1) for line in self.lines.decode("latin-1").split("\r\n") if line)
        return [(name, value) for name, value in pairs]


Handler = Callable[[Request], Awaitable[Response]]
"""What a server calls for every request. One that is an object may have a method `begin(request)` beside it: it gives
the response itself where there is nothing to wait for, which spares those requests a task, else something to await."""


def _joined(raw: RawHeaders) -> dict[bytes, bytes]:
    by_name: dict[bytes, bytes] = {}
    for name, value in raw:
        lower = name.lower()
        by_name[lower] = by_name[lower] + b"," + value if lower in by_name else value
    return by_name
