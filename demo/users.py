"""Users in cities: each sees the world through the proxy of its city."""

from dataclasses import dataclass
from typing import Any

import msgspec

from panregion.world import Clock, HttpClient, direct_dial
from panregion.world.client import ClientError

API = "http://api.hello.test"
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
