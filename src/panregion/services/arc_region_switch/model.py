"""What plans and executions are, and how they are shown. Pure."""

import hashlib
import math
from typing import Any

import msgspec

Json = dict[str, Any]

SUPPORTED: dict[str, str] = {
    "ARCRoutingControl": "arcRoutingControlConfig",
    "CustomActionLambda": "customActionLambdaConfig",
    "ManualApproval": "executionApprovalConfig",
    "Parallel": "parallelConfig",
    "Route53HealthCheck": "route53HealthCheckConfig",
}
"""Execution block type -> the member of its configuration."""

ENDED = frozenset({"completed", "completedWithExceptions", "canceled", "failed", "planExecutionTimedOut"})
FINISHED = frozenset({"completed", "skipped"})
"""Statuses of steps after which the next one may begin."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan. `given` are its members as AWS's API takes and shows them; `version` counts its updates."""

    arn: str
    given: Json
    version: int
    updated_at: float
    tags: dict[str, str] = {}
    checks: dict[str, str] = {}
    """Health checks in Route 53 that were made for it: the switch's ARN (`switches`) -> health check id."""

    @property
    def regions(self) -> list[str]:
        return list(self.given["regions"])

    def other(self, region: str) -> str:
        """The plan's other region."""
        return next(each for each in self.regions if each != region)


class Switch(msgspec.Struct, frozen=True):
    """A health check that the plan turns: of which record, for which region, and whether it is on to begin with."""

    arn: str
    zone_id: str
    record: str
    region: str
    on: bool


class Turned(msgspec.Struct, frozen=True):
    """A switch's state and since when; of two the later counts."""

    arn: str
    on: bool
    at: float


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an execution. `run` counts how often it was begun; `parent` is the parallel step that it is in."""

    name: str
    block: str
    config: Json
    parent: str = ""
    status: str = "notStarted"
    mode: str = "graceful"
    run: int = 0
    started_at: float | None = None
    ended_at: float | None = None


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of a plan, with the plan as it was."""

    id: str
    plan: Plan
    action: str
    target: str
    mode: str
    state: str
    started_at: float
    updated_at: float
    steps: tuple[Step, ...]
    comment: str = ""
    ended_at: float | None = None
    pausing: bool = False
    recovery_id: str = ""
    token: str = ""
    events: int = 0
    recovered_s: float | None = None

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.name == name), None)

    @property
    def activated(self) -> str | None:
        """The region that gets traffic, where that is what it is about."""
        return {"activate": self.target, "deactivate": self.plan.other(self.target)}.get(self.action)

    @property
    def deactivated(self) -> str | None:
        return {"activate": self.plan.other(self.target), "deactivate": self.target}.get(self.action)


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened in an execution."""

    type: str
    at: float
    step: str = ""
    block: str = ""
    description: str = ""
    error: str = ""
    resources: tuple[str, ...] = ()


def steps_of(workflow: Json, mode: str) -> tuple[Step, ...]:
    """A workflow's steps, those of a parallel one right behind it."""
    found: list[Step] = []
    for given in workflow.get("steps", []):
        found.append(_step(given, mode))
        inner = given["executionBlockConfiguration"].get("parallelConfig", {}).get("steps", [])
        found += [_step(each, mode, given["name"]) for each in inner]
    return tuple(found)


def _step(given: Json, mode: str, parent: str = "") -> Step:
    block = given["executionBlockType"]
    config = given["executionBlockConfiguration"][SUPPORTED[block]]
    return Step(name=given["name"], block=block, config=config, parent=parent, mode=mode)


def workflow_for(plan: Plan, action: str, region: str) -> Json | None:
    """The workflow of an action for a region: its own, or the one that is for either."""
    fitting = [each for each in plan.given["workflows"] if each["workflowTargetAction"] == action]
    own = [each for each in fitting if each.get("workflowTargetRegion") == region]
    common = [each for each in fitting if not each.get("workflowTargetRegion")]
    return next(iter(own + common), None)


def switches(plan: Plan) -> list[Switch]:
    """The health checks that the plan's steps turn, one per record and region, in order."""
    given = plan.given
    passive = given["recoveryApproach"] == "activePassive"
    found: dict[str, Switch] = {}
    for config in _health_configs(given["workflows"]):
        zone_id, record = config["hostedZoneId"], config["recordName"]
        for region in plan.regions:
            arn = switch_arn(plan.arn, zone_id, record, region)
            on = not passive or region == given.get("primaryRegion")
            found.setdefault(arn, Switch(arn, zone_id, record, region, on))
    return list(found.values())


def _health_configs(workflows: list[Json]) -> list[Json]:
    steps = [step for workflow in workflows for step in steps_of(workflow, "graceful")]
    return [step.config for step in steps if step.block == "Route53HealthCheck"]


def switch_arn(plan_arn: str, zone_id: str, record: str, region: str) -> str:
    """What a health check is driven by; Route 53 has it in the place of a routing control's ARN."""
    digest = hashlib.sha256(f"{zone_id}/{record.rstrip('.').lower()}".encode()).hexdigest()[:16]
    return f"{plan_arn}/record/{digest}/{region}"


def show_plan(plan: Plan, owner: str) -> Json:
    """As GetPlan shows it."""
    return {
        **plan.given,
        "arn": plan.arn,
        "owner": owner,
        "version": str(plan.version),
        "updatedAt": plan.updated_at,
    }


ABBREVIATED = (
    *("name", "regions", "recoveryApproach", "primaryRegion", "description", "executionRole"),
    "recoveryTimeObjectiveMinutes",
)


def abbreviate_plan(plan: Plan, owner: str, active: str | None) -> Json:
    """As ListPlans shows it."""
    shown = {name: plan.given[name] for name in ABBREVIATED if name in plan.given}
    shown |= {"arn": plan.arn, "owner": owner, "version": str(plan.version), "updatedAt": plan.updated_at}
    return shown if active is None else {**shown, "activePlanExecution": active}


def show_execution(execution: Execution) -> Json:
    """As ListPlanExecutions shows it; GetPlanExecution adds steps and plan."""
    shown = {
        "planArn": execution.plan.arn,
        "executionId": execution.id,
        "version": str(execution.plan.version),
        "updatedAt": execution.updated_at,
        "startTime": execution.started_at,
        "mode": execution.mode,
        "executionState": execution.state,
        "executionAction": execution.action,
        "executionRegion": execution.target,
    }
    optional = {
        "comment": execution.comment,
        "endTime": execution.ended_at,
        "recoveryExecutionId": execution.recovery_id,
        "actualRecoveryTime": None if execution.recovered_s is None else duration(execution.recovered_s),
    }
    return {**shown, **{name: value for name, value in optional.items() if value}}


def show_step(step: Step) -> Json:
    shown: Json = {"name": step.name, "status": step.status, "stepMode": step.mode}
    times = {"startTime": step.started_at, "endTime": step.ended_at}
    return {**shown, **{name: value for name, value in times.items() if value is not None}}


def duration(seconds: float) -> str:
    """ISO 8601, in whole seconds, rounded up: PT1H2M3S."""
    whole = max(1, math.ceil(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = [f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if number]
    return "PT" + "".join(parts)
