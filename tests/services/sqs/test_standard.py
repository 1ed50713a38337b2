"""Standard queues as time passes: visibility, delays, waiting, retention."""

import asyncio

import pytest

from panregion.services.sqs.work import SWEEP_EVERY_S
from tests.services.sqs.lab import Lab


async def test_a_message_is_received_hidden_seen_again_and_deleted(lab: Lab) -> None:
    url = await lab.queue(VisibilityTimeout="30")
    await lab.send(url, "a")
    (first,) = await lab.receive(url, AttributeNames=["ApproximateReceiveCount"])
    assert first["Attributes"] == {"ApproximateReceiveCount": "1"}
    assert await lab.receive(url) == []
    await lab.after(29.9)
    assert await lab.receive(url) == []
    await lab.after(0.2)
    (second,) = await lab.receive(url, AttributeNames=["All"])
    assert second["Attributes"]["ApproximateReceiveCount"] == "2"
    assert second["ReceiptHandle"] != first["ReceiptHandle"]
    await lab.delete(url, second)
    await lab.after(60)
    assert await lab.receive(url) == []


async def test_a_receipt_that_is_no_longer_the_last_deletes_nothing(lab: Lab) -> None:
    url = await lab.queue(VisibilityTimeout="0")
    await lab.send(url, "a")
    (first,) = await lab.receive(url)
    (second,) = await lab.receive(url)
    await lab.delete(url, first)
    assert await lab.counts(url) == (1, 0, 0)
    await lab.delete(url, second)
    assert await lab.counts(url) == (0, 0, 0)
    await lab.delete(url, second)  # deleting once more is fine


async def test_a_late_receipt_still_deletes_until_the_message_is_received_again(lab: Lab) -> None:
    url = await lab.queue(VisibilityTimeout="5")
    await lab.send(url, "a")
    (message,) = await lab.receive(url)
    await lab.after(6)
    await lab.delete(url, message)
    assert await lab.receive(url) == []


async def test_messages_come_in_the_order_in_which_they_were_sent(lab: Lab) -> None:
    url = await lab.queue()
    await lab.send(url, *"abcdefghijkl")
    assert await lab.bodies(url, 1) == ["a"]
    assert await lab.bodies(url) == list("bcdefghijk")
    assert await lab.bodies(url) == ["l"]


async def test_delays_of_the_queue_and_of_the_message(lab: Lab) -> None:
    url = await lab.queue(DelaySeconds="10")
    await lab.send(url, "by the queue")
    await lab.send(url, "by itself", DelaySeconds=20)
    await lab.send(url, "at once", DelaySeconds=0)
    assert await lab.bodies(url) == ["at once"]
    assert await lab.counts(url) == (0, 1, 2)
    await lab.after(10)
    assert await lab.bodies(url) == ["by the queue"]
    await lab.after(10)
    assert await lab.bodies(url) == ["by itself"]


async def test_changed_visibility_counts_from_the_change(lab: Lab) -> None:
    url = await lab.queue(VisibilityTimeout="30")
    await lab.send(url, "a")
    (message,) = await lab.receive(url)
    handle = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
    await lab.after(20)
    await lab.ask("ChangeMessageVisibility", **handle, VisibilityTimeout=60)
    await lab.after(20)
    await lab.ask("ChangeMessageVisibility", **handle, VisibilityTimeout=50)
    await lab.after(49)
    assert await lab.receive(url) == []
    assert await lab.counts(url) == (0, 1, 0)
    await lab.delete(url, message)  # by the handle of before the changes
    await lab.after(60)
    assert await lab.receive(url) == []


async def test_visibility_zero_gives_a_message_back(lab: Lab) -> None:
    url = await lab.queue()
    await lab.send(url, "a")
    (message,) = await lab.receive(url)
    handle = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
    await lab.ask("ChangeMessageVisibility", **handle, VisibilityTimeout=0)
    error = await lab.refused("ChangeMessageVisibility", **handle, VisibilityTimeout=10)
    assert error.code == "MessageNotInflight"
    assert await lab.bodies(url) == ["a"]
    error = await lab.refused("ChangeMessageVisibility", **handle, VisibilityTimeout=10)
    assert error.code == "InvalidParameterValue"
    assert "Message does not exist or is not available for visibility timeout change" in error.message


async def test_no_message_is_hidden_for_longer_than_twelve_hours(lab: Lab) -> None:
    url = await lab.queue()
    await lab.send(url, "a")
    (message,) = await lab.receive(url)
    await lab.after(10)
    handle = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
    error = await lab.refused("ChangeMessageVisibility", **handle, VisibilityTimeout=43_200)
    assert "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]" in error.message
    await lab.ask("ChangeMessageVisibility", **handle, VisibilityTimeout=43_190)


async def test_a_waiting_receiver_is_woken_by_a_message(lab: Lab) -> None:
    url = await lab.queue()
    waiting = asyncio.create_task(lab.bodies(url, WaitTimeSeconds=20))
    await lab.after(5)
    assert not waiting.done()
    await lab.send(url, "a")
    assert await waiting == ["a"]


async def test_a_waiting_receiver_is_woken_when_a_message_may_be_seen_again(lab: Lab) -> None:
    url = await lab.queue(ReceiveMessageWaitTimeSeconds="20")
    await lab.send(url, "hidden", "delayed")
    await lab.receive(url, 2, VisibilityTimeout=7)
    waiting = asyncio.create_task(lab.bodies(url))
    await lab.after(6)
    assert not waiting.done()
    await lab.after(1.5)
    assert await waiting == ["hidden", "delayed"]


async def test_waiting_ends_with_nothing(lab: Lab) -> None:
    url = await lab.queue()
    waiting = asyncio.create_task(lab.receive(url, WaitTimeSeconds=3))
    await lab.after(2.9)
    assert not waiting.done()
    await lab.after(0.2)
    assert await waiting == []


async def test_of_many_who_wait_one_gets_the_message(lab: Lab) -> None:
    url = await lab.queue()
    waiting = [asyncio.create_task(lab.bodies(url, WaitTimeSeconds=10)) for _ in range(100)]
    await lab.after(1)
    await lab.send(url, "a")
    await lab.after(10)
    assert sorted(await asyncio.gather(*waiting)) == [[]] * 99 + [["a"]]


async def test_waiting_ends_when_the_queue_is_deleted(lab: Lab) -> None:
    url = await lab.queue()
    waiting = asyncio.create_task(lab.refused("ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20))
    await lab.after(1)
    await lab.ask("DeleteQueue", QueueUrl=url)
    assert (await waiting).code == "QueueDoesNotExist"


async def test_expired_messages_are_gone_and_are_swept(lab: Lab) -> None:
    url = await lab.queue(MessageRetentionPeriod="60")
    await lab.send(url, "a" * 5000, "b")
    await lab.after(30)
    await lab.send(url, "c")
    await lab.after(40)
    assert await lab.counts(url) == (1, 0, 0)
    await lab.after(SWEEP_EVERY_S)
    left = lab.region.store.read(lambda tx: [key for key, _ in tx.prefix(("sqs-messages",))])
    assert left == []
    assert lab.region.store.read(lambda tx: list(tx.prefix(("sqs-bodies",)))) == []


async def test_a_purge_empties_the_queue_and_is_allowed_once_a_minute(lab: Lab) -> None:
    url = await lab.queue("purged")
    await lab.send(url, "a", "b" * 5000, "c")
    (message,) = await lab.receive(url, 1)
    await lab.ask("PurgeQueue", QueueUrl=url)
    assert await lab.counts(url) == (0, 0, 0)
    await lab.send(url, "d")
    await lab.delete(url, message)  # of before the purge
    assert await lab.bodies(url) == ["d"]
    error = await lab.refused("PurgeQueue", QueueUrl=url)
    assert error.message == "Only one PurgeQueue operation on purged is allowed every 60 seconds."
    await lab.after(60)
    assert lab.region.store.read(lambda tx: len(list(tx.prefix(("sqs-messages",))))) == 1
    assert lab.region.store.read(lambda tx: list(tx.prefix(("sqs-bodies",)))) == []
    await lab.ask("PurgeQueue", QueueUrl=url)


async def test_a_deleted_queues_name_is_free_after_a_minute(lab: Lab) -> None:
    url = await lab.queue("q")
    await lab.send(url, "a")
    await lab.ask("DeleteQueue", QueueUrl=url)
    error = await lab.refused("CreateQueue", QueueName="q")
    assert error.code == "QueueDeletedRecently"
    await lab.after(60)
    url = await lab.queue("q")
    assert await lab.receive(url) == []


async def test_too_many_messages_in_flight(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panregion.services.sqs.running.INFLIGHT_MAX", 3)
    url = await lab.queue(VisibilityTimeout="30")
    await lab.send(url, *"abcde")
    messages = await lab.receive(url)
    assert len(messages) == 3
    error = await lab.refused("ReceiveMessage", QueueUrl=url)
    assert (error.code, error.status) == ("OverLimit", 403)
    await lab.delete(url, messages[0])
    assert await lab.bodies(url) == ["d"]
    await lab.after(31)  # those three count no more
    assert len(await lab.receive(url)) == 3


async def test_a_long_body_lies_apart_and_goes_with_its_message(lab: Lab) -> None:
    url = await lab.queue()
    body = "ä" * 300_000
    await lab.send(url, body)
    (message,) = await lab.receive(url)
    assert message["Body"] == body
    await lab.delete(url, message)
    assert lab.region.store.read(lambda tx: list(tx.prefix(("sqs-bodies",)))) == []
