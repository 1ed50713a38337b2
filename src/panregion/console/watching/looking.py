"""One look at the world: control's status, and what the edge has noted since the look before."""

import asyncio
from typing import Any

from panregion.console.edge import Edge, EdgeAway, EdgeRefused
from panregion.console.watching.moment import Check, Moment, Told, Traffic
from panregion.console.watching.regions import of_status, region_of
from panregion.control import ControlClient, ControlError
from panregion.world import Clock, WorldSettings

CHECKS_EVERY = 10
"""Looks: health checks may come and go without a change of health."""

SHOWN_S = 900
"""What was before that is on no strip."""


class Looking:
    """Remembers how far it has read what grows."""

    def __init__(self, settings: WorldSettings, control: ControlClient, edge: Edge, clock: Clock) -> None:
        self._settings = settings
        self._control = control
        self._edge = edge
        self._clock = clock
        self._began_s = clock.now()
        self._second = int(self._began_s) - 1
        self._transition = 0
        self._looks = 0
        self._live: dict[str, dict[str, Any]] = {}
        self._told: dict[tuple[str, str], list[str]] = {}
        self._checks: list[Check] | None = None

    async def look(self, number: int) -> Moment:
        """What is so now. A part that nobody answers for is left out."""
        at_s = round(self._clock.now(), 3)
        world, edge = await asyncio.gather(self._world(), self._edge_news())
        self._looks += 1
        return Moment(number, at_s, **world, **edge)

    async def _world(self) -> dict[str, Any]:
        try:
            status = await self._control.status()
        except ControlError:
            return {"answered": False}
        found = of_status(status)
        return {**found, "ended": await self._ended(found["faults"])}

    async def _ended(self, live: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The faults that were live at the look before and are not now, with when they ended."""
        before, self._live = self._live, {fault["id"]: fault for fault in live}
        gone = before.keys() - self._live.keys()
        if not gone:
            return []
        try:
            records = await self._control.faults()
        except ControlError:
            self._live = before
            return []
        return [
            {**before[record.id], "undone_s": record.undone_s, "ended_s": record.ended_s}
            for record in records
            if record.id in gone
        ]

    async def _edge_news(self) -> dict[str, Any]:
        try:
            traffic, changes, told = await asyncio.gather(
                self._edge.ask("traffic", after=self._second),
                self._edge.ask("transitions", after=self._transition),
                self._edge.ask("told"),
            )
            health = [change for change in changes["transitions"] if change["time"] > self._began_s - SHOWN_S]
            checks = await self._changed_checks(health)
        except (EdgeAway, EdgeRefused):
            return {}
        self._second = traffic["until"]
        self._transition = changes["count"]  # an edge that was started anew counts from 1 again
        counts = [Traffic(*(count[field] for field in Traffic.__struct_fields__)) for count in traffic["traffic"]]
        return {"traffic": counts, "health": health, "checks": checks, "dns": self._changed_answers(told["told"])}

    async def _changed_checks(self, health: list[dict[str, Any]]) -> list[Check] | None:
        """All health checks, if one of them is other than it was."""
        if not health and self._looks % CHECKS_EVERY:
            return None
        found = (await self._edge.ask("health-checks"))["health_checks"]
        checks = [self._check(check) for check in found]
        if checks == self._checks:
            return None
        self._checks = checks
        return checks

    def _check(self, found: dict[str, Any]) -> Check:
        target = found["target"] or found["type"].lower()
        region = region_of(target, self._settings)
        return Check(found["id"], target, region, found["healthy"], found["why"], found["inverted"])

    def _changed_answers(self, told: list[dict[str, Any]]) -> list[Told]:
        changed = []
        for answer in told:
            key, values = (answer["city"], answer["name"]), answer["values"] or [answer["rcode"]]
            if self._told.get(key) != values:
                self._told[key] = values
                regions = [region for value in values if (region := self._settings.region_at(value))]
                changed.append(Told(*key, values, regions))
        return changed
