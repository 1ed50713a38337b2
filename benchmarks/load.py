"""A load generator that costs little: prepared requests over keep-alive connections, one in flight on each.

Closed loop, because what is measured is the server's CPU per request, not its latency under a given rate.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Outcome:
    """What a burst of load gave."""

    requests: int
    failures: int
    elapsed_s: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.elapsed_s


class _Connection(asyncio.Protocol):
    """Sends the next prepared request whenever an answer is whole."""

    def __init__(self, burst: "_Burst") -> None:
        self._burst = burst
        self._buffer = b""
        self._missing = 0
        self._last = False
        self._answer = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class is no subclass of it
        self._next()

    def _next(self) -> None:
        request = self._burst.next()
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
            if self._burst.answers is not None:
                self._burst.answers[self._answer] += data
        else:
            self._buffer += data
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            self._buffer = b""
            self._missing = content_length(head) - len(rest)
            self._last = b"connection: close" in head.lower()
            self._burst.failures += not head.startswith(b"HTTP/1.1 20")
            if self._burst.answers is not None:
                self._answer = len(self._burst.answers)
                self._burst.answers.append(rest)
        if self._missing <= 0:
            self._missing = 0
            if self._last:
                self._transport.close()
            else:
                self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._burst.closed(exc, again=self._last)


def content_length(head: bytes) -> int:
    lower = head.lower()
    at = lower.find(b"content-length:")
    assert at >= 0, "the load generator reads answers with a Content-Length only"
    return int(lower[at + 15 :].split(b"\r\n", 1)[0])


class _Burst:
    def __init__(
        self,
        address: tuple[str, int],
        requests: Sequence[bytes],
        total: int,
        connections: int,
        answers: list[bytes] | None,
    ) -> None:
        self._address = address
        self._openings: set[asyncio.Future[Any]] = set()
        self._requests = requests
        self._total = total
        self._given = 0
        self._open = connections
        self.failures = 0
        self.answers = answers
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def next(self) -> bytes | None:
        if self._given == self._total:
            return None
        self._given += 1
        return self._requests[self._given % len(self._requests)]

    def connect(self) -> None:
        """Open one more connection; its protocol keeps itself alive."""
        opening = asyncio.ensure_future(
            asyncio.get_running_loop().create_connection(lambda: _Connection(self), *self._address)
        )
        self._openings.add(opening)
        opening.add_done_callback(self._openings.discard)

    def closed(self, error: Exception | None, *, again: bool) -> None:
        """A connection has ended; a server that ends each after one answer (moto's does) gets another."""
        if again and self._given < self._total:
            self.connect()
            return
        self._open -= 1
        if error is not None and not self.done.done():
            self.done.set_exception(error)
        if self._open == 0 and not self.done.done():
            self.done.set_result(None)


async def burst(
    address: tuple[str, int],
    requests: Sequence[bytes],
    total: int,
    connections: int,
    answers: list[bytes] | None = None,
) -> Outcome:
    """Send `total` of the prepared requests, in turn, over `connections` connections. `answers` gets the bodies."""
    loop = asyncio.get_running_loop()
    run = _Burst(address, requests, total, connections, answers)
    started = loop.time()
    for _ in range(connections):
        run.connect()
    await asyncio.wait_for(run.done, TIMEOUT_S)
    return Outcome(total, run.failures, loop.time() - started)
