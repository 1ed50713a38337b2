"""What happens later: steps run and time out, plans are copied to their regions, health checks are made."""

import logging
from typing import Any

import msgspec

from panregion.services.arc_region_switch import layout
from panregion.services.arc_region_switch.blocks import StepFailed, StepRefused, carry_out
from panregion.services.arc_region_switch.engine import UNDER_WAY, Turn
from panregion.services.arc_region_switch.errors import ResourceNotFoundException
from panregion.services.arc_region_switch.model import Execution, Plan, Step, switches
from panregion.services.here import Here
from panregion.wire import AwsError

SERVICE = "arc-region-switch"
HEALTH_EVERY_S = 1.0
AGAIN_S = 2.0
Payload = dict[str, Any]

log = logging.getLogger("panregion.region_switch")


def _due(here: Here, payload: Payload) -> tuple[Execution, Step] | None:
    """The execution and the step that the work is about, if it is still what is going on."""
    try:
        execution = layout.execution(here, payload["plan_arn"], payload["execution_id"])
    except ResourceNotFoundException:
        return None
    step = execution.step(payload["step"])
    if step is None or step.run != payload["run"] or step.status not in UNDER_WAY:
        return None
    return execution, step


async def run_step(here: Here, payload: Payload) -> None:
    """One attempt at a step."""
    found = here.read(lambda here: _due(here, payload))
    if found is None:
        return
    execution, step = found
    try:
        resources = await carry_out(here, execution, step)
    except StepFailed as error:
        reason = str(error)
        await _happen(here, payload, lambda turn: turn.failed(step.name, reason))
    except StepRefused as error:
        due = here.now() + error.retry_s
        await here.transact(lambda here: here.later(layout.STEP, payload, due))
    else:
        await _happen(here, payload, lambda turn: turn.succeeded(step.name, resources))


async def expire(here: Here, payload: Payload) -> None:
    """A step has taken too long."""
    await _happen(here, payload, lambda turn: turn.failed(payload["step"], "the step's timeout is over"))


async def _happen(here: Here, payload: Payload, happen: Any) -> None:
    def step(here: Here) -> None:
        found = _due(here, payload)
        if found is not None:
            layout.take_turn(here, found[0], happen)

    await here.transact(step)


async def share(here: Here, payload: Payload) -> None:
    """Copy a plan to its regions, and see to its health checks; what fails is tried again until it is done."""
    try:
        await _share(here, payload)
    except AwsError as error:
        await _again(here, layout.SHARE, payload, error)


async def _again(here: Here, kind: str, payload: Payload, error: AwsError) -> None:
    log.info("%s: %s, and is tried again", kind, error)
    due = here.now() + AGAIN_S
    await here.transact(lambda here: here.later(kind, payload, due))


async def _share(here: Here, payload: Payload) -> None:
    """Raises AwsError; what was done stays done."""
    arn: str = payload["arn"]
    plan = here.read(lambda here: _known(here, arn))
    told = None if plan is None else msgspec.msgpack.encode(plan)
    failures = []
    for region in plan.regions if plan is not None else payload.get("regions", []):
        try:
            await here.request(SERVICE, "panregion:PutPlan", {"arn": arn, "plan": told}, region=region)
        except AwsError as error:
            failures.append(error)
    if plan is not None:
        await _make_checks(here, plan)
    else:
        for check_id in payload.get("checks", []):
            await _delete_check(here, check_id)
    if failures:
        raise failures[0]


def _known(here: Here, arn: str) -> Plan | None:
    try:
        return layout.plan(here, arn)
    except ResourceNotFoundException:
        return None


async def _make_checks(here: Here, plan: Plan) -> None:
    """Make a health check in Route 53 for each of a plan's switches; those of its earlier versions stay."""
    missing = [switch for switch in switches(plan) if switch.arn not in plan.checks]
    made = {}
    for switch in missing:
        config = {"Type": "RECOVERY_CONTROL", "RoutingControlArn": switch.arn}
        params = {"CallerReference": switch.arn[-64:], "HealthCheckConfig": config}
        made[switch.arn] = (await here.request("route53", "CreateHealthCheck", params))["HealthCheck"]["Id"]
    if made:
        await here.transact(lambda here: _put_checks(here, plan.arn, made))


def _put_checks(here: Here, arn: str, made: dict[str, str]) -> None:
    """Keep what was made, which is shared with the plan; a plan that was deleted meanwhile takes them along."""
    plan = _known(here, arn)
    if plan is None:
        here.later(layout.SHARE, {"arn": arn, "checks": list(made.values())})
    else:
        layout.put_plan(here, msgspec.structs.replace(plan, checks={**plan.checks, **made}))


async def _delete_check(here: Here, check_id: str) -> None:
    try:
        await here.request("route53", "DeleteHealthCheck", {"HealthCheckId": check_id})
    except AwsError as error:
        if error.code != "NoSuchHealthCheck":
            raise


async def tell(here: Here, payload: Payload) -> None:
    """Tell the plan's other region how a switch is turned, once it can be told."""
    try:
        await here.request(SERVICE, "panregion:PutTurned", payload["turned"], region=payload["region"])
    except AwsError as error:
        await _again(here, layout.TELL, payload, error)


async def watch_health(here: Here, payload: Payload) -> None:
    """Look whether the application's alarms are healthy; if not, again in a moment."""

    def find(here: Here) -> Execution:
        return layout.execution(here, payload["plan_arn"], payload["execution_id"])

    execution = here.read(find)
    if execution.state != "completedMonitoringApplicationHealth":
        return
    if await _healthy(here, execution):
        await here.transact(lambda here: layout.take_turn(here, find(here), Turn.healthy))
    else:
        due = here.now() + HEALTH_EVERY_S
        await here.transact(lambda here: here.later(layout.HEALTH, payload, due))


async def _healthy(here: Here, execution: Execution) -> bool:
    """Whether every application health alarm of the region with traffic is OK."""
    alarms = execution.plan.given["associatedAlarms"].values()
    for alarm in alarms:
        if alarm["alarmType"] != "applicationHealth":
            continue
        parts = alarm["resourceIdentifier"].split(":")
        region, name = (parts[3], parts[6]) if len(parts) > 6 else (here.region, alarm["resourceIdentifier"])
        if region == execution.deactivated:
            continue  # nobody waits for a region that was left
        try:
            found = await here.request("cloudwatch", "DescribeAlarms", {"AlarmNames": [name]}, region=region)
        except AwsError:
            return False
        if not all(each["StateValue"] == "OK" for each in found["MetricAlarms"] + found.get("CompositeAlarms", [])):
            return False
    return True


WORK = {
    layout.STEP: run_step,
    layout.EXPIRE: expire,
    layout.HEALTH: watch_health,
    layout.SHARE: share,
    layout.TELL: tell,
}
