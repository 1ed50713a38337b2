"""What the steps do to the world. Each may run more than once with the same outcome.

A routing control is switched at the cluster's own endpoints, one after another, as AWS tells its customers to do. The
control plane is not asked: which cluster a control belongs to the sites of the endpoints tell, too.
"""

from typing import Any

import msgspec

from panregion.services.arc_region_switch import layout
from panregion.services.arc_region_switch.model import Execution, Json, Step, switch_arn, switches
from panregion.services.here import Here
from panregion.services.recovery import CELL_SITES, MAJORITY, Told, endpoint, host_url
from panregion.wire import AwsError
from panregion.world import ClientError

ENDPOINT_TIMEOUT_S = 6.0
RETRY_S = 1.0
TARGET = "ToggleCustomerAPI.UpdateRoutingControlStates"


class StepFailed(Exception):
    """It will not succeed by itself; the text says why."""


class StepRefused(Exception):
    """It may succeed later: after how long to try again, and why it did not now."""

    def __init__(self, reason: str, retry_s: float = RETRY_S) -> None:
        super().__init__(reason)
        self.retry_s = retry_s


async def carry_out(here: Here, execution: Execution, step: Step) -> tuple[str, ...]:
    """Do what a step is for; returns the resources that it was done to. Raises StepFailed, StepRefused."""
    match step.block:
        case "ARCRoutingControl":
            return await _switch_controls(here, execution, step)
        case "CustomActionLambda":
            return await _invoke(here, execution, step)
        case "Route53HealthCheck":
            return await _turn_checks(here, execution, step)
    raise StepFailed(f"{step.block} is nothing to be carried out")


# Routing controls


async def _switch_controls(here: Here, execution: Execution, step: Step) -> tuple[str, ...]:
    entries = [
        {"RoutingControlArn": each["routingControlArn"], "RoutingControlState": each["state"]}
        for each in step.config["regionAndRoutingControls"].get(execution.target, [])
    ]
    if not entries:
        return ()
    arns = tuple(entry["RoutingControlArn"] for entry in entries)
    number = await _cluster_of(here, arns[0])
    body = msgspec.json.encode({"UpdateRoutingControlStateEntries": entries})
    reason = ""
    for site in _sites(here):
        code, reason = await _ask(here, site, endpoint(here.settings, site, number) + "/", body)
        if not code:
            return arns
        if code != "EndpointTemporarilyUnavailableException":
            raise StepFailed(f"{code}: {reason}")
    raise StepRefused(f"no endpoint of the cluster could be used: {reason}")


def _sites(here: Here) -> list[str]:
    """The sites of endpoints, this region's own first where it is one."""
    return sorted(CELL_SITES, key=lambda site: site != here.region)


async def _cluster_of(here: Here, control_arn: str) -> int:
    """The number of the cluster that has a routing control, as any site tells. Raises StepFailed, StepRefused."""
    asked = 0
    for site in _sites(here):
        url = host_url(here.settings, site) + "/_panregion/states"
        try:
            response = await here.dispatch.client(site).send("GET", url, timeout_s=ENDPOINT_TIMEOUT_S)
        except ClientError:
            continue
        assert isinstance(response.body, bytes)
        for shown in msgspec.msgpack.decode(response.body, type=Told).cells:
            if control_arn in shown.states:
                return shown.number
        asked += 1
    if asked >= MAJORITY:
        raise StepFailed(f"no cluster has the routing control {control_arn}")
    raise StepRefused(f"only {asked} of {len(CELL_SITES)} sites of endpoints can be reached")


async def _ask(here: Here, site: str, url: str, body: bytes) -> tuple[str, str]:
    """(error code, message) of one endpoint's answer; an empty code where it did what was asked."""
    headers = [("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", TARGET)]
    try:
        response = await here.dispatch.client(site).send(
            "POST", url, headers, body, timeout_s=ENDPOINT_TIMEOUT_S, connect_timeout_s=2
        )
    except ClientError as error:
        return "EndpointTemporarilyUnavailableException", f"{site} cannot be reached: {error}"
    if response.status < 300:
        return "", ""
    assert isinstance(response.body, bytes)
    try:
        told: Json = msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        told = {}
    code = str(told.get("__type", f"status {response.status}")).rpartition("#")[2]
    return code, str(told.get("message", ""))


# Lambda functions


async def _invoke(here: Here, execution: Execution, step: Step) -> tuple[str, ...]:
    region = _region_to_run(execution, step.config["regionToRun"])
    function = next(
        (each for each in step.config["lambdas"] if _region_of(each["arn"]) == region), step.config["lambdas"][0]
    )
    arn = function["arn"]
    retry_s = step.config["retryIntervalMinutes"] * layout.SECONDS_PER_MINUTE
    payload = function["payload"].encode() if "payload" in function else _payload(execution, step, region)
    try:
        answer = await here.request(
            "lambda", "Invoke", {"FunctionName": arn, "Payload": payload}, region=_region_of(arn) or region
        )
    except AwsError as error:
        raise StepRefused(f"{arn} could not be invoked: {error}", retry_s) from error
    if "FunctionError" in answer:
        text = bytes(answer.get("Payload", b""))[:1000].decode(errors="replace")
        raise StepRefused(f"{arn} failed: {text}", retry_s)
    return (arn,)


def _region_to_run(execution: Execution, where: str) -> str:
    plan, target = execution.plan, execution.target
    regions: dict[str, str | None] = {
        "activatingRegion": execution.activated,
        "deactivatingRegion": execution.deactivated,
        # After a recovery the target is the region without traffic, which is made ready again.
        "activeRegion": plan.other(target) if execution.action == "postRecovery" else execution.activated,
        "inactiveRegion": target if execution.action == "postRecovery" else execution.deactivated,
    }
    return regions[where] or target


def _region_of(arn: str) -> str:
    parts = arn.split(":")
    return parts[3] if len(parts) > 3 else ""


def _payload(execution: Execution, step: Step, region: str) -> bytes:
    told: dict[str, Any] = {
        "planArn": execution.plan.arn,
        "executionId": execution.id,
        "stepName": step.name,
        "action": execution.action,
        "targetRegion": execution.target,
        "region": region,
        "mode": step.mode,
    }
    return msgspec.json.encode(told)


# Health checks


async def _turn_checks(here: Here, execution: Execution, step: Step) -> tuple[str, ...]:
    """Turn the record's health checks as the action wants them: in this region's own transaction."""
    plan, config = execution.plan, step.config
    wanted = {execution.activated: True, execution.deactivated: False}
    if execution.action == "postRecovery":
        wanted = {execution.target: True}
    elif plan.given["recoveryApproach"] == "activeActive":
        wanted = {execution.target: execution.action == "activate"}
    own = {
        switch_arn(plan.arn, config["hostedZoneId"], config["recordName"], region): region for region in plan.regions
    }

    def change(here: Here) -> tuple[str, ...]:
        changed = []
        for switch in switches(plan):
            region = own.get(switch.arn)
            if region in wanted:
                layout.turn(here, plan, switch, wanted[region])
                changed.append(plan.checks.get(switch.arn, switch.arn))
        return tuple(changed)

    return await here.transact(change)
