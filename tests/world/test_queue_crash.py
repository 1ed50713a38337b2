"""Producers go on sending while the region is killed again and again: what was acknowledged arrives, groups in order.

A real region process, real SIGKILL. PANREGION_TEST_KILLS says how many times.
"""

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from panregion.world import ClientError
from tests.world.crash import REGION, Victim

KILLS = int(os.environ.get("PANREGION_TEST_KILLS", "4"))
KILL_EVERY_S = 0.7
PRODUCERS = 4
ACCOUNT = "000000000000"
QUEUES = ("plain", "ordered.fifo", "topical", "ruled")
"""One is sent to, two are reached through a topic and a rule."""


class Failed(Exception):
    """The region did not acknowledge."""


class Messaging(Victim):
    """A region's process, and SQS, SNS and EventBridge requests to it."""

    def url(self, queue: str) -> str:
        return f"{self.settings.endpoint(REGION)}/{ACCOUNT}/{queue}"

    async def sqs(self, operation: str, **params: Any) -> dict[str, Any]:
        """Raises Failed."""
        return await self._json("sqs", f"AmazonSQS.{operation}", params)

    async def events(self, operation: str, **params: Any) -> dict[str, Any]:
        """Raises Failed."""
        return await self._json("events", f"AWSEvents.{operation}", params)

    async def _json(self, service: str, target: str, params: dict[str, Any]) -> dict[str, Any]:
        scope = f"Credential=test/20261121/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        headers = [("Authorization", f"AWS4-HMAC-SHA256 {scope}"), ("X-Amz-Target", target)]
        answer: dict[str, Any] = msgspec.json.decode(await self._post(headers, msgspec.json.encode(params)) or b"{}")
        return answer

    async def sns(self, action: str, **fields: str) -> None:
        """Raises Failed."""
        form = urlencode({"Action": action, "Version": "2010-03-31", **fields}).encode()
        await self._post([("Content-Type", "application/x-www-form-urlencoded")], form)

    async def _post(self, headers: list[tuple[str, str]], body: bytes) -> bytes:
        try:
            response = await self.client.send("POST", self.settings.endpoint(REGION) + "/", headers, body, timeout_s=5)
        except ClientError as error:
            raise Failed(str(error)) from error
        assert isinstance(response.body, bytes)
        if response.status != 200:
            raise Failed(response.body.decode())
        return response.body


@dataclass
class Ledger:
    """What was acknowledged, and what came."""

    acknowledged: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Queue -> bodies."""
    received: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def lost(self, queue: str) -> list[str]:
        return sorted(set(self.acknowledged[queue]) - set(self.received[queue]))

    def duplicates(self, queue: str) -> int:
        return sum(count - 1 for count in Counter(self.received[queue]).values())

    def first_seen(self, queue: str, group: str) -> list[int]:
        """The numbers of a group's messages in the order in which they first came."""
        bodies = dict.fromkeys(body for body in self.received[queue] if body.startswith(f"{group}-"))
        return [int(body.rpartition("-")[2]) for body in bodies]


@pytest.fixture
async def victim(tmp_path: Path) -> AsyncIterator[Messaging]:
    victim = Messaging(tmp_path, 24566)
    await victim.start()
    try:
        yield victim
    finally:
        await victim.kill()
        await victim.client.close()


async def prepare(victim: Messaging) -> None:
    standard, fifo = {"VisibilityTimeout": "3"}, {"VisibilityTimeout": "3", "FifoQueue": "true"}
    for name, attributes in (("plain", standard), ("topical", standard), ("ruled", standard), ("ordered.fifo", fifo)):
        await victim.sqs("CreateQueue", QueueName=name, Attributes=attributes)
    await victim.events("PutRule", Name="r", EventPattern='{"source": ["producer"]}')
    target = {"Id": "1", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:ruled", "InputPath": "$.detail-type"}
    await victim.events("PutTargets", Rule="r", Targets=[target])
    await victim.sns("CreateTopic", Name="t")
    await victim.sns(
        "Subscribe",
        TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:t",
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:topical",
        **{"Attributes.entry.1.key": "RawMessageDelivery", "Attributes.entry.1.value": "true"},
    )


async def until_acknowledged(attempt: Callable[[], Awaitable[None]], ended: asyncio.Event) -> bool:
    """Ask again until it is acknowledged; False if the end came first."""
    while True:
        try:
            await attempt()
        except Failed:
            if ended.is_set():
                return False
            await asyncio.sleep(0.02)
        else:
            return True


async def produce(victim: Messaging, ledger: Ledger, group: str, ended: asyncio.Event) -> None:
    """Send numbered messages by three ways, each again until it is acknowledged."""
    number = 0
    while not ended.is_set():
        body = f"{group}-{number}"
        for queue in QUEUES:
            if not await until_acknowledged(partial(send, victim, queue, group, body), ended):
                return
            ledger.acknowledged[queue].append(body)
        number += 1


async def send(victim: Messaging, queue: str, group: str, body: str) -> None:
    """Send a message on its way to that queue. Raises Failed."""
    if queue == "topical":
        await victim.sns("Publish", TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:t", Message=body)
        return
    if queue == "ruled":
        entry = {"Source": "producer", "DetailType": body, "Detail": "{}"}
        await victim.events("PutEvents", Entries=[entry])
        return
    ordered = {"MessageGroupId": group, "MessageDeduplicationId": body} if queue.endswith(".fifo") else {}
    await victim.sqs("SendMessage", QueueUrl=victim.url(queue), MessageBody=body, **ordered)


async def consume(victim: Messaging, ledger: Ledger, queue: str, ended: asyncio.Event) -> None:
    """Receive and delete until nothing is left after the end."""
    empty = 0
    while empty < 3:
        try:
            answer = await victim.sqs(
                "ReceiveMessage", QueueUrl=victim.url(queue), MaxNumberOfMessages=10, WaitTimeSeconds=2
            )
            messages = answer.get("Messages", [])
            for message in messages:
                ledger.received[queue].append(message["Body"].strip('"'))
                handle = {"QueueUrl": victim.url(queue), "ReceiptHandle": message["ReceiptHandle"]}
                await victim.sqs("DeleteMessage", **handle)
        except Failed:
            await asyncio.sleep(0.02)
            continue
        empty = empty + 1 if ended.is_set() and not messages else 0


@pytest.mark.timeout(60 + 12 * KILLS)
async def test_nothing_acknowledged_is_lost_and_groups_keep_their_order(victim: Messaging) -> None:
    await prepare(victim)
    ledger, ended = Ledger(), asyncio.Event()
    tasks = [asyncio.create_task(produce(victim, ledger, f"g{n}", ended)) for n in range(PRODUCERS)]
    tasks += [asyncio.create_task(consume(victim, ledger, queue, ended)) for queue in QUEUES]
    for _ in range(KILLS):
        await asyncio.sleep(KILL_EVERY_S)
        await victim.kill()
        await victim.start()
    ended.set()
    await asyncio.gather(*tasks)
    for queue in QUEUES:
        sent, twice = len(ledger.acknowledged[queue]), ledger.duplicates(queue)
        print(f"{queue}: {sent} acknowledged, {twice} came twice, {KILLS} kills")
        assert sent > PRODUCERS
        assert ledger.lost(queue) == []
    for number in range(PRODUCERS):
        order = ledger.first_seen("ordered.fifo", f"g{number}")
        assert order == sorted(order)
        assert order[: len(order) - 1] == list(range(len(order) - 1))
