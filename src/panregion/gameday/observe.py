"""Watching a world while a game day runs: regions, health checks, DNS by city, replication. It only reads.

Control's status is asked every STATUS_S, and what the name server tells each city every DNS_S (by the edge's API, which
resolves as the city's resolver would and leaves no trace in its caches); the health checkers' changes are read from the
edge's own log, with its own times. A question that is not answered is nobody's opinion: it is counted, and told in the
result's notes.
"""

import asyncio
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

import msgspec

from panregion.control import ControlClient, ControlError
from panregion.gameday.result import DnsAnswer, HealthChange, LagSeries, RegionState
from panregion.world import ClientError, Clock, HttpClient, WorldSettings

STATUS_S = 0.5
STATUS_AFTER_S = 0.1
"""Once the last fault is over: the time to converge is measured."""
DNS_S = 0.2
TIMEOUT_S = 2.0

Hosts = Callable[[], dict[str, set[str]]]
"""City -> the names whose answers are of interest, as far as known."""


class Observer:
    """What was seen, growing while `watch` runs."""

    def __init__(
        self, settings: WorldSettings, control: ControlClient, client: HttpClient, clock: Clock, began_s: float
    ) -> None:
        self._settings = settings
        self._control = control
        self._client = client
        self._clock = clock
        self._began_monotonic = clock.monotonic()
        self._began_s = began_s
        self._edge = f"http://127.0.0.1:{settings.ports.edge}/_panregion"
        self._seen_transition = 0
        self._targets: dict[str, str] = {}
        self._lag: dict[tuple[str, str, str], LagSeries] = {}
        self._told: dict[tuple[str, str], list[str]] = {}
        self.health: list[HealthChange] = []
        self.dns: list[DnsAnswer] = []
        self.region_states: list[RegionState] = []
        self.unanswered: dict[str, int] = {}
        """Who was asked in vain -> how often."""
        self.states: dict[str, str] = {}
        """Region -> its status, the last that was seen."""
        self.waiting_to_converge = False
        self.converged_s: float | None = None

    @property
    def lag(self) -> list[LagSeries]:
        return list(self._lag.values())

    def elapsed(self) -> float:
        """Seconds since the game day began."""
        return self._clock.monotonic() - self._began_monotonic

    async def watch(self, hosts: Hosts) -> None:
        """Until cancelled."""
        await asyncio.gather(self._watch_status(), self._watch_edge(hosts))

    async def begin(self) -> None:
        """Note where the edge's log stands: what was before the game day is not of it."""
        for change in (await self._ask("transitions?after=0") or {}).get("transitions", []):
            self._seen_transition = change["number"]

    async def _watch_status(self) -> None:
        while True:
            await self.look()
            fast = self.waiting_to_converge and self.converged_s is None
            await self._clock.sleep(STATUS_AFTER_S if fast else STATUS_S)

    async def look(self) -> None:
        """One look at control's status."""
        at_s = self.elapsed()
        try:
            status = await self._control.status()
        except ControlError:
            self._in_vain("control")
            return
        for region in status["regions"]:
            if self.states.get(region["region"]) != region["status"]:
                self.states[region["region"]] = region["status"]
                self.region_states.append(RegionState(round(at_s, 3), region["region"], region["status"]))
        for store, peer, name, figures in replicas(status["regions"]):
            self._note_lag(at_s, store, peer, name, figures)
        if self.waiting_to_converge and self.converged_s is None and has_converged(status["regions"]):
            self.converged_s = self.elapsed()

    def _note_lag(self, at_s: float, store: str, peer: str, region: str, figures: dict[str, Any]) -> None:
        key = (store, peer, region)
        series = self._lag.setdefault(key, LagSeries(store, peer, region, [], [], []))
        follows = figures["state"] == "following"
        series.at_s.append(round(at_s, 3))
        series.lag_ms.append(figures["lag"]["last_ms"] if follows else None)
        series.backlog.append(figures["backlog"] if follows else None)

    async def _watch_edge(self, hosts: Hosts) -> None:
        while True:
            await self._changes_of_health()
            names = [(city, name) for city, names in hosts().items() for name in sorted(names) if not is_address(name)]
            await asyncio.gather(*(self._answer(city, name) for city, name in names))
            await self._clock.sleep(DNS_S)

    async def _changes_of_health(self) -> None:
        found = await self._ask(f"transitions?after={self._seen_transition}")
        for change in (found or {}).get("transitions", []):
            self._seen_transition = change["number"]
            check = change["health_check"]
            target = await self._target(check)
            self.health.append(
                HealthChange(
                    at_s=round(change["time"] - self._began_s, 3),
                    check=check,
                    target=target,
                    region=region_of(target, self._settings),
                    site=change["site"],
                    healthy=change["healthy"],
                    why=change["why"],
                )
            )

    async def _target(self, check: str) -> str:
        if check not in self._targets:
            found = await self._ask(f"health-checks/{check}")
            self._targets[check] = str((found or {}).get("target") or check)
        return self._targets[check]

    async def _answer(self, city: str, name: str) -> None:
        at_s = self.elapsed()
        found = await self._ask("answer?" + urlencode({"name": name, "type": "A", "client": city}))
        if found is None:
            return
        values = sorted(found.get("values", []))
        if self._told.get((city, name)) != values:
            self._told[city, name] = values
            regions = [region for value in values if (region := self._settings.region_at(value))]
            self.dns.append(DnsAnswer(round(at_s, 3), city, name, values, regions))

    async def _ask(self, path: str) -> Any:
        try:
            response = await self._client.send("GET", f"{self._edge}/{path}", timeout_s=TIMEOUT_S)
        except ClientError:
            self._in_vain("the edge")
            return None
        assert isinstance(response.body, bytes)
        return msgspec.json.decode(response.body) if response.status == 200 else None

    def _in_vain(self, who: str) -> None:
        self.unanswered[who] = self.unanswered.get(who, 0) + 1


def replicas(regions: Iterable[dict[str, Any]]) -> Iterable[tuple[str, str, str, dict[str, Any]]]:
    """(store, from region, to region, figures) of every replica in control's status of regions."""
    for region in regions:
        for peer, following in region.get("replication", {}).items():
            for feed, figures in following["feeds"].items():
                table = region["replicated_tables"].get(feed, feed)
                yield f"dynamodb:{table}", peer, region["region"], {"state": following["state"], **figures}


def has_converged(regions: list[dict[str, Any]]) -> bool:
    """Whether every region runs and every replica follows, and has all that its peer published."""
    if any(region["status"] != "running" for region in regions):
        return False
    return all(
        figures["state"] == "following" and figures["backlog"] == 0 and not figures["copying"]
        for _, _, _, figures in replicas(regions)
    )


REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")


def region_of(target: str, settings: WorldSettings) -> str | None:
    """The region that a health check's target is in: by its address, or the region's name in it."""
    found = REGION.search(target)
    return settings.region_at(target) or (found[0] if found and found[0] in settings.regions else None)


def is_address(name: str) -> bool:
    """Whether a host is an address rather than a name."""
    return name.replace(".", "").isdigit() or ":" in name
