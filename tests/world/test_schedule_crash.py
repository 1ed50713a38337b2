"""Schedules of a region that is killed again and again: every one that was accepted calls its target, missed or not."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import botocore.config

from panregion.world.settings import Ports
from tests.world.crash import REGION, Victim

ROLE = "arn:aws:iam::000000000000:role/r"
QUEUE = f"arn:aws:sqs:{REGION}:000000000000:q"
COUNT = 24


class Story:
    """Schedules a few seconds ahead, while the region dies in between."""

    def __init__(self, victim: Victim) -> None:
        self.victim = victim

    def client(self, service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            endpoint_url=self.victim.settings.endpoint(REGION),
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(retries={"max_attempts": 0}, read_timeout=20),
        )

    def make(self, first: int) -> None:
        scheduler = self.client("scheduler")
        for number in range(first, first + COUNT // 3):
            moment = datetime.now(UTC) + timedelta(seconds=2 + number % 3)
            scheduler.create_schedule(
                Name=f"s{number}",
                ScheduleExpression=f"at({moment.strftime('%Y-%m-%dT%H:%M:%S')})",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target={"Arn": QUEUE, "RoleArn": ROLE, "Input": str(number)},
                ActionAfterCompletion="DELETE",
            )

    def received(self) -> list[int]:
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
        found: list[int] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [int(message["Body"]) for message in messages]
        return found

    def left(self) -> list[str]:
        return [one["Name"] for one in self.client("scheduler").list_schedules()["Schedules"]]


async def test_every_schedule_that_was_accepted_calls_its_target(tmp_path: Path, ports: Ports) -> None:
    victim = Victim(tmp_path, ports)
    await victim.start()
    story = Story(victim)
    story.client("sqs").create_queue(QueueName="q")
    for first in range(0, COUNT, COUNT // 3):
        await asyncio.to_thread(story.make, first)
        await victim.kill()
        await victim.start()
    found: list[int] = []
    async with asyncio.timeout(30):
        while set(found) != set(range(COUNT)):
            found += await asyncio.to_thread(story.received)
        while await asyncio.to_thread(story.left):
            await asyncio.sleep(0.05)
    assert len(found) <= COUNT + 6  # once each, but for what was just being sent when the region died
    await victim.kill()
    await victim.client.close()
