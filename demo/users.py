"""Users in cities: each sees the world through the proxy of its city, and keeps a ledger of what it was promised."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from panregion.world import Clock, HttpClient, direct_dial
from panregion.world.client import ClientError

API = "http://api.hello.test"
GUESTBOOK = "guestbook"
"""The one item that everybody writes: what concurrent writes from two regions cost shows there."""

SHARED_EVERY = 10
PATIENCE_S = 2.0
"""How long a user waits for an answer before counting it as failed."""


@dataclass(frozen=True)
class Attempt:
    """One request of a user. Times are the clock's monotonic seconds."""

    city: str
    kind: str
    item_id: str
    began_s: float
    ended_s: float
    region: str | None
    """Which region answered; None where the request failed."""
    reason: str = ""
    found: bool = True
    """Whether a read found its item."""

    @property
    def ok(self) -> bool:
        return self.region is not None


class User:
    """Somebody in a city with an HTTP client."""

    def __init__(self, city: str, proxy: str, clock: Clock) -> None:
        self.city = city
        self._clock = clock
        self._client = HttpClient(direct_dial, proxy=proxy)

    async def write(self, item_id: str, text: str) -> Attempt:
        """POST /item; acknowledged means that a region answered 2xx."""
        body = msgspec.json.encode({"id": item_id, "text": text})
        return await self._attempt("write", item_id, "POST", f"{API}/item", body)

    async def read(self, item_id: str) -> Attempt:
        """GET /item/{id}; that an item is not there (yet) is an answer, too."""
        return await self._attempt("read", item_id, "GET", f"{API}/item/{item_id}")

    async def ping(self) -> Attempt:
        return await self._attempt("ping", "", "GET", f"{API}/ping")

    async def _attempt(self, kind: str, item_id: str, method: str, url: str, body: bytes = b"") -> Attempt:
        began = self._clock.monotonic()
        region, reason, found = None, "", True
        headers = [("Host", "api.hello.test"), ("Content-Type", "application/json")]
        try:
            response = await self._client.send(method, url, headers, body, timeout_s=PATIENCE_S)
        except ClientError as error:
            reason = str(error)
        else:
            assert isinstance(response.body, bytes)
            if 200 <= response.status < 300 or (response.status == 404 and b"answered_by" in response.body):
                region = answering_region(msgspec.json.decode(response.body))
                found = response.status != 404
            else:
                reason = f"{response.status} {response.body[:120].decode(errors='replace')}"
        return Attempt(self.city, kind, item_id, began, self._clock.monotonic(), region, reason, found)

    async def close(self) -> None:
        await self._client.close()


def answering_region(answer: dict[str, Any]) -> str:
    """The region that the application says it answered from."""
    return str(answer["answered_by"])


@dataclass
class Traffic:
    """Steady requests from every city, arriving whether or not earlier ones were answered."""

    users: list[User]
    clock: Clock
    rate: float
    """Requests per second and city; every other one is a write, every tenth one of the same item."""
    ledger: list[Attempt] = field(default_factory=list)

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Traffic flows while the block runs; afterwards every request has ended."""
        async with asyncio.TaskGroup() as requests:
            streams = [asyncio.create_task(self._stream(user, requests)) for user in self.users]
            try:
                yield
            finally:
                for stream in streams:
                    stream.cancel()

    async def _stream(self, user: User, requests: asyncio.TaskGroup) -> None:
        began = self.clock.monotonic()
        last_written = ""
        for number in itertools.count():
            await self.clock.sleep(began + number / self.rate - self.clock.monotonic())
            if number % SHARED_EVERY == 0:
                requests.create_task(self._note(user.write(GUESTBOOK, f"{user.city} was here, visit {number}")))
            elif number % 2 == 0 or not last_written:
                last_written = f"{user.city}-{number:05}"
                requests.create_task(self._note(user.write(last_written, f"written in {user.city}")))
            else:
                requests.create_task(self._note(user.read(last_written)))

    async def _note(self, request: Any) -> None:
        self.ledger.append(await request)

    def acknowledged(self) -> list[str]:
        """The items whose writes were acknowledged."""
        return [attempt.item_id for attempt in self.ledger if attempt.kind == "write" and attempt.ok]

    def of(self, city: str, since_s: float = 0.0) -> list[Attempt]:
        """A city's requests that began since then, in the order of their ends."""
        chosen = [attempt for attempt in self.ledger if attempt.city == city and attempt.began_s >= since_s]
        return sorted(chosen, key=lambda attempt: attempt.ended_s)
