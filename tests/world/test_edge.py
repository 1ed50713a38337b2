"""Names, health checks and cities over real processes and links: who is sent where when regions and links are lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from demo.world import DemoWorld

from panregion.cli.dns import ask
from panregion.control import progress, start_control
from panregion.edge.health import CHECKER_REGIONS
from panregion.world import HttpClient, direct_dial
from panregion.world.settings import Ports

SCALE = 0.05
LEAVES_S = 10 * 3 * SCALE
"""Interval times threshold, at this world's scale."""

NEAREST = {"new-york": "us-east-1", "london": "eu-west-1", "sydney": "ap-southeast-2"}
NAME = "app.edge.test"


@pytest.fixture
async def world(tmp_path: Path, ports: Ports) -> AsyncIterator[DemoWorld]:
    world = DemoWorld(tmp_path, ports, SCALE)
    process = start_control(world.settings, with_parent=True, warm=True)
    async for _ in progress(world.settings, process):
        pass
    await asyncio.to_thread(make_records, world)
    yield world
    await world.stop()
    await asyncio.to_thread(process.wait, 20)


def make_records(world: DemoWorld) -> None:
    """A latency record for every region, each with a health check of the region's own address."""
    client = world.client("route53", "us-east-1")
    zone = client.create_hosted_zone(Name="edge.test", CallerReference="edge")["HostedZone"]["Id"]
    changes = [
        {"Action": "CREATE", "ResourceRecordSet": record(world, client, region)} for region in world.settings.regions
    ]
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def record(world: DemoWorld, client: Any, region: str) -> dict[str, Any]:
    address = world.settings.address(region)
    config = {
        "Type": "HTTP_STR_MATCH",
        "IPAddress": address,
        "Port": world.settings.ports.gateway,
        "ResourcePath": "/",
        "SearchString": f"AWS region {region}",
        "RequestInterval": 10,
        "FailureThreshold": 3,
    }
    check = client.create_health_check(CallerReference=region, HealthCheckConfig=config)["HealthCheck"]["Id"]
    return {
        "Name": NAME,
        "Type": "A",
        "TTL": 1,
        "SetIdentifier": region,
        "Region": region,
        "HealthCheckId": check,
        "ResourceRecords": [{"Value": address}],
    }


async def sent(world: DemoWorld) -> dict[str, str]:
    """City -> the region that its users are sent to now."""
    answers = [await asyncio.to_thread(ask, world.settings, city, NAME, "A") for city in NEAREST]
    return {answer["from"]: answer["answers"][0]["region"] for answer in answers if answer["answers"]}


async def until(world: DemoWorld, expected: dict[str, str], bound_s: float = 20 * LEAVES_S) -> float:
    """Wait until users are sent as expected; how long that took."""
    began = world.clock.monotonic()
    while (now := await sent(world)) != expected:
        assert world.clock.monotonic() - began < bound_s, f"{now}, not {expected}"
        await asyncio.sleep(0.02)
    return world.clock.monotonic() - began


async def cut(world: DemoWorld, region: str, sites: tuple[str, ...], how: str) -> None:
    for site in sites:
        await world.control.set_link(site, region, cut=how)


async def test_users_are_sent_where_health_and_distance_say(world: DemoWorld) -> None:
    await until(world, NEAREST)
    await asyncio.sleep(2 * LEAVES_S)  # every checker has an opinion

    # A region that is killed is left out within interval x threshold, and a little for a busy machine.
    await world.control.kill("us-east-1")
    took_s = await until(world, NEAREST | {"new-york": "eu-west-1"})
    assert took_s < LEAVES_S + 2
    await world.control.restore("us-east-1")
    await until(world, NEAREST)

    # Checkers that a partition cut off cannot condemn a region while more than 18 % of them reach it.
    others = tuple(site for site in CHECKER_REGIONS if site != "eu-west-1")
    await cut(world, "eu-west-1", others[:-1], "refuse")
    await asyncio.sleep(2 * LEAVES_S)
    assert await sent(world) == NEAREST
    await cut(world, "eu-west-1", others[-1:], "refuse")
    await until(world, NEAREST | {"london": "us-east-1"})
    for site in others:
        await world.control.set_link(site, "eu-west-1")
    await until(world, NEAREST)

    # Where nobody is healthy, everybody counts as healthy.
    for region in world.settings.regions:
        await world.control.kill(region)
    await asyncio.sleep(2 * LEAVES_S)
    assert await sent(world) == NEAREST


async def test_a_city_is_as_far_away_as_it_is(world: DemoWorld) -> None:
    await until(world, NEAREST)
    url = f"http://{NAME}:{world.settings.ports.gateway}/"
    for city, region in NEAREST.items():
        client = HttpClient(direct_dial, proxy=world.proxy(city))
        response = await client.send("GET", url, timeout_s=5)
        assert response.status in (200, 404)
        assert region.encode() in body(response.body)
        await client.close()

    # Far away takes longer: London to Sydney's region is a quarter of a second and more, there and back.
    far = world.settings.endpoint("ap-southeast-2") + "/"
    seconds = [await timed(world, "sydney", far), await timed(world, "london", far)]
    assert seconds[0] < 0.2 < seconds[1]

    # A city that is cut off is told so.
    await world.control.set_link("london", "eu-west-1", cut="refuse")
    client = HttpClient(direct_dial, proxy=world.proxy("london"))
    refused = await client.send("GET", url, timeout_s=5)
    assert refused.status == 502
    assert b"london -> eu-west-1 is cut" in body(refused.body)
    await client.close()


async def timed(world: DemoWorld, city: str, url: str) -> float:
    """Seconds of a request that has a connection already."""
    client = HttpClient(direct_dial, proxy=world.proxy(city))
    await client.send("GET", url, timeout_s=5)
    began = world.clock.monotonic()
    await client.send("GET", url, timeout_s=5)
    await client.close()
    return world.clock.monotonic() - began


def body(sent: object) -> bytes:
    assert isinstance(sent, bytes)
    return sent
