"""What buses, rules and targets are. Pure."""

from datetime import datetime
from typing import Any

import msgspec

DEFAULT = "default"
BUSES_MAX = 100
RULES_MAX = 2000
"""Per bus. AWS's own default is 300; a request raises it there."""
TARGETS_MAX = 5
TAGS_MAX = 50


class Bus(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    created_s: float
    modified_s: float
    description: str | None = None
    policy: str | None = None
    dead_letter_arn: str | None = None
    tags: dict[str, str] = {}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    bus: str
    name: str
    id: str
    """Another one after every change, by which the ticks of an old schedule are known."""
    created_s: float
    pattern: str | None = None
    schedule: str | None = None
    enabled: bool = True
    state: str = "ENABLED"
    description: str | None = None
    role_arn: str | None = None
    managed_by: str | None = None
    """The AWS service that made the rule for itself, as EventBridge does for an archive."""
    tags: dict[str, str] = {}
    targets: dict[str, dict[str, Any]] = {}
    """By their ids, as PutTargets had them."""

    @property
    def resource(self) -> str:
        """What follows the account in its ARN."""
        return f"rule/{self.name}" if self.bus == DEFAULT else f"rule/{self.bus}/{self.name}"


def time_of(event: dict[str, Any]) -> float:
    """When an event says that it happened, epoch seconds."""
    return datetime.fromisoformat(event["time"]).timestamp()
