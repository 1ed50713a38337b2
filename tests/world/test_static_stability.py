"""With the control planes' region dead, everything goes on answering and failing over, and nothing can be changed.

One story over real processes: names with health checks of endpoints, with health checks of routing controls that five
sites agree on, and with those of a Region switch plan. us-east-1, home of every control plane here, is killed; the edge
is killed in that state and comes back with what it knew; a second site is lost, and three go on.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import psutil
import pytest
from botocore.exceptions import ClientError
from demo.world import DemoWorld

from panregion.cli.dns import ask
from panregion.control import progress, start_control
from panregion.services.recovery import CELL_SITES
from panregion.world import HttpClient, WorldSettings, direct_dial
from panregion.world.settings import Ports

SCALE = 0.05
HOME, LIVING, OTHER = "us-east-1", "eu-west-1", "ap-southeast-2"
BOUND_S = 60.0
APP, SWITCHED, PLANNED = "app.static.test", "switched.static.test", "planned.static.test"
ROLE = "arn:aws:iam::000000000000:role/switch"


@pytest.fixture
async def world(tmp_path: Path, ports: Ports) -> AsyncIterator[DemoWorld]:
    world = DemoWorld(tmp_path, ports, SCALE)
    process = start_control(world.settings, with_parent=True)
    async for _ in progress(world.settings, process):
        pass
    yield world
    await world.stop()
    await asyncio.to_thread(process.wait, 30)


class Stage:
    """The names, records and switches of the story, and what is seen of them."""

    def __init__(self, world: DemoWorld) -> None:
        self.world = world
        self.settings: WorldSettings = world.settings
        self.endpoints: dict[str, str] = {}
        self.controls: dict[str, str] = {}

    def client(self, service: str, region: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self.settings.endpoint(region),
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(retries={"max_attempts": 0}, read_timeout=30),
        )

    def set_up(self) -> None:
        """A latency record for every region with a check of its endpoint, and a pair that routing controls switch."""
        route53 = self.client("route53", HOME)
        self.zone = route53.create_hosted_zone(Name="static.test", CallerReference="static")["HostedZone"]["Id"]
        self._make_switches()
        records = [self._endpoint_record(route53, region) for region in self.settings.regions]
        records += [
            self._switched_record(route53, LIVING, "PRIMARY"),
            self._switched_record(route53, OTHER, "SECONDARY"),
        ]
        self._make_plan()
        records += [self._planned_record(HOME, "PRIMARY"), self._planned_record(LIVING, "SECONDARY")]
        self.change(route53, *records)

    def _make_plan(self) -> None:
        """A plan that turns a record's health checks, and its health checks, once they are made."""
        config = {"hostedZoneId": self.zone.rpartition("/")[2], "recordName": PLANNED}
        step = {
            "name": "turn",
            "executionBlockType": "Route53HealthCheck",
            "executionBlockConfiguration": {"route53HealthCheckConfig": config},
        }
        client = self.client("arc-region-switch", LIVING)
        self.plan = client.create_plan(
            name="leave",
            regions=[HOME, LIVING],
            recoveryApproach="activePassive",
            primaryRegion=HOME,
            executionRole=ROLE,
            workflows=[{"workflowTargetAction": "activate", "steps": [step]}],
        )["plan"]["arn"]

        def made() -> bool:
            try:
                listed = client.list_route53_health_checks_in_region(arn=self.plan)["healthChecks"]
            except client.exceptions.ResourceNotFoundException:
                return False
            self.checks = {each["region"]: each.get("healthCheckId", "") for each in listed}
            return all(self.checks.values())

        waited(made)

    def execute(self) -> dict[str, Any]:
        """Activate the living region, there; the execution once it is over."""
        client = self.client("arc-region-switch", LIVING)
        started = client.start_plan_execution(planArn=self.plan, targetRegion=LIVING, action="activate")
        what = {"planArn": self.plan, "executionId": started["executionId"]}
        waited(lambda: client.get_plan_execution(**what)["executionState"] == "completed")
        seen: dict[str, Any] = client.get_plan_execution(**what)
        return seen

    def _planned_record(self, region: str, role: str) -> dict[str, Any]:
        return self._described(PLANNED, region, self.checks[region], Failover=role)

    def change(self, route53: Any, *records: dict[str, Any]) -> None:
        changes = [{"Action": "UPSERT", "ResourceRecordSet": record} for record in records]
        route53.change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch={"Changes": changes})

    def _endpoint_record(self, route53: Any, region: str) -> dict[str, Any]:
        config = {
            "Type": "HTTP_STR_MATCH",
            "IPAddress": self.settings.address(region),
            "Port": self.settings.ports.gateway,
            "ResourcePath": "/",
            "SearchString": f"AWS region {region}",
            "RequestInterval": 10,
            "FailureThreshold": 3,
        }
        return self._record(route53, APP, region, config, Region=region)

    def _switched_record(self, route53: Any, region: str, role: str) -> dict[str, Any]:
        config = {"Type": "RECOVERY_CONTROL", "RoutingControlArn": self.controls[region]}
        return self._record(route53, SWITCHED, region, config, Failover=role)

    def _record(self, route53: Any, name: str, region: str, config: dict[str, Any], **policy: str) -> dict[str, Any]:
        reference = f"{name}-{region}"
        check = route53.create_health_check(CallerReference=reference, HealthCheckConfig=config)["HealthCheck"]["Id"]
        return self._described(name, region, check, **policy)

    def _described(self, name: str, region: str, check: str, **policy: str) -> dict[str, Any]:
        return {
            "Name": name,
            "Type": "A",
            "TTL": 1,
            "SetIdentifier": region,
            "HealthCheckId": check,
            "ResourceRecords": [{"Value": self.settings.address(region)}],
            **policy,
        }

    def _make_switches(self) -> None:
        config = self.client("route53-recovery-control-config", LIVING)
        cluster = config.create_cluster(ClusterName="app")["Cluster"]["ClusterArn"]
        seen: dict[str, Any] = {}

        def deployed() -> bool:
            seen.update(config.describe_cluster(ClusterArn=cluster)["Cluster"])
            return bool(seen["Status"] == "DEPLOYED")

        waited(deployed, 90)
        self.endpoints = {each["Region"]: each["Endpoint"] for each in seen["ClusterEndpoints"]}
        for region in (LIVING, OTHER):
            made = config.create_routing_control(ClusterArn=cluster, RoutingControlName=region)["RoutingControl"]
            self.controls[region] = made["RoutingControlArn"]

        def status(arn: str) -> str:
            return str(config.describe_routing_control(RoutingControlArn=arn)["RoutingControl"]["Status"])

        waited(lambda: {status(arn) for arn in self.controls.values()} == {"DEPLOYED"})
        self.switch(LIVING, on=LIVING, off=OTHER)

    def switch(self, site: str, *, on: str, off: str) -> None:
        """At a site's endpoint: one region's control on, the other's off."""
        entries = [
            {"RoutingControlArn": self.controls[region], "RoutingControlState": state}
            for region, state in ((on, "On"), (off, "Off"))
        ]
        self.cell(site).update_routing_control_states(UpdateRoutingControlStateEntries=entries)

    def cell(self, site: str) -> Any:
        return boto3.client(
            "route53-recovery-cluster",
            region_name="us-west-2",
            endpoint_url=self.endpoints[site],
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(retries={"max_attempts": 0}, read_timeout=30),
        )

    def sent(self, name: str, city: str) -> str | None:
        """The region that a city's users are sent to."""
        answers = ask(self.settings, city, name, "A")["answers"]
        return answers[0]["region"] if answers else None

    def until_sent(self, name: str, city: str, region: str) -> None:
        waited(lambda: self.sent(name, city) == region)

    def refused(self) -> None:
        """Control planes are dead: what they are asked for is answered with an error, by every region that lives."""
        route53 = self.client("route53", LIVING)
        record = {"Name": APP, "Type": "TXT", "TTL": 1, "ResourceRecords": [{"Value": '"x"'}]}
        config = self.client("route53-recovery-control-config", LIVING)
        calls: list[Callable[[], object]] = [lambda: self.change(route53, record), lambda: config.list_clusters()]
        for call in calls:
            with pytest.raises(ClientError) as caught:
                call()
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503

    def kill_edge(self) -> int:
        """SIGKILL to the edge's process; its pid."""
        world = str(self.settings.path / "world.json")
        (edge,) = [
            process
            for process in psutil.process_iter(["cmdline"])
            if "panregion.edge" in (process.info["cmdline"] or []) and world in process.info["cmdline"]
        ]
        os.kill(edge.pid, signal.SIGKILL)
        return int(edge.pid)


def waited(done: Callable[[], bool], bound_s: float = BOUND_S) -> None:
    """Wait on a condition, in a thread of its own."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < bound_s, "it did not happen in time"
        time.sleep(0.05)


async def edge_back(world: DemoWorld) -> None:
    """Until control has started the edge again."""
    client = HttpClient(direct_dial)
    url = f"http://127.0.0.1:{world.settings.ports.edge}/_panregion/health"
    try:
        async with asyncio.timeout(BOUND_S):
            while True:
                try:
                    if (await client.send("GET", url, timeout_s=1)).status == 200:
                        return
                except ConnectionError:
                    await asyncio.sleep(0.05)
    finally:
        await client.close()


async def test_names_and_switches_outlive_their_control_planes(world: DemoWorld) -> None:
    stage = Stage(world)
    await asyncio.to_thread(stage.set_up)
    await asyncio.to_thread(stage.until_sent, APP, "new-york", HOME)
    await asyncio.to_thread(stage.until_sent, SWITCHED, "london", LIVING)
    await asyncio.to_thread(stage.until_sent, PLANNED, "tokyo", HOME)

    # The region of all control planes is lost: names fail over, and nothing can be changed.
    await world.control.kill(HOME)
    await asyncio.to_thread(stage.until_sent, APP, "new-york", LIVING)
    await asyncio.to_thread(stage.refused)
    cells = {each["site"]: each["status"] for each in (await world.control.status())["recovery_cells"]}
    assert cells == {site: "killed" if site == HOME else "running" for site in CELL_SITES}

    # Routing controls are switched without it.
    await asyncio.to_thread(stage.switch, OTHER, on=OTHER, off=LIVING)
    await asyncio.to_thread(stage.until_sent, SWITCHED, "london", OTHER)

    # A plan is executed without the region that it leaves, where plans live, too.
    done = await asyncio.to_thread(stage.execute)
    assert done["actualRecoveryTime"].startswith("PT")
    await asyncio.to_thread(stage.until_sent, PLANNED, "tokyo", LIVING)

    # The edge is started again in that state: what it knew of names, health and switches holds.
    await asyncio.to_thread(stage.kill_edge)
    await edge_back(world)
    assert await asyncio.to_thread(stage.sent, APP, "new-york") == LIVING
    assert await asyncio.to_thread(stage.sent, SWITCHED, "london") == OTHER
    assert await asyncio.to_thread(stage.sent, PLANNED, "tokyo") == LIVING
    await asyncio.to_thread(stage.refused)

    # A second site is lost: three cells go on, and so do names.
    await world.control.kill("us-west-2")
    await asyncio.to_thread(stage.switch, "ap-northeast-1", on=LIVING, off=OTHER)
    await asyncio.to_thread(stage.until_sent, SWITCHED, "london", LIVING)

    # A third: no endpoint may answer any more, and the names stay as they are.
    await world.control.kill("ap-northeast-1")
    cell = stage.cell(OTHER)
    with pytest.raises(ClientError) as caught:
        await asyncio.to_thread(stage.switch, OTHER, on=OTHER, off=LIVING)
    assert caught.value.response["Error"]["Code"] == "EndpointTemporarilyUnavailableException"
    assert await asyncio.to_thread(stage.sent, SWITCHED, "london") == LIVING

    # All come back with what they knew, and changes are accepted again.
    for site in (HOME, "us-west-2", "ap-northeast-1"):
        await world.control.restore(site)
    await asyncio.to_thread(stage.until_sent, APP, "new-york", HOME)
    states = {
        region: cell.get_routing_control_state(RoutingControlArn=arn)["RoutingControlState"]
        for region, arn in stage.controls.items()
    }
    assert states == {LIVING: "On", OTHER: "Off"}
    record = {"Name": f"new.{APP}", "Type": "A", "TTL": 1, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    await asyncio.to_thread(stage.change, stage.client("route53", LIVING), record)
    waited(lambda: bool(ask(stage.settings, "london", f"new.{APP}", "A")["answers"]))

    # The world is stopped and resumed: the cells are back with it.
    await world.stop()
    process = start_control(world.settings, with_parent=True)
    async for _ in progress(world.settings, process):
        pass
    try:
        await asyncio.to_thread(stage.switch, HOME, on=OTHER, off=LIVING)
        await asyncio.to_thread(stage.until_sent, SWITCHED, "london", OTHER)
    finally:
        await world.stop()
        await asyncio.to_thread(process.wait, 30)
