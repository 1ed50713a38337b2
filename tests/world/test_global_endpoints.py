"""A global endpoint fails over when its home region is killed, and no event that was taken is lost.

Real processes, boto3 as it comes (signatures of version 4A): by way of the front door, and by the endpoint's own name
over HTTPS from a city.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from demo.world import DemoWorld

from panregion.control import progress, start_control
from panregion.world.settings import Ports
from panregion.world.tls import CERTIFICATE
from tests.world.test_static_stability import SCALE, Stage, waited

pytest.importorskip("awscrt")

HOME, AWAY = "us-east-1", "eu-west-1"


@pytest.fixture
async def world(tmp_path: Path, ports: Ports) -> AsyncIterator[DemoWorld]:
    world = DemoWorld(tmp_path, ports, SCALE)
    process = start_control(world.settings, with_parent=True, warm=True)
    async for _ in progress(world.settings, process):
        pass
    yield world
    await world.stop()
    await asyncio.to_thread(process.wait, 30)


class Story:
    """The endpoint, a queue of what comes to either bus, and what was taken."""

    def __init__(self, world: DemoWorld) -> None:
        self.stage = Stage(world)
        self.world = world
        self.taken: set[int] = set()
        self.number = 0

    def set_up(self) -> None:
        route53 = self.stage.client("route53", HOME)
        config = {
            "Type": "HTTP",
            "IPAddress": self.stage.settings.address(HOME),
            "Port": self.stage.settings.ports.gateway,
            "ResourcePath": "/",
            "RequestInterval": 10,
            "FailureThreshold": 3,
        }
        check = route53.create_health_check(CallerReference="c", HealthCheckConfig=config)["HealthCheck"]["Id"]
        for region in (HOME, AWAY):
            self._bus(region)
        events = self.stage.client("events", HOME)
        prefix = "arn:aws:events"
        events.create_endpoint(
            Name="orders",
            RoutingConfig={
                "FailoverConfig": {
                    "Primary": {"HealthCheck": f"arn:aws:route53:::healthcheck/{check}"},
                    "Secondary": {"Route": AWAY},
                }
            },
            EventBuses=[{"EventBusArn": f"{prefix}:{each}:000000000000:event-bus/orders"} for each in (HOME, AWAY)],
            RoleArn="arn:aws:iam::000000000000:role/r",
        )
        waited(lambda: events.describe_endpoint(Name="orders")["State"] == "ACTIVE")
        self.endpoint = events.describe_endpoint(Name="orders")["EndpointId"]

    def _bus(self, region: str) -> None:
        events, sqs = self.stage.client("events", region), self.stage.client("sqs", region)
        events.create_event_bus(Name="orders")
        sqs.create_queue(QueueName="all")
        pattern = '{"source": ["app"]}'
        events.put_rule(Name="all", EventBusName="orders", EventPattern=pattern)
        target = {"Id": "1", "Arn": f"arn:aws:sqs:{region}:000000000000:all"}
        events.put_targets(Rule="all", EventBusName="orders", Targets=[target])

    def put(self, client: Any) -> bool:
        """Whether an event was taken."""
        self.number += 1
        detail = json.dumps({"n": self.number})
        entry = {"Source": "app", "DetailType": "t", "Detail": detail, "EventBusName": "orders"}
        try:
            answer = client.put_events(EndpointId=self.endpoint, Entries=[entry])
        except (BotoCoreError, ClientError):
            return False
        assert answer["FailedEntryCount"] == 0
        self.taken.add(self.number)
        return True

    def by_front_door(self) -> Any:
        return self._client(endpoint_url=f"http://127.0.0.1:{self.stage.settings.ports.gateway}")

    def by_name(self) -> Any:
        proxy = {"https": self.world.proxy("new-york")}
        return self._client(verify=str(self.stage.settings.path / CERTIFICATE), proxies=proxy)

    @staticmethod
    def _client(proxies: dict[str, str] | None = None, **given: Any) -> Any:
        config = botocore.config.Config(
            retries={"max_attempts": 0}, connect_timeout=5, read_timeout=5, proxies=proxies or {}
        )
        return boto3.client(
            "events", region_name=HOME, aws_access_key_id="a", aws_secret_access_key="b", config=config, **given
        )

    def received(self, region: str) -> set[tuple[int, str]]:
        """(number, region that took it) of what came to a region's bus; it stays on the queue."""
        sqs = self.stage.client("sqs", region)
        url = sqs.get_queue_url(QueueName="all")["QueueUrl"]
        found: set[tuple[int, str]] = set()
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                event = json.loads(message["Body"])
                found.add((event["detail"]["n"], event["region"]))
        return found


async def test_events_put_by_an_endpoint_outlive_its_home(world: DemoWorld) -> None:
    story = Story(world)
    await asyncio.to_thread(story.set_up)
    clients = [story.by_front_door(), story.by_name()]
    for client in clients:
        await asyncio.to_thread(waited, partial(story.put, client))

    await world.control.kill(HOME)
    for client in clients:
        await asyncio.to_thread(waited, partial(story.put, client))
        assert await asyncio.to_thread(story.put, client)
    taken_away = {number for number, region in await asyncio.to_thread(story.received, AWAY) if region == AWAY}
    assert len(taken_away) >= 4

    await world.control.restore(HOME)
    name = f"{story.endpoint}.endpoint.events.amazonaws.com"
    await asyncio.to_thread(story.stage.until_sent, name, "new-york", HOME)
    assert await asyncio.to_thread(story.put, clients[0])

    at: dict[str, set[int]] = {HOME: set(), AWAY: set(taken_away)}

    def everywhere() -> bool:
        for region, found in at.items():
            found |= {number for number, _ in story.received(region)}
        return all(story.taken <= found for found in at.values())

    await asyncio.to_thread(waited, everywhere)
