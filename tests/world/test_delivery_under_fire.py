"""Producers go on sending while the region is killed again and again: what was acknowledged arrives, groups in order.

A real region process, real SIGKILL, every way from a producer to a queue or a function:

    plain, ordered.fifo                    SQS, received by us
    topical, ruled, piped                  a topic, a rule, a pipe from another queue; to queues, received by us
    ordered-topic.fifo                     a FIFO topic to a FIFO queue
    f-topic, f-rule, f-async               a topic, a rule, an asynchronous invocation; to functions
    f-queue, f-ordered.fifo                functions with event source mappings of a queue, and of a FIFO queue

PANREGION_TEST_FIRE_S says for how many seconds.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from panregion.world.settings import Ports
from tests.world.messaging import ROLE, Failed, Ledger, Messaging, arn

FIRE_S = float(os.environ.get("PANREGION_TEST_FIRE_S", "12"))
KILL_EVERY_S = 2.5
KILLS_MIN = 3
PRODUCERS = 4
ARRIVE_S = 90.0
RECEIVED = ("plain", "ordered.fifo", "topical", "ruled", "piped", "ordered-topic.fifo")
WRITTEN = ("f-topic", "f-rule", "f-async", "f-queue", "f-ordered.fifo")
WAYS = (*RECEIVED, *WRITTEN)
ORDERED = tuple(way for way in WAYS if way.endswith(".fifo"))


@pytest.fixture
async def victim(tmp_path: Path, ports: Ports) -> AsyncIterator[Messaging]:
    victim = Messaging(tmp_path, ports)
    await victim.start()
    try:
        yield victim
    finally:
        await victim.kill()
        await victim.client.close()


async def prepare(victim: Messaging, folder: Path) -> None:
    for way in (*RECEIVED, "into-pipe", "f-queue", "f-ordered.fifo"):
        fifo = {"FifoQueue": "true"} if way.endswith(".fifo") else {}
        await victim.sqs("CreateQueue", QueueName=way, Attributes={"VisibilityTimeout": "3", **fifo})
    await asyncio.gather(*(victim.deploy(_function(way), folder / way) for way in WRITTEN))
    await _topics(victim)
    for name, target in (("ruled", arn("sqs", "ruled")), ("f-rule", arn("lambda", "function:f-rule"))):
        await victim.events("PutRule", Name=name, EventPattern=f'{{"source": ["{name}"]}}')
        whole = {"InputPath": "$.detail-type"} if name == "ruled" else {}
        await victim.events("PutTargets", Rule=name, Targets=[{"Id": "1", "Arn": target, **whole}])
    pipe = {"RoleArn": ROLE, "Source": arn("sqs", "into-pipe"), "Target": arn("sqs", "piped")}
    await victim.rest("pipes", "/v1/pipes/p", {**pipe, "TargetParameters": {"InputTemplate": '"<$.body>"'}})
    for way in ("f-queue", "f-ordered.fifo"):
        mapping = {"FunctionName": _function(way), "EventSourceArn": arn("sqs", way)}
        await victim.rest("lambda", "/2015-03-31/event-source-mappings", mapping)


def _function(way: str) -> str:
    return way.removesuffix(".fifo")


async def _topics(victim: Messaging) -> None:
    fifo = {"Attributes.entry.1.key": "FifoTopic", "Attributes.entry.1.value": "true"}
    raw = {"Attributes.entry.1.key": "RawMessageDelivery", "Attributes.entry.1.value": "true"}
    await victim.sns("CreateTopic", Name="topical")
    await victim.sns("CreateTopic", Name="f-topic")
    await victim.sns("CreateTopic", Name="ordered-topic.fifo", **fifo)
    for topic in ("topical", "ordered-topic.fifo"):
        await victim.sns("Subscribe", TopicArn=arn("sns", topic), Protocol="sqs", Endpoint=arn("sqs", topic), **raw)
    function = arn("lambda", "function:f-topic")
    await victim.sns("Subscribe", TopicArn=arn("sns", "f-topic"), Protocol="lambda", Endpoint=function)


async def send(victim: Messaging, way: str, group: str, body: str) -> None:
    """Send an event on its way. Raises Failed."""
    ordered = {"MessageGroupId": group, "MessageDeduplicationId": body} if way in ORDERED else {}
    match way:
        case "topical" | "f-topic" | "ordered-topic.fifo":
            await victim.sns("Publish", TopicArn=arn("sns", way), Message=body, **ordered)
        case "ruled" | "f-rule":
            answer = await victim.events("PutEvents", Entries=[{"Source": way, "DetailType": body, "Detail": "{}"}])
            assert answer["FailedEntryCount"] == 0
        case "f-async":
            path = "/2015-03-31/functions/f-async/invocations"
            await victim.rest("lambda", path, {"body": body}, ("X-Amz-Invocation-Type", "Event"))
        case _:
            queue = "into-pipe" if way == "piped" else way
            await victim.sqs("SendMessage", QueueUrl=victim.url(queue), MessageBody=body, **ordered)


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
    """Send numbered events by every way, each again until it is acknowledged."""
    number = 0
    while not ended.is_set():
        body = f"{group}-{number}"
        for way in WAYS:
            if not await until_acknowledged(partial(send, victim, way, group, body), ended):
                return
            ledger.acknowledged[way].append(body)
        number += 1


async def consume(victim: Messaging, ledger: Ledger, queue: str, arrived: asyncio.Event) -> None:
    """Receive and delete until all has arrived."""
    while not arrived.is_set():
        try:
            params = {"QueueUrl": victim.url(queue), "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1}
            for message in (await victim.sqs("ReceiveMessage", **params)).get("Messages", []):
                ledger.received[queue].append(message["Body"].strip('"'))
                handle = {"QueueUrl": victim.url(queue), "ReceiptHandle": message["ReceiptHandle"]}
                await victim.sqs("DeleteMessage", **handle)
        except Failed:
            await asyncio.sleep(0.02)


async def fire(victim: Messaging, ledger: Ledger) -> int:
    """Kill the region every few seconds, for longer where a busy machine has done little meanwhile; how often."""
    loop = asyncio.get_running_loop()
    end, kills = loop.time() + FIRE_S, 0
    while loop.time() < end or kills < KILLS_MIN or len(ledger.acknowledged[WAYS[-1]]) <= 4 * PRODUCERS:
        await asyncio.sleep(KILL_EVERY_S)
        await victim.kill()
        kills += 1
        await victim.start()
    return kills


async def all_arrived(ledger: Ledger, folder: Path) -> None:
    """Until nothing is missing, or it is no use to wait any longer."""
    end = asyncio.get_running_loop().time() + ARRIVE_S
    while asyncio.get_running_loop().time() < end:
        for way in WRITTEN:
            ledger.read(way, folder / way)
        if not any(ledger.lost(way) for way in WAYS):
            return
        await asyncio.sleep(0.2)


@pytest.mark.timeout(240 + 2 * FIRE_S + ARRIVE_S)
async def test_nothing_acknowledged_is_lost_and_groups_keep_their_order(victim: Messaging, tmp_path: Path) -> None:
    await prepare(victim, tmp_path)
    ledger, ended, arrived = Ledger(), asyncio.Event(), asyncio.Event()
    producers = [asyncio.create_task(produce(victim, ledger, f"g{n}", ended)) for n in range(PRODUCERS)]
    consumers = [asyncio.create_task(consume(victim, ledger, queue, arrived)) for queue in RECEIVED]
    kills = await fire(victim, ledger)
    ended.set()
    await asyncio.gather(*producers)
    await all_arrived(ledger, tmp_path)
    arrived.set()
    await asyncio.gather(*consumers)
    for way in WAYS:
        sent, lost, twice = len(ledger.acknowledged[way]), ledger.lost(way), ledger.duplicates(way)
        print(f"{way}: {sent} acknowledged, {len(lost)} lost, {twice} came again, {kills} kills")
        assert sent > 4 * PRODUCERS
        assert lost == []
    for way in ORDERED:
        for number in range(PRODUCERS):
            order = ledger.first_seen(way, f"g{number}")
            assert order == sorted(order), way
            assert order[: len(order) - 1] == list(range(len(order) - 1)), way
