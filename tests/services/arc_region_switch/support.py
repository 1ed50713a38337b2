"""Two regions in one loop, each at its own address, with AWS's own client for either; and plans in a few words."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import pytest
from botocore.exceptions import ClientError

from panregion.region import Region
from panregion.store import MemoryEngine
from panregion.world import WorldSettings, direct_dial
from panregion.world.settings import Ports, Time
from tests.services.route53_recovery_cluster.support import Five

EAST, WEST = "us-east-1", "us-west-2"
ROLE = "arn:aws:iam::000000000000:role/switch"
BOUND_S = 60.0

Json = dict[str, Any]


class TwoRegions:
    """us-east-1, where plans are made, and us-west-2; in the loop of five sites' cells."""

    def __init__(self, folder: Path, five: Five, control_port: int) -> None:
        self._five = five
        self._settings = WorldSettings(
            folder=str(folder),
            regions=(EAST, WEST),
            ports=Ports(gateway=five.port, control=control_port),
            time=Time(table_transition_s=0.01),
        )
        self._regions: dict[str, Region] = {}

    def start(self, name: str) -> None:
        self._five.run(self._start(name))

    async def _start(self, name: str) -> None:
        region = Region(name, self._settings, MemoryEngine(), lambda _site: direct_dial)
        await region.start()
        await region.serve(self._settings.address(name), self._settings.ports.gateway)
        self._regions[name] = region

    def end(self, name: str) -> None:
        self._five.run(self._regions.pop(name).stop())

    def client(self, region: str, service: str = "arc-region-switch") -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self._settings.endpoint(region),
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(retries={"max_attempts": 0}, read_timeout=40),
        )

    def close(self) -> None:
        for name in list(self._regions):
            self.end(name)

    def plan(self, name: str, *steps: Json, **more: Any) -> str:
        """The ARN of a new active/passive plan whose one workflow activates either region, known in both."""
        given = {
            "name": name,
            "regions": [EAST, WEST],
            "recoveryApproach": "activePassive",
            "primaryRegion": EAST,
            "executionRole": ROLE,
            "workflows": [{"workflowTargetAction": "activate", "steps": list(steps)}],
            **more,
        }
        given = {member: value for member, value in given.items() if value is not None}
        arn: str = self.client(EAST).create_plan(**given)["plan"]["arn"]
        until(lambda: all(arn in self.known(region) for region in (EAST, WEST)))
        return arn

    def known(self, region: str) -> list[str]:
        return [plan["arn"] for plan in self.client(region).list_plans_in_region()["plans"]]

    def run(self, arn: str, region: str = WEST, action: str = "activate", **more: Any) -> str:
        """Start an execution that activates a region, there; its id."""
        params = {"planArn": arn, "targetRegion": region, "action": action, **more}
        execution_id: str = self.client(region).start_plan_execution(**params)["executionId"]
        return execution_id

    def seen(self, arn: str, execution_id: str, region: str = WEST) -> Json:
        found: Json = self.client(region).get_plan_execution(planArn=arn, executionId=execution_id)
        return found

    def in_state(self, arn: str, execution_id: str, state: str, region: str = WEST) -> Json:
        """The execution, once it is in that state."""
        until(
            lambda: self.seen(arn, execution_id, region)["executionState"] == state,
            lambda: str(self.seen(arn, execution_id, region)),
        )
        return self.seen(arn, execution_id, region)

    def events(self, arn: str, execution_id: str, region: str = WEST) -> list[Json]:
        params = {"planArn": arn, "executionId": execution_id}
        items: list[Json] = self.client(region).list_plan_execution_events(**params)["items"]
        return items


def until(done: Callable[[], bool], told: Callable[[], str] = lambda: "it did not happen in time") -> None:
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < BOUND_S, told()
        time.sleep(0.02)


def refused(code: str, call: Callable[..., object], **params: Any) -> str:
    """The message of the error that a call is refused with."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return str(caught.value.response["Error"]["Message"])


def step(name: str, block: str, member: str, config: Json) -> Json:
    return {"name": name, "executionBlockType": block, "executionBlockConfiguration": {member: config}}


def approval(name: str = "approve", **more: Any) -> Json:
    return step(name, "ManualApproval", "executionApprovalConfig", {"approvalRole": ROLE, **more})


def controls(name: str, **states: list[tuple[str, str]]) -> Json:
    """A routing control step; states by region, whose name is given with underscores."""
    config = {
        region.replace("_", "-"): [{"routingControlArn": arn, "state": state} for arn, state in some]
        for region, some in states.items()
    }
    return step(name, "ARCRoutingControl", "arcRoutingControlConfig", {"regionAndRoutingControls": config})


def function(name: str, *arns: str, where: str = "activatingRegion", **more: Any) -> Json:
    config = {"lambdas": [{"arn": arn} for arn in arns], "retryIntervalMinutes": 0.001, "regionToRun": where, **more}
    return step(name, "CustomActionLambda", "customActionLambdaConfig", config)


def parallel(name: str, *steps: Json) -> Json:
    return step(name, "Parallel", "parallelConfig", {"steps": list(steps)})


def record(name: str, zone_id: str, record: str) -> Json:
    config = {"hostedZoneId": zone_id, "recordName": record}
    return step(name, "Route53HealthCheck", "route53HealthCheckConfig", config)
