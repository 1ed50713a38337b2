"""Running the health checks: a task per check and checker, and the state that follows.

Checkers are uncoordinated, as on AWS: each starts at a moment of its own within the first interval and then
probes every interval. What they find is kept by check and site; a change of a check's whole state is told
to whoever listens, and goes into the log of transitions.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from panregion.edge.health.state import Opinion, Outcome, check_healthy
from panregion.edge.log import Ring
from panregion.services.route53.model import HealthCheck
from panregion.world import World

CHECKER_REGIONS = (
    *("ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1"),
    *("sa-east-1", "us-east-1", "us-west-1", "us-west-2"),
)
CHECKER_NETWORK = "198.19.0"
DEPTH_MAX = 8

Probe = Callable[[HealthCheck, str], Awaitable[Outcome]]
"""Probe a check's endpoint from the checker at a site."""


class Monitor:
    """All health checks of a world."""

    def __init__(self, world: World, probe: Probe, interval_scale: float = 1.0) -> None:
        self._world = world
        self._probe = probe
        self._interval_scale = interval_scale
        self._checks: dict[str, HealthCheck] = {}
        self._opinions: dict[str, dict[str, Opinion]] = {}
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}
        self._state: dict[str, bool] = {}
        self.transitions = Ring()

    def follow(self, checks: dict[str, HealthCheck]) -> None:
        """These are the checks now: start new ones, restart changed ones, stop those that are gone."""
        for check_id in [check_id for check_id in self._checks if check_id not in checks]:
            self._stop(check_id)
            self._opinions.pop(check_id, None)
            self._state.pop(check_id, None)
        for check_id, check in checks.items():
            if self._checks.get(check_id) != check:
                self._stop(check_id)
                self._start(check)
        self._review()

    def _start(self, check: HealthCheck) -> None:
        self._checks[check.id] = check
        sites = self.sites(check)
        known = self._opinions.get(check.id, {})
        self._opinions[check.id] = {site: known.get(site, Opinion()) for site in sites}
        self._state.setdefault(check.id, not check.config.get("Inverted"))
        if not check.config.get("Disabled"):
            self._tasks[check.id] = [asyncio.create_task(self._run(check, site)) for site in sites]

    @staticmethod
    def sites(check: HealthCheck) -> list[str]:
        """Where the check's checkers are; a calculated check has none."""
        if check.config["Type"] == "CALCULATED":
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
            outcome = await self._probe(check, site)
            self._observe(check, site, outcome)

    def _observe(self, check: HealthCheck, site: str, outcome: Outcome) -> None:
        opinions = self._opinions[check.id]
        threshold = check.config.get("FailureThreshold", 3)
        before = opinions[site]
        opinions[site] = before.after(outcome, threshold, self._world.clock.now())
        if opinions[site].healthy != before.healthy:
            self._note(check.id, site, opinions[site].healthy, opinions[site].status)
            self._review()

    def _review(self) -> None:
        """Bring every check's state up to date; calculated ones follow others."""
        for check_id in self._checks:
            now = self._evaluate(check_id, 0)
            if self._state[check_id] != now:
                self._state[check_id] = now
                holding = sum(opinion.healthy for opinion in self._opinions[check_id].values())
                self._note(
                    check_id, None, now, f"{holding} of {len(self._opinions[check_id])} checkers hold it healthy"
                )

    def _evaluate(self, check_id: str, depth: int) -> bool:
        check = self._checks.get(check_id)
        if check is None or depth > DEPTH_MAX:
            return True
        opinions = self._opinions[check_id].values()
        return check_healthy(check.config, opinions, lambda child: self._evaluate(child, depth + 1))

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
            "checkers": [_shown(site, opinion) for site, opinion in sorted(self._opinions[check_id].items())],
        }

    def describe_all(self) -> list[dict[str, Any]]:
        return [shown for check_id in sorted(self._checks) if (shown := self.describe(check_id)) is not None]

    @property
    def memory(self) -> dict[str, dict[str, Opinion]]:
        """All opinions, to be kept across a restart."""
        return self._opinions

    def remember(self, opinions: dict[str, dict[str, Opinion]]) -> None:
        """What was held before a restart; to be called before `follow`."""
        self._opinions.update(opinions)

    async def close(self) -> None:
        tasks = [task for tasks in self._tasks.values() for task in tasks]
        for check_id in list(self._checks):
            self._stop(check_id)
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


def _shown(site: str, opinion: Opinion) -> dict[str, Any]:
    return {
        "site": site,
        "address": f"{CHECKER_NETWORK}.{CHECKER_REGIONS.index(site) + 1}",
        "healthy": opinion.healthy,
        "against": opinion.against,
        "status": opinion.status,
        "checked_at": opinion.checked_at,
        "failure": opinion.failure,
        "failed_at": opinion.failed_at,
        "took_ms": round(opinion.took_s * 1000, 1),
    }
