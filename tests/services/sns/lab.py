"""A region with topics, queues, a function that remembers and a web that answers as told; time stands still."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from panregion.region import Region
from panregion.region.table import Entry
from panregion.services.web import WEB
from panregion.store import MemoryEngine
from panregion.wire import AwsError
from panregion.world import ClientError, ManualClock, Response, SeededChance, World, direct_dial
from panregion.world.settings import Ports
from tests.services.sns.lambda_double import INVOKED
from tests.support import REGION, settings_in

Json = dict[str, Any]

TABLE = {
    "sns": Entry("panregion.services.sns", plane=True),
    "sqs": Entry("panregion.services.sqs"),
    "lambda": Entry("tests.services.sns.lambda_double"),
}
ARN = f"arn:aws:sns:{REGION}:000000000000:"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:000000000000:"


@dataclass
class Web:
    """Web servers: what was sent to them, and the statuses that they answer (0: nobody is there)."""

    answers: list[int] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], str]] = field(default_factory=list)

    async def send(
        self, _method: str, url: str, headers: list[tuple[str, str]], body: bytes, *, timeout_s: float
    ) -> Response:
        assert timeout_s > 0
        self.requests.append((url, dict(headers), body.decode()))
        status = self.answers.pop(0) if self.answers else 200
        if status == 0:
            raise ClientError("nobody is there")
        return Response(status)

    async def close(self) -> None:
        """Nothing is open."""


class Lab:
    """Asked by operation name with AWS's parameters."""

    def __init__(self, region: Region, clock: ManualClock, web: Web) -> None:
        self.region = region
        self.clock = clock
        self.web = web

    async def ask(self, operation: str, **params: Any) -> Json:
        return await self.region.ask("sns", operation, params)

    async def refused(self, operation: str, **params: Any) -> AwsError:
        with pytest.raises(AwsError) as raised:
            await self.ask(operation, **params)
        return raised.value

    async def topic(self, topic_name: str = "t", **attributes: str) -> str:
        if topic_name.endswith(".fifo"):
            attributes = {"FifoTopic": "true", **attributes}
        arn: str = (await self.ask("CreateTopic", Name=topic_name, Attributes=attributes))["TopicArn"]
        return arn

    async def queue(self, name: str = "q", region: Region | None = None) -> str:
        attributes = {"FifoQueue": "true", "VisibilityTimeout": "0"} if name.endswith(".fifo") else {}
        asked = {"QueueName": name, "Attributes": attributes}
        url: str = (await (region or self.region).ask("sqs", "CreateQueue", asked))["QueueUrl"]
        return url

    async def subscribe(self, topic: str, protocol: str, endpoint: str, **attributes: Any) -> str:
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in attributes.items()}
        answer = await self.ask(
            "Subscribe",
            TopicArn=topic,
            Protocol=protocol,
            Endpoint=endpoint,
            Attributes=texts,
            ReturnSubscriptionArn=True,
        )
        arn: str = answer["SubscriptionArn"]
        return arn

    async def publish(self, topic: str, message: str, **params: Any) -> Json:
        return await self.ask("Publish", TopicArn=topic, Message=message, **params)

    async def received(self, url: str, region: Region | None = None) -> list[Json]:
        """All that is on a queue, which is then empty."""
        found: list[Json] = []
        asked = {
            "QueueUrl": url,
            "MaxNumberOfMessages": 10,
            "MessageAttributeNames": ["All"],
            "AttributeNames": ["All"],
            "VisibilityTimeout": 30,
        }
        where = region or self.region
        while messages := (await where.ask("sqs", "ReceiveMessage", asked)).get("Messages"):
            for message in messages:
                handle = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
                await where.ask("sqs", "DeleteMessage", handle)
            found += messages
        return found

    async def bodies(self, url: str, region: Region | None = None) -> list[str]:
        return [message["Body"] for message in await self.received(url, region)]

    @property
    def invoked(self) -> list[tuple[str, str, Json]]:
        state = self.region.here.running.get("lambda-double", {INVOKED: []})
        return [(name, kind, json.loads(payload)) for name, kind, payload in state[INVOKED]]

    def break_functions(self, times: int) -> None:
        self.region.here.running["lambda-double"] = {INVOKED: [], "failures": times}

    async def after(self, by_s: float) -> None:
        await self.clock.advance(by_s)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    clock, web = ManualClock(), Web()
    world = World(clock, SeededChance(1))
    region = Region(REGION, settings_in(tmp_path), MemoryEngine(), lambda _site: direct_dial, world, TABLE)
    region.dispatch._clients[WEB] = web  # type: ignore[assignment]
    await region.start()
    yield Lab(region, clock, web)
    await region.stop()


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Lab, Region]]:
    """A lab in us-east-1 whose links reach a region in Europe."""
    regions = (REGION, "eu-west-1")
    away = Region(
        "eu-west-1", settings_in(tmp_path, regions=regions), MemoryEngine(), lambda _site: direct_dial, None, TABLE
    )
    await away.start()
    port = await away.serve("127.0.2.1", 0)
    settings = settings_in(tmp_path, regions=regions, ports=Ports(gateway=port))
    clock, web = ManualClock(), Web()
    world = World(clock, SeededChance(1))
    home = Region(REGION, settings, MemoryEngine(), lambda _site: direct_dial, world, TABLE)
    await home.start()
    yield Lab(home, clock, web), away
    await home.stop()
    await away.stop()


async def eventually(condition: Any) -> None:
    """Wait until an asynchronous condition holds."""
    async with asyncio.timeout(10):
        while not await condition():
            await asyncio.sleep(0.005)
