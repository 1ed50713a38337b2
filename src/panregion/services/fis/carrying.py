"""AWS's actions as faults of this world: pure, from an action and the resources that its targets stand for.

Where a fault is wider than AWS's action it is said in docs/design/036-fis-and-chaos-toolkit.md: links know nothing of
subnets, and services nothing of their callers' roles.
"""

from collections.abc import Sequence
from typing import Any

from panregion.services.fis.model import Action

Fault = dict[str, Any]
"""As the control API takes it."""

DELAY_MS = 2000
"""Of aws:lambda:invocation-add-delay, where none is given."""
HOWS = {"internal-error": "internal", "unavailable-error": "unavailable"}


def faults_of(action: Action, arns: Sequence[str], region: str) -> list[Fault]:
    """The faults that carry out an action in `region`; none for a wait."""
    given = action.parameters
    service, name = action.action_id.removeprefix("aws:").split(":")
    match service, name:
        case "dynamodb", _:
            return [{"kind": "replication-pause", "region": region, "table": arn.rpartition("/")[2]} for arn in arns]
        case "lambda", _:
            return [_invocation(name, given, region, arn) for arn in arns]
        case "network", "disrupt-connectivity":
            return [_disrupted(given["scope"], region)]
        case "network", _:
            return [{"kind": "link-cut", "from": region, "to": given["region"], "both": False}]
        case "fis", "wait":
            return []
    return [_api_error(name.removeprefix("inject-api-"), given, region)]


def _invocation(name: str, given: dict[str, str], region: str, arn: str) -> Fault:
    common = {"region": region, "function": arn.split(":")[6], "share": share(given.get("invocationPercentage", "100"))}
    if name == "invocation-add-delay":
        delay_ms = float(given.get("startupDelayMilliseconds", DELAY_MS))
        return {"kind": "function-slow", **common, "delay_ms": delay_ms}
    return {"kind": "function-error", **common, "after": given["preventExecution"] == "false"}


def _disrupted(scope: str, region: str) -> Fault:
    if scope == "all":
        return {"kind": "link-cut", "from": region, "to": "*"}
    return {"kind": "service-error", "region": region, "service": scope, "how": "unavailable"}


def _api_error(error: str, given: dict[str, str], region: str) -> Fault:
    common: Fault
    operations = [name.strip() for name in given["operations"].split(",")]
    common = {"region": region, "service": given["service"], "operations": operations}
    common["share"] = share(given["percentage"])
    if error == "throttle-error":
        return {"kind": "service-throttle", **common}
    return {"kind": "service-error", **common, "how": HOWS[error]}


def share(percentage: str) -> float:
    """A percentage as text, as a share between 0 and 1. Raises ValueError."""
    if not percentage.isdigit() or not 1 <= int(percentage) <= 100:
        raise ValueError(f"{percentage} is not a percentage from 1 to 100")
    return int(percentage) / 100
