"""A region whose clock the test moves, and queues in it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from panregion.region import Region
from panregion.wire import AwsError
from panregion.world import ManualClock, World
from tests.support import region_in

Json = dict[str, Any]


class Lab:
    """SQS, asked by operation name with AWS's parameters."""

    def __init__(self, region: Region, clock: ManualClock) -> None:
        self.region = region
        self.clock = clock

    async def ask(self, operation: str, **params: Any) -> Json:
        return await self.region.ask("sqs", operation, params)

    async def refused(self, operation: str, **params: Any) -> AwsError:
        """The error that an operation ends with."""
        with pytest.raises(AwsError) as raised:
            await self.ask(operation, **params)
        return raised.value

    async def queue(self, queue_name: str = "q", **attributes: str) -> str:
        if queue_name.endswith(".fifo"):
            attributes = {"FifoQueue": "true", **attributes}
        url: str = (await self.ask("CreateQueue", QueueName=queue_name, Attributes=attributes))["QueueUrl"]
        return url

    async def send(self, url: str, *bodies: str, **params: Any) -> list[Json]:
        return [await self.ask("SendMessage", QueueUrl=url, MessageBody=body, **params) for body in bodies]

    async def receive(self, url: str, count: int = 10, **params: Any) -> list[Json]:
        answer = await self.ask("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=count, **params)
        messages: list[Json] = answer.get("Messages", [])
        return messages

    async def bodies(self, url: str, count: int = 10, **params: Any) -> list[str]:
        return [message["Body"] for message in await self.receive(url, count, **params)]

    async def delete(self, url: str, message: Json) -> None:
        await self.ask("DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    async def counts(self, url: str) -> tuple[int, int, int]:
        """How many messages are visible, in flight, delayed."""
        found = (await self.ask("GetQueueAttributes", QueueUrl=url, AttributeNames=["All"]))["Attributes"]
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        visible, inflight = (int(found[name]) for name in names)
        return visible, inflight, int(found["ApproximateNumberOfMessagesDelayed"])

    async def after(self, by_s: float) -> None:
        await self.clock.advance(by_s)

    async def work(self) -> None:
        """Let work that is due be done."""
        for _ in range(50):
            await asyncio.sleep(0)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    clock = ManualClock()
    region = region_in(tmp_path, world=World(clock=clock))
    await region.start()
    yield Lab(region, clock)
    await region.stop()
