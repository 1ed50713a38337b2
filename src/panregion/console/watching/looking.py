"""One look at the world: control's status, and what the edge has noted since the look before."""

import asyncio
from typing import Any

from panregion.console.edge import Edge, EdgeAway
from panregion.console.watching.moment import Moment
from panregion.control import ControlClient, ControlError
from panregion.world import Clock, WorldSettings


class Looking:
    """Remembers how far it has read what grows."""

    def __init__(self, settings: WorldSettings, control: ControlClient, edge: Edge, clock: Clock) -> None:
        self._settings = settings
        self._control = control
        self._edge = edge
        self._clock = clock
        self._second = int(clock.now()) - 1
        self._transition = 0

    async def look(self, number: int) -> Moment:
        """What is so now. A part that nobody answers for is left out."""
        at_s = round(self._clock.now(), 3)
        status, edge = await asyncio.gather(self._status(), self._edge_news())
        return Moment(number, at_s, answered=status is not None, **_of_status(status or {}), **edge)

    async def _status(self) -> dict[str, Any] | None:
        try:
            return await self._control.status()
        except ControlError:
            return None

    async def _edge_news(self) -> dict[str, Any]:
        try:
            traffic, changes = await asyncio.gather(
                self._edge.ask("traffic", after=self._second), self._edge.ask("transitions", after=self._transition)
            )
        except EdgeAway:
            return {}
        self._second = traffic["until"]
        health = changes["transitions"]
        if health:
            self._transition = health[-1]["number"]
        return {"traffic": traffic["traffic"], "health": health}


def _of_status(status: dict[str, Any]) -> dict[str, Any]:
    """What a moment keeps of control's status."""
    regions = status.get("regions", [])
    return {
        "regions": {region["region"]: region["status"] for region in regions},
        "links": status.get("links", []),
        "faults": status.get("faults", []),
        "lag": [entry for region in regions for entry in _lag(region)],
    }


def _lag(region: dict[str, Any]) -> list[tuple[str, str, str, float | None, int | None]]:
    """What a region knows of the replicas that it keeps."""
    found = []
    for peer, following in region.get("replication", {}).items():
        for feed, figures in following["feeds"].items():
            store = f"dynamodb:{region['replicated_tables'].get(feed, feed)}"
            follows = following["state"] == "following"
            lag_ms, backlog = (figures["lag"]["last_ms"], figures["backlog"]) if follows else (None, None)
            found.append((store, peer, region["region"], lag_ms, backlog))
    return found
