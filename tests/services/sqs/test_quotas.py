"""FIFO queues that throttle, where the world file wants it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from panregion.services.sqs.quotas import CALLS_PER_S
from panregion.world import ManualClock, World
from panregion.world.settings import Sqs
from tests.services.sqs.lab import Lab
from tests.support import region_in

MANY = int(CALLS_PER_S)


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Lab]:
    clock = ManualClock()
    region = region_in(tmp_path, world=World(clock=clock), sqs=Sqs(enforce_throughput=True))
    await region.start()
    yield Lab(region, clock)
    await region.stop()


async def send_many(lab: Lab, url: str, group: str, count: int) -> None:
    for number in range(count):
        ids = {"MessageGroupId": group, "MessageDeduplicationId": f"{group}-{number}"}
        await lab.ask("SendMessage", QueueUrl=url, MessageBody="x", **ids)


async def test_a_fifo_queue_takes_300_calls_a_second_of_each_kind(strict: Lab) -> None:
    url = await strict.queue("q.fifo", ContentBasedDeduplication="true")
    await send_many(strict, url, "a", MANY)
    error = await strict.refused("SendMessage", QueueUrl=url, MessageBody="x", MessageGroupId="b")
    assert error.code == "RequestThrottled"
    entries = [{"Id": "1", "MessageBody": "x", "MessageGroupId": "b"}]
    assert (await strict.refused("SendMessageBatch", QueueUrl=url, Entries=entries)).code == "RequestThrottled"
    [message] = await strict.receive(url, 1)
    await strict.delete(url, message)
    await strict.clock.advance(0.5)
    await send_many(strict, url, "c", MANY // 2)


async def test_high_throughput_counts_sends_by_group(strict: Lab) -> None:
    high = {"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
    url = await strict.queue("high.fifo", **high)
    await send_many(strict, url, "a", MANY)
    ids = {"MessageGroupId": "a", "MessageDeduplicationId": "more"}
    assert (await strict.refused("SendMessage", QueueUrl=url, MessageBody="x", **ids)).code == "RequestThrottled"
    await send_many(strict, url, "b", MANY)
    for _ in range(MANY + 1):
        await strict.receive(url, 1)


async def test_a_standard_queue_takes_what_comes(strict: Lab) -> None:
    url = await strict.queue()
    await strict.send(url, *["x"] * (MANY + 1))


async def test_nothing_throttles_unless_it_is_wanted(lab: Lab) -> None:
    url = await lab.queue("q.fifo", ContentBasedDeduplication="true")
    await send_many(lab, url, "a", MANY + 1)
