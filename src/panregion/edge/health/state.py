"""What probes say about health. Pure: outcomes in, states out.

Each checker of a health check counts by itself: `FailureThreshold` outcomes in a row against its present
opinion turn it round, in both directions. The check is healthy if more than 18 % of its checkers are of that opinion,
so that checkers that a partition has cut off cannot condemn an endpoint alone. Until a checker has seen enough it
holds the endpoint healthy, as Route 53 does.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

HEALTHY_SHARE = 0.18

ChildHealthy = Callable[[str], bool]


class Outcome(msgspec.Struct, frozen=True):
    """What one probe found: success or not, in words, after how long."""

    success: bool
    text: str
    took_s: float = 0.0


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


def check_healthy(config: dict[str, Any], opinions: Iterable[Opinion], child_healthy: ChildHealthy) -> bool:
    """A whole check's state: disabled is healthy, calculated counts its children, inverted turns either round."""
    if config.get("Disabled"):
        healthy = True
    elif config["Type"] == "CALCULATED":
        children = config.get("ChildHealthChecks", [])
        healthy = sum(map(child_healthy, children)) >= config.get("HealthThreshold", 0)
    else:
        healthy = endpoint_healthy(opinions)
    return healthy != bool(config.get("Inverted"))
