"""Running the health checks: a task per check and checker, and the state that follows.

Checkers are uncoordinated, as on AWS: each starts at a moment of its own within the first interval and then
probes every interval. What they find is kept by check and site; a change of a check's whole state is told
to whoever listens, and goes into the log of transitions.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from panregion.edge.health.latency import Latencies
from panregion.edge.health.memory import Held
from panregion.edge.health.signals import Signals
from panregion.edge.health.state import SILENCE, Opinion, Outcome, raw_healthy
from panregion.edge.log import Ring
from panregion.services.route53.model import HealthCheck
from panregion.world import World

CHECKER_REGIONS = (
    *("ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1"),
    *("sa-east-1", "us-east-1", "us-west-1", "us-west-2"),
)
log = logging.getLogger("panregion.edge")
DEPTH_MAX = 8
UNPROBED = frozenset({"CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"})

Probe = Callable[[HealthCheck, str], Awaitable[Outcome]]
"""Probe a check's endpoint from the checker at a site."""


class Monitor:
    """All health checks of a world."""

    def __init__(
        self,
        world: World,
        probe: Probe,
        interval_scale: float = 1.0,
        signals: Signals = SILENCE,
        address_of: Callable[[str], str] = str,
    ) -> None:
        self._world = world
        self._probe = probe
        self._interval_scale = interval_scale
        self._checks: dict[str, HealthCheck] = {}
        self._opinions: dict[str, dict[str, Opinion]] = {}
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}
        self._state: dict[str, bool] = {}
        self._raw: dict[str, bool] = {}
        """States before they are turned round: what is last known of alarms and routing controls."""
        self._signals = signals
        self._address_of = address_of
        """The address that a site's checker comes from."""
        self.blind: Callable[[str], bool] = lambda _site: False
        """Whether the checkers at a site see nothing, as a fault."""
        self.latencies = Latencies()
        self.transitions = Ring()

    def follow(self, checks: dict[str, HealthCheck]) -> None:
        """These are the checks now: start new ones, restart changed ones, stop those that are gone."""
        for held in (self._opinions, self._raw):
            for check_id in [check_id for check_id in held if check_id not in checks]:
                del held[check_id]
        for check_id in [check_id for check_id in self._checks if check_id not in checks]:
            self._stop(check_id)
            self._state.pop(check_id, None)
            self.latencies.forget(check_id)
        for check_id, check in checks.items():
            if self._checks.get(check_id) != check:
                self._stop(check_id)
                self._start(check)
        self.review()

    def _start(self, check: HealthCheck) -> None:
        self._checks[check.id] = check
        sites = self.sites(check)
        known = self._opinions.get(check.id, {})
        self._opinions[check.id] = {site: known.get(site, Opinion()) for site in sites}
        raw = self._raw.setdefault(check.id, check.config["Type"] != "RECOVERY_CONTROL")
        self._state.setdefault(check.id, raw != bool(check.config.get("Inverted")))
        if not check.config.get("Disabled"):
            self._tasks[check.id] = [asyncio.create_task(self._run(check, site)) for site in sites]
            for task in self._tasks[check.id]:
                task.add_done_callback(_tell)

    @staticmethod
    def sites(check: HealthCheck) -> list[str]:
        """Where the check's checkers are; one that follows other checks, an alarm or a routing control has none."""
        if check.config["Type"] in UNPROBED:
            return []
        return list(check.config.get("Regions") or CHECKER_REGIONS)

    def _stop(self, check_id: str) -> None:
        self._checks.pop(check_id, None)
        for task in self._tasks.pop(check_id, []):
            task.cancel()

    async def _run(self, check: HealthCheck, site: str) -> None:
        clock = self._world.clock
        interval_s = check.config.get("RequestInterval", 30) * self._interval_scale
        next_at = clock.monotonic() + interval_s * self._world.chance.random()
        while True:
            await clock.sleep(max(0.0, next_at - clock.monotonic()))
            next_at = max(next_at + interval_s, clock.monotonic())
            if self.blind(site):
                continue  # a fault: neither health nor its loss is seen, and the last opinion stands
            outcome = await self._probe(check, site)
            if check.config.get("MeasureLatency"):
                self.latencies.add(check.id, site, clock.now(), outcome)
            self._observe(check, site, outcome)

    def _observe(self, check: HealthCheck, site: str, outcome: Outcome) -> None:
        opinions = self._opinions[check.id]
        threshold = check.config.get("FailureThreshold", 3)
        before = opinions[site]
        opinions[site] = before.after(outcome, threshold, self._world.clock.now())
        if opinions[site].healthy != before.healthy:
            self._note(check.id, site, opinions[site].healthy, opinions[site].status)
            self.review()

    def review(self) -> None:
        """Bring every check's state up to date: an alarm or a routing control may have changed."""
        for check_id, check in self._checks.items():
            now = self._evaluate(check_id, 0)
            if self._state[check_id] != now:
                self._state[check_id] = now
                self._note(check_id, None, now, self._why(check))

    def _why(self, check: HealthCheck) -> str:
        config = check.config
        if config.get("Disabled"):
            return "it is disabled"
        match config["Type"]:
            case "CALCULATED":
                children = config.get("ChildHealthChecks", [])
                healthy = sum(self._evaluate(child, 1) for child in children)
                return (
                    f"{healthy} of {len(children)} child checks are healthy, {config.get('HealthThreshold', 0)} needed"
                )
            case "CLOUDWATCH_METRIC":
                alarm = config["AlarmIdentifier"]
                state = self._signals.alarm(alarm["Region"], alarm["Name"])
                return f"the alarm {alarm['Name']} in {alarm['Region']} is in state {state or 'unknown'}"
            case "RECOVERY_CONTROL":
                on = self._signals.control(config["RoutingControlArn"])
                return f"the routing control is {'unknown' if on is None else 'on' if on else 'off'}"
        opinions = self._opinions[check.id].values()
        holding = sum(opinion.healthy for opinion in opinions)
        return f"{holding} of {len(opinions)} checkers hold it healthy"

    def _evaluate(self, check_id: str, depth: int) -> bool:
        check = self._checks.get(check_id)
        if check is None or depth > DEPTH_MAX:
            return True
        raw = self._raw[check_id] = raw_healthy(
            check.config,
            self._opinions[check_id].values(),
            lambda child: self._evaluate(child, depth + 1),
            self._signals,
            self._raw[check_id],
        )
        return raw != bool(check.config.get("Inverted"))

    def _note(self, check_id: str, site: str | None, healthy: bool, why: str) -> None:
        now = self._world.clock.now()
        self.transitions.add(
            lambda: {"time": now, "health_check": check_id, "site": site, "healthy": healthy, "why": why}
        )

    def healthy(self, check_id: str) -> bool:
        """The state of a check; one that does not exist holds nothing up."""
        return self._state.get(check_id, True)

    def describe(self, check_id: str) -> dict[str, Any] | None:
        """A check with what each checker saw, for the API; None if there is no such check."""
        check = self._checks.get(check_id)
        if check is None:
            return None
        return {
            "id": check_id,
            "type": check.config["Type"],
            "target": check.config.get("FullyQualifiedDomainName") or check.config.get("IPAddress"),
            "healthy": self._state[check_id],
            "inverted": bool(check.config.get("Inverted")),
            "why": self._why(check),
            "checkers": [
                _shown(site, self._address_of(site), opinion)
                for site, opinion in sorted(self._opinions[check_id].items())
            ],
        }

    def describe_all(self) -> list[dict[str, Any]]:
        return [shown for check_id in sorted(self._checks) if (shown := self.describe(check_id)) is not None]

    @property
    def held(self) -> Held:
        """What is held now, to be kept across a restart."""
        return Held(self._opinions, self._raw)

    def remember(self, held: Held) -> None:
        """What was held before a restart; to be called before `follow`."""
        self._opinions.update(held.opinions)
        self._raw.update(held.states)

    async def close(self) -> None:
        tasks = [task for tasks in self._tasks.values() for task in tasks]
        for check_id in list(self._checks):
            self._stop(check_id)
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


def _tell(task: asyncio.Task[None]) -> None:
    """A checker that ended by itself has met a defect of ours, which must not go unnoticed."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a health checker has stopped", exc_info=error)


def _shown(site: str, address: str, opinion: Opinion) -> dict[str, Any]:
    return {
        "site": site,
        "address": address,
        "healthy": opinion.healthy,
        "against": opinion.against,
        "status": opinion.status,
        "checked_at": opinion.checked_at,
        "failure": opinion.failure,
        "failed_at": opinion.failed_at,
        "took_ms": round(opinion.took_s * 1000, 1),
    }
