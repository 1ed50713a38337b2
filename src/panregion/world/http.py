"""HTTP as values: a request in, a response out. The rest of the project sees only these and `Handler`.

The server is in server.py and http_protocol.py, the client in client.py.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

Headers = list[tuple[str, str]]

BODY_LIMIT_BYTES = 5 * 1024**3
"""The largest object a single S3 PUT may carry; nothing else comes near."""


@dataclass(slots=True)
class Request:
    """One HTTP request, read whole.

    `path` is raw (percent-encoded, without the query), `query` is raw (without the question mark), `headers`
    keep the client's order and spelling, `peer` is the client's IP address.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    peer: str = "127.0.0.1"
    _by_name: dict[str, str] | None = None

    def header(self, name: str, default: str | None = None) -> str | None:
        """A header by its name in lower case; repeated ones are joined by a comma, as RFC 9110 5.3 allows."""
        if self._by_name is None:
            by_name: dict[str, str] = {}
            for key, value in self.headers:
                lower = key.lower()
                by_name[lower] = f"{by_name[lower]},{value}" if lower in by_name else value
            self._by_name = by_name
        return self._by_name.get(name, default)

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


Handler = Callable[[Request], Awaitable[Response]]
