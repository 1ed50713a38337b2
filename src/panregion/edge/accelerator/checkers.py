"""Is an endpoint well, as points of presence see it.

A load balancer's health is its target groups' (as on AWS, the checks configured for them decide, not the path of the
endpoint group); that it can be asked at all is what the points of presence check, each over its own link, every
interval of the endpoint group, and `threshold` findings in a row against its opinion turn it. A point of presence
acts on its own opinion. Those nearest to the world's regions check always; any other begins when traffic comes to it,
with the opinion of the nearest one that checks, and stops when none has come for a while. What is held is kept on disk.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from panregion.edge.accelerator.memory import Memory
from panregion.edge.health import Opinion, Outcome, Target, probe
from panregion.edge.log import Ring
from panregion.edge.plane import Surroundings
from panregion.services.globalaccelerator.model import EndpointGroup
from panregion.world.distance import round_trip_between_ms

Which = Callable[[str, str], bool]
"""Whether the check of (endpoint, point of presence) is meant."""

IDLE_S = 300.0
STANDING_MAX = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked: a load balancer by its ARN or octet, in a region."""

    key: str
    balancer: str
    region: str
    interval_s: float
    threshold: int


def subjects_of(group: EndpointGroup) -> list[Subject]:
    return [
        Subject(key_of(group.arn, endpoint.id), endpoint.id, group.region, group.interval_s, group.threshold)
        for endpoint in group.endpoints
    ]


def key_of(group_arn: str, endpoint_id: str) -> str:
    return f"{group_arn}|{endpoint_id}"


class Checkers:
    """All checks of all endpoints. `standing` are the points that check whether or not there is traffic."""

    def __init__(self, edge: Surroundings, standing: Iterable[str], memory: Memory) -> None:
        self._edge = edge
        self._standing = list(standing)[:STANDING_MAX]
        self._memory = memory
        self._subjects: dict[str, Subject] = {}
        self._used: dict[str, float] = {}
        self._opinions: dict[str, dict[str, Opinion]] = memory.load()
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self.transitions = Ring()

    @property
    def points(self) -> list[str]:
        """The points of presence that check now."""
        return list(dict.fromkeys([*self._standing, *self._used]))

    def follow(self, subjects: Iterable[Subject]) -> None:
        """These are checked from now on."""
        wanted = {subject.key: subject for subject in subjects}
        for key in [key for key, old in self._subjects.items() if wanted.get(key) != old]:
            self._stop(partial(_of_key, key))
        for key in [key for key in self._opinions if key not in wanted]:
            del self._opinions[key]
        self._subjects = wanted
        self._bring_up()

    def use(self, point: str) -> None:
        """Traffic has come to a point of presence."""
        new = point not in self._used
        self._used[point] = self._edge.world.clock.monotonic()
        if new and point not in self._standing:
            self._bring_up()

    def _bring_up(self) -> None:
        for key, subject in self._subjects.items():
            known = self._opinions.setdefault(key, {})
            for point in self.points:
                if point not in known:
                    known[point] = self._inherited(known, point)
                if (key, point) not in self._tasks:
                    self._tasks[key, point] = asyncio.create_task(self._run(subject, point))

    def _inherited(self, known: dict[str, Opinion], point: str) -> Opinion:
        nearest = self._nearest(known, point)
        return Opinion() if nearest is None else Opinion(healthy=known[nearest].healthy)

    def _nearest(self, known: dict[str, Opinion], point: str) -> str | None:
        places = self._edge.map.places
        return min(known, key=lambda other: round_trip_between_ms(places[point], places[other]), default=None)

    def _stop(self, which: Which) -> None:
        for key, point in [pair for pair in self._tasks if which(*pair)]:
            self._tasks.pop((key, point)).cancel()

    def _forget_idle(self) -> None:
        before = self._edge.world.clock.monotonic() - IDLE_S
        for point in [point for point, at in self._used.items() if at < before]:
            del self._used[point]
            if point not in self._standing:
                self._stop(partial(_at_point, point))
                for known in self._opinions.values():
                    known.pop(point, None)

    async def _run(self, subject: Subject, point: str) -> None:
        clock = self._edge.world.clock
        interval_s = subject.interval_s * self._edge.settings.time.health_check_scale
        next_at = clock.monotonic() + interval_s * self._edge.world.chance.random()
        # A probe that ends in the very moment of a cancellation swallows it (Python 3.11's wait_for): look, too.
        while self._tasks.get((subject.key, point)) is asyncio.current_task():
            await clock.sleep(max(0.0, next_at - clock.monotonic()))
            next_at = max(next_at + interval_s, clock.monotonic())
            self._observe(subject, point, await self._probe(subject, point))
            self._forget_idle()

    async def _probe(self, subject: Subject, point: str) -> Outcome:
        edge = self._edge
        address = edge.settings.address(subject.region)
        route = edge.routes.to(address, 80, point)
        config = {"Type": "HTTP", "ResourcePath": f"/_panregion/elbv2/health?arn={quote(subject.balancer)}"}
        dial = edge.routes.dial(point, route)
        target = Target(subject.key, config, route.host, route.port, dial, edge.settings.time.health_check_scale)
        return await probe(target, edge.world.clock)

    def _observe(self, subject: Subject, point: str, outcome: Outcome) -> None:
        known = self._opinions.get(subject.key, {})
        before = known.get(point, Opinion())
        known[point] = after = before.after(outcome, subject.threshold, self._edge.world.clock.now())
        if after.healthy != before.healthy:
            row = {"time": after.checked_at, "endpoint": subject.balancer, "site": point, "healthy": after.healthy}
            self.transitions.add(lambda: {**row, "why": after.status})
            self._memory.keep(self._opinions)

    def healthy(self, key: str, point: str) -> bool:
        """What a point of presence holds of an endpoint; until one has checked it, it is well."""
        known = self._opinions.get(key, {})
        if point in known:
            return known[point].healthy
        nearest = self._nearest(known, point)
        return nearest is None or known[nearest].healthy

    def verdict(self, key: str) -> tuple[str, str]:
        """(HealthState, HealthReason) of an endpoint as most of the standing points see it."""
        known = [opinion for point, opinion in self._opinions.get(key, {}).items() if point in self._standing]
        checked = [opinion for opinion in known if opinion.checked_at is not None]
        if not checked:
            return "INITIAL", "The endpoint has not been checked yet"
        against = [opinion for opinion in checked if not opinion.healthy]
        if 2 * len(against) <= len(checked):
            return "HEALTHY", ""
        return "UNHEALTHY", against[0].failure

    def well(self, key: str) -> bool:
        """Whether most of the standing points hold an endpoint healthy, as an alias to it asks."""
        return self.verdict(key)[0] != "UNHEALTHY"

    async def stop(self) -> None:
        tasks = list(self._tasks.values())
        self._stop(lambda _key, _point: True)
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._memory.keep(self._opinions)


def _of_key(wanted: str, key: str, _point: str) -> bool:
    return key == wanted


def _at_point(wanted: str, _key: str, point: str) -> bool:
    return point == wanted
