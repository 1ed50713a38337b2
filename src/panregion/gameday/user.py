"""A user on a journey: what a `journey` function is given.

    async def order(user):
        id = user.new_id("order")
        body = {"id": id, "text": "two pizzas"}
        user.writing("order", id, body)
        answer = await user.post("http://api.food.test/orders", json=body)
        if answer.ok:
            user.acknowledged("order", id, body)

Requests go through the proxy of the user's city. One that gets no answer raises NoAnswer, which a journey need not
catch: the journey is over then, and the request counts as failed. So does an answer of 5xx or 429; whatever else makes
an answer a failure to this application, the journey says with `failed`.
"""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from panregion.gameday.attempts import Attempt
from panregion.gameday.ledger import Acknowledged, Attempted, Ledger, Seen
from panregion.world import Chance, ClientError, Headers, Response

TOO_MANY_REQUESTS = 429


class NoAnswer(ConnectionError):
    """No whole answer came to a user's request; the text says why."""


class Agent(Protocol):
    """HTTP from a city (world/user_agent.py)."""

    async def send(
        self, method: str, url: str, headers: Headers | None = None, body: bytes = b"", *, timeout_s: float = 10
    ) -> Response:
        """One request, its response read whole. Raises ClientError."""


class Answer:
    """What came back."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def ok(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        """The body as a value. Raises msgspec.DecodeError where it is no JSON."""
        return msgspec.json.decode(self.body)

    def header(self, name: str, default: str = "") -> str:
        """A header by its name, in whatever case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), default)


class Scene:
    """What all users of a game day share: the time since its beginning, the ledger, and who notes down attempts."""

    def __init__(self, ledger: Ledger, elapsed: Callable[[], float], run: str = "0") -> None:
        self.ledger = ledger
        self.run = run
        """Different for every run, even of one seed: what an earlier run wrote must not pass for this one's."""
        self.elapsed = elapsed
        self.attempts: list[Attempt] = []
        self.hosts: dict[str, set[str]] = {}
        """City -> the hosts that its users asked."""
        self.troubles: dict[str, int] = {}
        """What journeys raised that was no NoAnswer -> how often."""


class User:
    """Somebody in a city, for the length of one journey."""

    def __init__(
        self, scene: Scene, agent: Agent, city: str, number: int, chance: Chance, intended_s: float, patience_s: float
    ) -> None:
        self.city = city
        self.number = number
        """Which journey of this city this is, from 0."""
        self.chance = chance
        """Decided by the game day's seed."""
        self._scene = scene
        self._agent = agent
        self._patience_s = patience_s
        self._next_intended_s: float | None = intended_s
        self._last: Attempt | None = None
        self._begun_s = intended_s
        self._unanswered: dict[tuple[str, str], Attempted] = {}

    def new_id(self, kind: str) -> str:
        """An identifier that no other journey has, nor has any earlier game day in the same world."""
        return f"{kind}-{self.city}-{self.number}-{self.chance.token(6)}-{self._scene.run}"

    async def get(self, url: str, **options: Any) -> Answer:
        """See `request`."""
        return await self.request("GET", url, **options)

    async def post(self, url: str, **options: Any) -> Answer:
        """See `request`."""
        return await self.request("POST", url, **options)

    async def put(self, url: str, **options: Any) -> Answer:
        """See `request`."""
        return await self.request("PUT", url, **options)

    async def patch(self, url: str, **options: Any) -> Answer:
        """See `request`."""
        return await self.request("PATCH", url, **options)

    async def delete(self, url: str, **options: Any) -> Answer:
        """See `request`."""
        return await self.request("DELETE", url, **options)

    async def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """One request, with `json` (a value) or `body` (bytes). Raises NoAnswer."""
        self._note()
        listed = list((headers or {}).items())
        if json is not None:
            body = msgspec.json.encode(json)
            listed.append(("Content-Type", "application/json"))
        host = _host(url)
        self._scene.hosts.setdefault(self.city, set()).add(host)
        sent_s = self._begun_s = self._scene.elapsed()
        intended_s = sent_s if self._next_intended_s is None else self._next_intended_s
        self._next_intended_s = None
        try:
            response = await self._agent.send(method, url, listed, body, timeout_s=timeout_s or self._patience_s)
        except ClientError as error:
            ended_s, why = self._scene.elapsed(), _plain(str(error), url)
            self._last = Attempt(self.city, intended_s, sent_s, ended_s, False, reason=why, host=host)
            raise NoAnswer(str(error)) from error
        assert isinstance(response.body, bytes)
        ok = response.status < 500 and response.status != TOO_MANY_REQUESTS
        reason = "" if ok else f"{response.status} {response.body[:120].decode(errors='replace').strip()}"
        self._last = Attempt(self.city, intended_s, sent_s, self._scene.elapsed(), ok, reason=reason, host=host)
        return Answer(response.status, response.headers, response.body)

    def answered_by(self, region: str) -> None:
        """Which region the last answer came from, as the application told."""
        if self._last is not None:
            self._last = msgspec.structs.replace(self._last, region=region)

    def expected(self) -> None:
        """The last answer is good after all: saying no is what this application should do now."""
        if self._last is not None:
            self._last = msgspec.structs.replace(self._last, ok=True, reason="")

    def failed(self, reason: str) -> None:
        """The last answer is a failure after all."""
        if self._last is not None:
            self._last = msgspec.structs.replace(self._last, ok=False, reason=reason)

    def writing(self, kind: str, id: str, body: Any) -> None:
        """A write is about to be asked for; without an acknowledgement it counts as one that may have happened."""
        self._unanswered[kind, id] = Attempted(kind, id, body, self.city, self._scene.elapsed())

    def acknowledged(self, kind: str, id: str, body: Any) -> None:
        """The application promised that this write is done; a deletion has the body None."""
        self._unanswered.pop((kind, id), None)
        self._scene.ledger.add(
            Acknowledged(kind, id, body, self.city, self._begun_s, self._scene.elapsed(), self._region)
        )

    def saw(self, kind: str, id: str, body: Any) -> None:
        """The application showed this; None: it said that there is no such thing. A failed answer shows nothing."""
        if self._last is not None and not self._last.ok:
            return
        self._scene.ledger.add(Seen(kind, id, body, self.city, self._begun_s, self._scene.elapsed(), self._region))

    @property
    def _region(self) -> str | None:
        return None if self._last is None else self._last.region

    def _note(self) -> None:
        if self._last is not None:
            self._scene.attempts.append(self._last)
            self._last = None

    def end(self, trouble: Exception | None = None) -> None:
        """The journey is over; `trouble` is what it raised."""
        if trouble is not None and not isinstance(trouble, NoAnswer):
            told = f"{type(trouble).__name__}: {trouble}"
            self._scene.troubles[told] = self._scene.troubles.get(told, 0) + 1
            if self._last is None:
                now_s = self._scene.elapsed()
                self._last = Attempt(self.city, self._next_intended_s or now_s, now_s, now_s, False)
            self.failed(f"the journey raised {told}")
        self._note()
        for attempted in self._unanswered.values():
            self._scene.ledger.add(attempted)


def _host(url: str) -> str:
    parts = url.split("/", 3)
    return parts[2].partition(":")[0] if len(parts) > 2 else ""


def _plain(text: str, url: str) -> str:
    """The reason without the URL, so that equal reasons are counted together."""
    return text.removeprefix(url).lstrip(": ")
