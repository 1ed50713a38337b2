"""What probes say about health. Pure: outcomes in, states out.

Each checker of a health check counts by itself: `FailureThreshold` outcomes in a row against its present
opinion turn it round, in both directions. The check is healthy if more than 18 % of its checkers are of that opinion,
so that checkers that a partition has cut off cannot condemn an endpoint alone. Until a checker has seen enough it
holds the endpoint healthy, as Route 53 does.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from panregion.edge.health.signals import Signals, Silence

HEALTHY_SHARE = 0.18

SILENCE = Silence()

ChildHealthy = Callable[[str], bool]


class Outcome(msgspec.Struct, frozen=True):
    """What one probe found: success or not, in words, after how long; and the parts of that as far as it came."""

    success: bool
    text: str
    took_s: float = 0.0
    connect_s: float | None = None
    tls_s: float | None = None
    first_byte_s: float | None = None


class Opinion(msgspec.Struct, frozen=True):
    """What one checker holds of one endpoint, and the streak of outcomes against it."""

    healthy: bool = True
    against: int = 0
    status: str = ""
    checked_at: float | None = None
    failure: str = ""
    failed_at: float | None = None
    took_s: float = 0.0

    def after(self, outcome: Outcome, threshold: int, now: float) -> "Opinion":
        """The opinion after one more probe."""
        against = self.against + 1 if outcome.success != self.healthy else 0
        turned = against >= threshold
        return Opinion(
            healthy=self.healthy != turned,
            against=0 if turned else against,
            status=("Success: " if outcome.success else "Failure: ") + outcome.text,
            checked_at=now,
            failure=self.failure if outcome.success else f"Failure: {outcome.text}",
            failed_at=self.failed_at if outcome.success else now,
            took_s=outcome.took_s,
        )


def endpoint_healthy(opinions: Iterable[Opinion]) -> bool:
    """Whether more than 18 % of the checkers hold it healthy; without any checker it is."""
    votes = [opinion.healthy for opinion in opinions]
    return not votes or sum(votes) / len(votes) > HEALTHY_SHARE


def check_healthy(
    config: dict[str, Any],
    opinions: Iterable[Opinion],
    child_healthy: ChildHealthy,
    signals: Signals = SILENCE,
    last_known: bool = True,
) -> bool:
    """A whole check's state: disabled is healthy, calculated counts its children, inverted turns either round.

    `last_known` is the state before, for what is not known now.
    """
    return raw_healthy(config, opinions, child_healthy, signals, last_known) != bool(config.get("Inverted"))


def raw_healthy(
    config: dict[str, Any],
    opinions: Iterable[Opinion],
    child_healthy: ChildHealthy,
    signals: Signals = SILENCE,
    last_known: bool = True,
) -> bool:
    """The same before it is turned round."""
    if config.get("Disabled"):
        return True
    match config["Type"]:
        case "CALCULATED":
            children = config.get("ChildHealthChecks", [])
            return bool(sum(map(child_healthy, children)) >= config.get("HealthThreshold", 0))
        case "CLOUDWATCH_METRIC":
            alarm = config["AlarmIdentifier"]
            return _alarm_healthy(signals.alarm(alarm["Region"], alarm["Name"]), config, last_known)
        case "RECOVERY_CONTROL":
            on = signals.control(config["RoutingControlArn"])
            return last_known if on is None else on
    return endpoint_healthy(opinions)


def _alarm_healthy(state: str | None, config: dict[str, Any], last_known: bool) -> bool:
    """OK is healthy, ALARM is not; without data it is as the check says, by default as it was."""
    if state in ("OK", "ALARM"):
        return state == "OK"
    without_data = config.get("InsufficientDataHealthStatus", "LastKnownStatus")
    return last_known if without_data == "LastKnownStatus" else bool(without_data == "Healthy")
