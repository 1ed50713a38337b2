"""FIFO queues: order within groups, groups beside one another, deduplication."""

import asyncio

from tests.services.sqs.lab import Json, Lab


async def fill(lab: Lab, url: str, *messages: str) -> None:
    """Send messages written as group and body: `a1` is `a1` of group `a`."""
    for number, text in enumerate(messages):
        await lab.send(url, text, MessageGroupId=text[0], MessageDeduplicationId=f"{text}-{number}")


async def test_a_group_waits_for_what_of_it_is_in_flight_and_others_do_not(lab: Lab) -> None:
    url = await lab.queue("q.fifo")
    await fill(lab, url, "a1", "b1", "a2", "a3", "b2")
    (first,) = await lab.receive(url, 1)
    assert first["Body"] == "a1"
    assert await lab.bodies(url) == ["b1", "b2"]
    assert await lab.bodies(url) == []
    await lab.delete(url, first)
    assert await lab.bodies(url) == ["a2", "a3"]


async def test_what_is_not_deleted_comes_again_before_what_follows(lab: Lab) -> None:
    url = await lab.queue("q.fifo", VisibilityTimeout="10")
    await fill(lab, url, "a1", "a2", "a3")
    one, two = await lab.receive(url, 2)
    await lab.delete(url, two)
    assert await lab.bodies(url) == []
    await lab.after(11)
    assert await lab.bodies(url) == ["a1", "a3"]
    error = await lab.refused("DeleteMessage", QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    assert error.message.endswith("Reason: The receipt handle has expired.")


async def test_an_expired_receipt_deletes_nothing(lab: Lab) -> None:
    url = await lab.queue("q.fifo", VisibilityTimeout="1")
    await fill(lab, url, "a1")
    (message,) = await lab.receive(url)
    await lab.after(1.1)
    error = await lab.refused("DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert error.code == "InvalidParameterValue"
    assert await lab.counts(url) == (1, 0, 0)


async def test_changed_visibility_holds_the_group(lab: Lab) -> None:
    url = await lab.queue("q.fifo", VisibilityTimeout="10")
    await fill(lab, url, "a1", "a2")
    (message,) = await lab.receive(url, 1)
    handle = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
    await lab.ask("ChangeMessageVisibility", **handle, VisibilityTimeout=100)
    await lab.after(99)
    assert await lab.bodies(url) == []
    await lab.ask("ChangeMessageVisibility", **handle, VisibilityTimeout=0)
    assert await lab.bodies(url) == ["a1", "a2"]


async def test_sequence_numbers_grow_and_duplicates_get_the_first_ones_answer(lab: Lab) -> None:
    url = await lab.queue("q.fifo")
    to = {"MessageGroupId": "g"}
    (first,) = await lab.send(url, "a", **to, MessageDeduplicationId="1")
    (second,) = await lab.send(url, "b", **to, MessageDeduplicationId="2")
    (again,) = await lab.send(url, "other", MessageGroupId="h", MessageDeduplicationId="1")
    assert len(first["SequenceNumber"]) == 20
    assert int(second["SequenceNumber"]) > int(first["SequenceNumber"])
    assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    for message in await lab.receive(url):
        await lab.delete(url, message)
    await lab.send(url, "a", **to, MessageDeduplicationId="1")
    assert await lab.receive(url) == []
    await lab.after(299)
    await lab.send(url, "a", **to, MessageDeduplicationId="1")
    assert await lab.receive(url) == []
    await lab.after(2)
    await lab.send(url, "a", **to, MessageDeduplicationId="1")
    assert await lab.bodies(url) == ["a"]


async def test_deduplication_by_content_and_by_group(lab: Lab) -> None:
    url = await lab.queue(
        "q.fifo",
        ContentBasedDeduplication="true",
        DeduplicationScope="messageGroup",
        FifoThroughputLimit="perMessageGroupId",
    )
    for group in ("a", "a", "b"):
        await lab.send(url, "same", MessageGroupId=group)
    messages = await lab.receive(url, AttributeNames=["MessageGroupId", "MessageDeduplicationId"])
    assert [message["Attributes"]["MessageGroupId"] for message in messages] == ["a", "b"]
    digest = "0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5"
    assert messages[0]["Attributes"]["MessageDeduplicationId"] == digest


async def test_old_deduplication_ids_are_swept(lab: Lab) -> None:
    url = await lab.queue("q.fifo")
    await fill(lab, url, "a1", "b1")
    await lab.after(1000)
    assert lab.region.store.read(lambda tx: list(tx.prefix(("sqs-seen",)))) == []


async def test_the_queues_delay_holds_for_messages_that_are_in_it(lab: Lab) -> None:
    url = await lab.queue("q.fifo", DelaySeconds="10")
    await fill(lab, url, "a1")
    assert await lab.counts(url) == (0, 0, 1)
    await lab.after(5)
    await fill(lab, url, "a2", "b1")
    await lab.after(5)
    assert await lab.bodies(url) == ["a1"]
    error = await lab.refused(
        "SendMessage",
        QueueUrl=url,
        MessageBody="x",
        MessageGroupId="a",
        MessageDeduplicationId="x",
        DelaySeconds=2,
    )
    assert error.message == (
        "Value 2 for parameter DelaySeconds is invalid. Reason: "
        "The request include parameter that is not valid for this queue type."
    )


async def test_a_receiver_waits_for_the_group_to_be_free(lab: Lab) -> None:
    url = await lab.queue("q.fifo")
    await fill(lab, url, "a1", "a2")
    (first,) = await lab.receive(url, 1)
    waiting = asyncio.create_task(lab.bodies(url, WaitTimeSeconds=20))
    await lab.after(1)
    assert not waiting.done()
    await lab.delete(url, first)
    assert await waiting == ["a2"]


async def test_a_lost_answer_is_given_again(lab: Lab) -> None:
    url = await lab.queue("q.fifo", VisibilityTimeout="30")
    await fill(lab, url, "a1", "a2", "b1")

    async def receive(attempt: str) -> list[Json]:
        return await lab.receive(url, 2, ReceiveRequestAttemptId=attempt)

    first = await receive("one")
    await lab.after(20)
    assert await receive("one") == first
    await lab.after(20)  # its visibility began anew
    assert await receive("one") == first
    assert [message["Body"] for message in await receive("two")] == ["b1"]
    await lab.delete(url, first[0])
    assert await receive("one") == []


async def test_expired_messages_leave_the_line(lab: Lab) -> None:
    url = await lab.queue("q.fifo", MessageRetentionPeriod="60")
    await fill(lab, url, "a1")
    await lab.after(30)
    await fill(lab, url, "a2")
    await lab.after(31)
    assert await lab.counts(url) == (1, 0, 0)
    assert await lab.bodies(url) == ["a2"]
    await lab.after(200)
    assert lab.region.store.read(lambda tx: list(tx.prefix(("sqs-lines",)))) == []
    assert lab.region.store.read(lambda tx: list(tx.prefix(("sqs-groups",)))) == []
    assert lab.region.store.read(lambda tx: list(tx.prefix(("sqs-turns",)))) == []


async def test_a_purge_keeps_the_order_of_what_follows(lab: Lab) -> None:
    url = await lab.queue("q.fifo")
    await fill(lab, url, "a1", "a2")
    await lab.ask("PurgeQueue", QueueUrl=url)
    await fill(lab, url, "a3", "a4")
    assert await lab.bodies(url) == ["a3", "a4"]
    await lab.after(1)
    assert lab.region.store.read(lambda tx: len(list(tx.prefix(("sqs-lines",))))) == 2
