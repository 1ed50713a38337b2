"""With the region of their control planes dead, CloudFront and accelerators go on answering, and fail over.

Real processes: a load balancer in every region that says where it is, an accelerator and a distribution in front of
them, users in New York whose nearest region is the one that dies; and the edge dies in that state.
"""

import asyncio
import urllib.request
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from demo.world import DemoWorld

from panregion.control import progress, start_control
from panregion.world.settings import Ports
from tests.services.cloudfront.support import behavior, config, group, listed, origin
from tests.world.test_static_stability import HOME, LIVING, SCALE, Stage, edge_back, waited

NO_CACHE = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CITY = "new-york"


@pytest.fixture
async def world(tmp_path: Path, ports: Ports) -> AsyncIterator[DemoWorld]:
    world = DemoWorld(tmp_path, ports, SCALE)
    process = start_control(world.settings, with_parent=True)
    async for _ in progress(world.settings, process):
        pass
    yield world
    await world.stop()
    await asyncio.to_thread(process.wait, 30)


class Doors:
    """The two front doors and what a user sees behind each."""

    def __init__(self, world: DemoWorld) -> None:
        self.stage = Stage(world)
        self.world = world

    def set_up(self) -> None:
        balancers = {region: self._balancer(region) for region in (HOME, LIVING)}
        self.accelerated = self._accelerate({region: each["LoadBalancerArn"] for region, each in balancers.items()})
        self.distributed = self._distribute({region: each["DNSName"] for region, each in balancers.items()})

    def _balancer(self, region: str) -> dict[str, Any]:
        subnets = [each["SubnetId"] for each in self.stage.client("ec2", region).describe_subnets()["Subnets"]]
        client = self.stage.client("elbv2", region)
        made: dict[str, Any] = client.create_load_balancer(Name="door", Subnets=subnets[:2])["LoadBalancers"][0]
        said = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": region}}
        arn = made["LoadBalancerArn"]
        client.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[said])
        return made

    def _accelerate(self, balancers: dict[str, str]) -> str:
        client = self.stage.client("globalaccelerator", LIVING)
        made = client.create_accelerator(Name="door", IdempotencyToken="a")["Accelerator"]
        listener = client.create_listener(
            AcceleratorArn=made["AcceleratorArn"],
            Protocol="TCP",
            PortRanges=[{"FromPort": 80, "ToPort": 80}],
            IdempotencyToken="l",
        )["Listener"]["ListenerArn"]
        for region, arn in balancers.items():
            client.create_endpoint_group(
                ListenerArn=listener,
                EndpointGroupRegion=region,
                EndpointConfigurations=[{"EndpointId": arn}],
                HealthCheckIntervalSeconds=10,
                IdempotencyToken=region,
            )
        return str(made["DnsName"])

    def _distribute(self, names: dict[str, str]) -> str:
        plain = {"OriginProtocolPolicy": "http-only"}
        origins = [origin(region, names[region], custom=plain) for region in (HOME, LIVING)]
        both = group("both", HOME, LIVING, (500, 502, 503, 504))
        given = config("door", *origins, OriginGroups=listed(both), DefaultCacheBehavior=behavior("both", NO_CACHE))
        made = self.stage.client("cloudfront", LIVING).create_distribution(DistributionConfig=given)
        return str(made["Distribution"]["DomainName"])

    def seen(self, name: str) -> str:
        """What a user is answered through a name; empty where that fails."""
        proxy = urllib.request.ProxyHandler({"http": self.world.proxy(CITY)})
        try:
            with urllib.request.build_opener(proxy).open(f"http://{name}/", timeout=20) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    def until_seen(self, name: str, region: str) -> None:
        waited(lambda: self.seen(name) == region)

    def refused(self) -> None:
        calls: list[Callable[[], object]] = [
            lambda: self.stage.client("globalaccelerator", LIVING).list_accelerators(),
            lambda: self.stage.client("cloudfront", LIVING).list_distributions(),
        ]
        for call in calls:
            with pytest.raises(ClientError) as caught:
                call()
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


async def test_front_doors_outlive_their_control_planes(world: DemoWorld) -> None:
    doors = Doors(world)
    await asyncio.to_thread(doors.set_up)
    for name in (doors.accelerated, doors.distributed):
        await asyncio.to_thread(doors.until_seen, name, HOME)

    await world.control.kill(HOME)
    for name in (doors.accelerated, doors.distributed):
        await asyncio.to_thread(doors.until_seen, name, LIVING)
    await asyncio.to_thread(doors.refused)

    await asyncio.to_thread(doors.stage.kill_edge)
    await edge_back(world)
    for name in (doors.accelerated, doors.distributed):
        await asyncio.to_thread(doors.until_seen, name, LIVING)
    await asyncio.to_thread(doors.refused)

    await world.control.restore(HOME)
    for name in (doors.accelerated, doors.distributed):
        await asyncio.to_thread(doors.until_seen, name, HOME)
