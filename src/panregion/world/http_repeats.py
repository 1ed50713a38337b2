"""Requests that one client sends again and again, known by their heads without parsing them.

An SDK's requests for one operation have the same head, byte for byte, but for letters and digits of a date, a
signature, an invocation's id and the length of the body, at places that do not change. Of a request that was parsed
whole a `Repeat` remembers the bytes between those. The next one is like it if the same bytes are at the same places and
only letters and digits in between; then it has the same headers, and its body is what follows the head.

Anything else goes to the parser: a value of another length, a body that came in pieces, two requests at once. What is
taken here the parser would have taken in the same way, which a test holds with mutated requests
(tests/world/test_http_repeats.py).
"""

import re
from typing import Any, Final

from panregion.world.http import Headers, RawHeaders, Request

VARYING: Final = frozenset({b"amz-sdk-invocation-id", b"authorization", b"content-length", b"x-amz-date"})
REFUSED: Final = frozenset({b"connection", b"expect", b"transfer-encoding", b"upgrade"})
"""Headers that change what the connection does."""

MARK: Final = b"x-amz-target"
"""Only requests that have this header come by thousands and alike; to remember others would cost and not pay."""

KNOWN_MAX = 8
LESSONS_MAX = 64
"""A connection whose requests differ each time is not looked at for ever."""

_SIGNATURE = b"Signature="
_LETTERS_AND_DIGITS = re.compile(rb"[0-9A-Za-z]+")

Span = tuple[int, int]


class Repeat:
    """The head of a request, and what its handler found out about it."""

    __slots__ = ("_end", "_fixed", "_length", "_varying", "kin", "method", "path", "query")

    def __init__(self, request: Request, data: bytes, end: int, varying: list[Span], length: Span) -> None:
        self.method, self.path, self.query = request.method, request.path, request.query
        self.kin: dict[str, Any] = {}
        """Handlers keep here what holds for every request like this one."""
        starts = [0, *(to for _, to in varying)]
        ends = [*(at for at, _ in varying), end]
        self._fixed = [(at, data[at:to]) for at, to in zip(starts, ends, strict=True)]
        self._varying = [slice(*span) for span in varying if span != length]
        self._length = slice(*length)
        self._end = end

    def body(self, data: bytes) -> bytes | None:
        """The body of a request like this one; None: it is not like it, or not whole."""
        for at, text in self._fixed:
            if not data.startswith(text, at):
                return None
        for span in self._varying:
            if not data[span].isalnum():
                return None
        length = data[self._length]
        body = data[self._end :]
        return body if length.isdigit() and int(length) == len(body) else None

    def headers(self, data: bytes) -> RawHeaders:
        """The headers of a request like this one."""
        return [(name, value.strip(b" \t")) for _, name, value in _lines(data, self._end)]


class RepeatedRequest(Request):
    """A request whose head is only looked at by those who ask for its headers."""

    __slots__ = ("_data", "_repeat")

    def __init__(self, repeat: Repeat, data: bytes, body: bytes, peer: str) -> None:
        self.method, self.path, self.query = repeat.method, repeat.path, repeat.query
        self.body, self.peer, self.kin = body, peer, repeat.kin
        self._repeat, self._data = repeat, data
        self._raw = self._headers = self._by_name = None

    @property
    def headers(self) -> Headers:
        """Names and values, in the client's order and spelling."""
        self._parse()
        return super().headers

    @property
    def raw_headers(self) -> dict[bytes, bytes]:
        """The headers in bytes by their names in lower case, repeated ones joined."""
        self._parse()
        return super().raw_headers

    def _parse(self) -> None:
        if self._raw is None:
            self._raw = self._repeat.headers(self._data)


def _repeat_of(request: Request, data: bytes) -> Repeat | None:
    """What to know requests like this one by; `data` is the request as it came. None: it is not one of those that
    come again, or `data` holds more or less than the one request."""
    names = request.raw_headers
    if MARK not in names or not REFUSED.isdisjoint(names):
        return None
    end = data.find(b"\r\n\r\n") + 4
    if end < 4 or data[end:] != request.body:
        return None
    varying: list[Span] = []
    length: Span | None = None
    for at, name, value in _lines(data, end):
        spans = _varying(at, name.lower(), value)
        if name.lower() == b"content-length":
            if length is not None or len(spans) != 1:
                return None
            length = spans[0]
        varying += spans
    if length is None:
        return None
    repeat = Repeat(request, data, end, varying, length)
    read = {name.lower(): value for name, value in repeat.headers(data)}
    return repeat if read == request.raw_headers else None


def _lines(data: bytes, end: int) -> list[tuple[int, bytes, bytes]]:
    """Where the value of each header of a head begins, its name, and its value with the space around it."""
    found = []
    at = data.find(b"\r\n") + 2
    while at < end - 2:
        name, colon, value = data[at : data.find(b"\r\n", at)].partition(b":")
        found.append((at + len(name) + len(colon), name, value))
        at += len(name) + len(colon) + len(value) + 2
    return found


def _varying(at: int, name: bytes, value: bytes) -> list[Span]:
    """The places of what varies in a header whose value begins at `at`."""
    if name not in VARYING:
        return []
    if name == b"authorization":
        _, found, signature = value.rpartition(_SIGNATURE)
        if not found:
            return []
        at, value = at + len(value) - len(signature), signature
    return [(at + run.start(), at + run.end()) for run in _LETTERS_AND_DIGITS.finditer(value)]


class Repeats:
    """What the requests of one connection look like: few, the latest found first."""

    __slots__ = ("_known", "_lessons")

    def __init__(self) -> None:
        self._known: list[Repeat] = []
        self._lessons = LESSONS_MAX

    def find(self, data: bytes, peer: str) -> RepeatedRequest | None:
        """The request that `data` is, if it is like one before and whole."""
        for repeat in self._known:
            body = repeat.body(data)
            if body is not None:
                return RepeatedRequest(repeat, data, body, peer)
        return None

    def learn(self, request: Request, data: bytes) -> None:
        """Remember a request that the parser took from `data`, if others like it may come."""
        if not self._lessons:
            return
        self._lessons -= 1
        repeat = _repeat_of(request, data)
        if repeat is not None:
            self._known = [repeat, *self._known[: KNOWN_MAX - 1]]
