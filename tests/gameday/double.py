"""An application of known faults: it loses, overwrites, answers stale and is away exactly as told.

The engine is held to it: what the verdict says must be what was put in, no more and no less.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from panregion.gameday import file, result
from panregion.gameday.ledger import Ledger
from panregion.gameday.load import Group, Load
from panregion.gameday.losses import each_once, lost_and_overwritten
from panregion.gameday.observed import Observed
from panregion.gameday.stale import stale_answers
from panregion.gameday.user import Scene, User
from panregion.gameday.verdict import verdict
from panregion.world import ClientError, Headers, ManualClock, Response

URL = "http://api.double.test/things/"


@dataclass
class Faults:
    """What is wrong with the application, by the number of the write or read, and the seconds of its absence."""

    lost: frozenset[int] = frozenset()
    overwritten: frozenset[int] = frozenset()
    stale: frozenset[int] = frozenset()
    away: tuple[float, float] = (float("inf"), float("inf"))
    errors: frozenset[int] = frozenset()


@dataclass
class Application:
    """PUT and GET of things by id, in memory; `elapsed` is the game day's time."""

    faults: Faults
    elapsed: Callable[[], float]
    things: dict[str, Any] = field(default_factory=dict)
    writes: int = 0
    reads: int = 0

    async def send(
        self, method: str, url: str, headers: Headers | None = None, body: bytes = b"", *, timeout_s: float = 10
    ) -> Response:
        begin_s, end_s = self.faults.away
        if begin_s <= self.elapsed() < end_s:
            raise ClientError(f"{url}: connection refused")
        thing = url.removeprefix(URL)
        return self._put(thing, body) if method == "PUT" else self._get(thing)

    def _put(self, id: str, body: bytes) -> Response:
        self.writes += 1
        if self.writes in self.faults.errors:
            return Response(500, [], b"no")
        if self.writes in self.faults.overwritten:
            self.things[id] = {"id": id, "text": "somebody else's"}
        elif self.writes not in self.faults.lost:
            self.things[id] = msgspec.json.decode(body)
        return Response(200, [], b"{}")

    def _get(self, id: str) -> Response:
        self.reads += 1
        found = self.things.get(id)
        if found is None or self.reads in self.faults.stale:
            return Response(404, [], b"{}")
        return Response(200, [], msgspec.json.encode(found))


async def write(user: User) -> None:
    """Write one thing."""
    thing = user.new_id("thing")
    body = {"id": thing, "text": f"{user.city} {user.number}"}
    answer = await user.put(URL + thing, json=body)
    if answer.ok:
        user.acknowledged("thing", thing, body)


async def write_and_read(user: User) -> None:
    """Write one thing and read it."""
    thing = user.new_id("thing")
    body = {"id": thing, "text": f"{user.city} {user.number}"}
    answer = await user.put(URL + thing, json=body)
    if answer.ok:
        user.acknowledged("thing", thing, body)
        shown = await user.get(URL + thing)
        user.saw("thing", thing, shown.json() if shown.ok else None)


BEFORE_S, DURATION_S = 10.0, 50.0


async def play(
    faults: Faults,
    game: file.GameDay,
    journey: Callable[[User], Any] = write,
    *,
    fault_s: tuple[float, float] = (10.0, 30.0),
    rate_s: float = 20.0,
    health: Sequence[result.HealthChange] = (),
) -> result.Result:
    """A game day of DURATION_S on a clock that a test moves, and its verdict."""
    clock = ManualClock()
    began = clock.monotonic()
    scene = Scene(Ledger(), lambda: clock.monotonic() - began)
    application = Application(faults, scene.elapsed)
    load = Load(scene, clock, {"london": application}, game.seed)
    running = asyncio.create_task(load.run([Group("london", journey, rate_s, "constant")]))
    await clock.advance(DURATION_S, rounds=6)
    load.stop()
    await running
    ledger = scene.ledger
    held = {"eu-west-1": application.things}
    span = result.FaultSpan(
        id="f1",
        kind="region-kill",
        text="the double is away",
        sites=["eu-west-1"],
        planned_at_s=fault_s[0],
        began_s=fault_s[0],
        ended_s=fault_s[1],
        fault={},
    )
    seen = Observed(
        began_s=clock.now() - DURATION_S,
        duration_s=DURATION_S,
        seed=game.seed,
        regions=["eu-west-1"],
        health_check_scale=1.0,
        attempts=scene.attempts,
        phases=[
            result.Phase("before", 0.0, BEFORE_S),
            result.Phase("during", BEFORE_S, 40.0),
            result.Phase("after", 40.0, DURATION_S),
        ],
        faults=[span],
        health=list(health),
        acknowledged={kind: len(ledger.acknowledged(kind)) for kind in ledger.kinds},
        shown={kind: len(ledger.seen(kind)) for kind in ledger.kinds},
        findings=each_once([*lost_and_overwritten(ledger, "thing", held), *stale_answers(ledger)]),
        converged_s=fault_s[1] + 2.5,
        troubles=[f"{count} journeys raised {told}" for told, count in scene.troubles.items()],
    )
    return verdict(game, seen)


def promising(**objectives: Any) -> file.GameDay:
    """A game day with these objectives, and availability as its steady state."""
    return msgspec.convert(
        {
            "name": "the double",
            "users": [{"city": "london", "rate_s": 20, "get": URL}],
            "steady_state": [{"kind": "availability", "at_least": 1.0}],
            "objectives": objectives,
        },
        file.GameDay,
    )
