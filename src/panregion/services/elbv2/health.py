"""What is known of targets' health. Pure but for the table, which the engine holds in memory and its checks fill.

A new target is healthy after its first good check; after that it takes as many checks in a row as its group says to
turn it round. What was seen is not kept over a restart of the region, as new nodes of a load balancer know nothing.
"""

from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.elbv2.model import Check, TargetGroup

Target = tuple[str, int]

SHARED = "elbv2.health"
"""Where the table lies in `here.running`: (group's ARN, target) -> Seen."""

HEALTHY, UNHEALTHY, INITIAL, UNAVAILABLE = "healthy", "unhealthy", "initial", "unavailable"


class Seen(msgspec.Struct, frozen=True):
    """A target's state, the streak of checks against it, and the last failure."""

    state: str = INITIAL
    against: int = 0
    reason: str = ""
    description: str = ""

    def after(self, failure: tuple[str, str] | None, check: Check) -> "Seen":
        """After one more check; `failure` is AWS's reason code and description, None for success."""
        if failure is None:
            if self.state == HEALTHY:
                return Seen(HEALTHY)
            if self.state == INITIAL or self.against + 1 >= check.healthy_threshold:
                return Seen(HEALTHY)
            return msgspec.structs.replace(self, against=self.against + 1)
        reason, description = failure
        if self.state == UNHEALTHY:
            return Seen(UNHEALTHY, 0, reason, description)
        if self.against + 1 >= check.unhealthy_threshold:
            return Seen(UNHEALTHY, 0, reason, description)
        return msgspec.structs.replace(self, against=self.against + 1)


def table(here: Here) -> dict[tuple[str, Target], Seen]:
    """What the region's engine has seen so far."""
    found: dict[tuple[str, Target], Seen] = here.running.setdefault(SHARED, {})
    return found


def usable(here: Here, group: TargetGroup) -> list[Target]:
    """The targets that requests go to: the healthy ones, or all where none is."""
    if not group.check.enabled:
        return group.targets
    seen = table(here)
    healthy = [target for target in group.targets if seen.get((group.arn, target), Seen()).state == HEALTHY]
    return healthy or group.targets


def group_healthy(here: Here, group: TargetGroup) -> bool:
    """Whether a group has a target that is well, as Route 53 and Global Accelerator ask it."""
    if not group.check.enabled:
        return bool(group.targets)
    seen = table(here)
    return any(seen.get((group.arn, target), Seen()).state == HEALTHY for target in group.targets)


def state_of(here: Here, group: TargetGroup, target: Target, used: bool) -> dict[str, Any]:
    """A target's TargetHealth. `used` is whether a load balancer forwards to the group."""
    if target not in group.targets:
        return _told("unused", "Target.NotRegistered", "Target is not registered to the target group")
    if not used:
        text = "Target group is not configured to receive traffic from the load balancer"
        return _told("unused", "Target.NotInUse", text)
    if not group.check.enabled:
        text = "Health checks are not enabled for this target"
        return _told(UNAVAILABLE, "Target.HealthCheckDisabled", text)
    seen = table(here).get((group.arn, target), Seen())
    if seen.state == HEALTHY:
        return {"State": HEALTHY}
    if seen.state == INITIAL:
        return _told(INITIAL, "Elb.InitialHealthChecking", "Initial health checks in progress")
    return _told(UNHEALTHY, seen.reason, seen.description)


def _told(state: str, reason: str, description: str) -> dict[str, Any]:
    return {"State": state, "Reason": reason, "Description": description}


def code_matches(matcher: str, status: int) -> bool:
    """Whether a status is among those of a matcher: 200,202 or 200-299."""
    for part in matcher.split(","):
        first, _, last = part.partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False
