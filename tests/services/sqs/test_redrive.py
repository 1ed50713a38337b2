"""Dead-letter queues and the way back."""

from base64 import b64encode

import msgspec
import pytest

from panregion.services.sqs.errors import InvalidAttributeValue, InvalidParameterValue
from panregion.services.sqs.redrive import parse_allow_policy, parse_redrive
from tests.services.sqs.lab import Lab

ARN = "arn:aws:sqs:us-east-1:000000000000:"


def redrive(target: str, receives: int | str) -> str:
    return msgspec.json.encode({"deadLetterTargetArn": ARN + target, "maxReceiveCount": receives}).decode()


async def test_a_message_received_too_often_goes_to_the_dead_letter_queue(lab: Lab) -> None:
    dead = await lab.queue("dead")
    url = await lab.queue("q", VisibilityTimeout="1", RedrivePolicy=redrive("dead", 2))
    (sent,) = await lab.send(url, "poison" * 1000, MessageAttributes={"a": {"DataType": "Number", "StringValue": "1"}})
    for _ in range(2):
        assert len(await lab.receive(url)) == 1
        await lab.after(1.1)
    assert await lab.receive(url) == []
    (message,) = await lab.receive(dead, AttributeNames=["All"], MessageAttributeNames=["All"])
    assert message["MessageId"] == sent["MessageId"]
    assert message["Body"] == "poison" * 1000
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == ARN + "q"
    assert message["Attributes"]["ApproximateReceiveCount"] == "3"
    assert message["MessageAttributes"] == {"a": {"DataType": "Number", "StringValue": "1"}}
    await lab.delete(dead, message)
    assert lab.region.store.read(lambda tx: list(tx.prefix(("sqs-bodies",)))) == []


async def test_what_follows_a_dead_message_is_received_in_its_place(lab: Lab) -> None:
    await lab.queue("dead.fifo")
    url = await lab.queue("q.fifo", VisibilityTimeout="0", RedrivePolicy=redrive("dead.fifo", "1"))
    for body in ("a1", "a2"):
        await lab.send(url, body, MessageGroupId="a", MessageDeduplicationId=body)
    assert await lab.bodies(url, 1) == ["a1"]
    assert await lab.bodies(url, 1) == ["a2"]
    assert await lab.bodies(url, 1) == []


async def test_without_its_dead_letter_queue_a_message_goes_on_being_received(lab: Lab) -> None:
    dead = await lab.queue("dead")
    url = await lab.queue("q", VisibilityTimeout="0", RedrivePolicy=redrive("dead", 1))
    await lab.ask("DeleteQueue", QueueUrl=dead)
    await lab.send(url, "a")
    for _ in range(3):
        assert await lab.bodies(url) == ["a"]


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ('{"deadLetterTargetArn": "dummy", "maxReceiveCount": 42}', "Invalid value for deadLetterTargetArn."),
        ("{", "Redrive policy is not a valid JSON map."),
        ("[]", "Redrive policy is not a valid JSON map."),
        ("{}", "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."),
        (
            f'{{"deadLetterTargetArn": "{ARN}q"}}',
            "Redrive policy does not contain mandatory attribute: maxReceiveCount.",
        ),
        (redrive("q", 0), "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive."),
        (
            redrive("q", 1001),
            "Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive.",
        ),
        (
            redrive("q", "many"),
            "Invalid value for maxReceiveCount: many, valid values are from 1 to 1000 both inclusive.",
        ),
    ],
)
def test_policies_that_cannot_be(policy: str, reason: str) -> None:
    with pytest.raises(InvalidParameterValue) as raised:
        parse_redrive(policy)
    assert raised.value.message == f"Value {policy} for parameter RedrivePolicy is invalid. Reason: {reason}"


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "[]",
        "{}",
        '{"redrivePermission": "some"}',
        '{"redrivePermission": "byQueue"}',
        '{"redrivePermission": "byQueue", "sourceQueueArns": []}',
        '{"redrivePermission": "allowAll", "sourceQueueArns": ["a"]}',
        msgspec.json.encode({"redrivePermission": "byQueue", "sourceQueueArns": ["a"] * 11}).decode(),
    ],
)
def test_allow_policies_that_cannot_be(policy: str) -> None:
    with pytest.raises(InvalidAttributeValue):
        parse_allow_policy(policy)


async def test_the_dead_letter_queue_says_whose_it_is(lab: Lab) -> None:
    allow = {"redrivePermission": "byQueue", "sourceQueueArns": [ARN + "friend"]}
    await lab.queue("dead", RedriveAllowPolicy=msgspec.json.encode(allow).decode())
    await lab.queue("friend", RedrivePolicy=redrive("dead", 1))
    attributes = {"RedrivePolicy": redrive("dead", 1)}
    error = await lab.refused("CreateQueue", QueueName="stranger", Attributes=attributes)
    assert (error.code, "Redrive permission is denied" in error.message) == ("InvalidParameterValue", True)
    error = await lab.refused("CreateQueue", QueueName="s", Attributes={"RedrivePolicy": redrive("gone", 1)})
    assert "Dead letter target does not exist." in error.message
    fifo = {"FifoQueue": "true", "RedrivePolicy": redrive("dead", 1)}
    error = await lab.refused("CreateQueue", QueueName="s.fifo", Attributes=fifo)
    assert "must be same type" in error.message
    sources = await lab.ask("ListDeadLetterSourceQueues", QueueUrl=await lab.queue("dead"))
    assert [url.rpartition("/")[2] for url in sources["queueUrls"]] == ["friend"]


async def poisoned(lab: Lab, count: int) -> tuple[str, str]:
    """A queue and its dead-letter queue, on which there are messages."""
    dead = await lab.queue("dead")
    url = await lab.queue("q", VisibilityTimeout="0", RedrivePolicy=redrive("dead", 1))
    await lab.send(url, *[f"m{number}" for number in range(count)])
    for _ in range(2 * count // 10 + 2):
        await lab.receive(url)
    assert await lab.counts(dead) == (count, 0, 0)
    return url, dead


async def tasks(lab: Lab, count: int = 10) -> list[dict[str, object]]:
    answer = await lab.ask("ListMessageMoveTasks", SourceArn=ARN + "dead", MaxResults=count)
    results: list[dict[str, object]] = answer["Results"]
    return results


async def test_dead_letters_go_back_to_where_they_came_from(lab: Lab) -> None:
    url, dead = await poisoned(lab, 25)
    await lab.ask("StartMessageMoveTask", SourceArn=ARN + "dead")
    await lab.after(10)
    (task,) = await tasks(lab)
    assert {name: task[name] for name in ("Status", "SourceArn", "ApproximateNumberOfMessagesToMove")} == {
        "Status": "COMPLETED",
        "SourceArn": ARN + "dead",
        "ApproximateNumberOfMessagesToMove": 25,
    }
    assert task["ApproximateNumberOfMessagesMoved"] == 25
    assert "TaskHandle" not in task
    assert "DestinationArn" not in task
    assert (await lab.counts(dead), await lab.counts(url)) == ((0, 0, 0), (25, 0, 0))
    (message,) = await lab.receive(url, 1, AttributeNames=["All"])
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert "DeadLetterQueueSourceArn" not in message["Attributes"]


async def test_a_slow_task_is_cancelled(lab: Lab) -> None:
    _, dead = await poisoned(lab, 20)
    other = await lab.queue("other")
    started = await lab.ask(
        "StartMessageMoveTask",
        SourceArn=ARN + "dead",
        DestinationArn=ARN + "other",
        MaxNumberOfMessagesPerSecond=1,
    )
    error = await lab.refused("StartMessageMoveTask", SourceArn=ARN + "dead")
    assert error.message.startswith("There is already a task running.")
    await lab.after(4.5)
    moved, _, _ = await lab.counts(other)
    assert 3 <= moved <= 6
    answer = await lab.ask("CancelMessageMoveTask", TaskHandle=started["TaskHandle"])
    assert answer["ApproximateNumberOfMessagesMoved"] == moved
    await lab.after(5)
    (task,) = await tasks(lab)
    assert task["Status"] == "CANCELLED"
    assert await lab.counts(dead) == (20 - moved, 0, 0)
    error = await lab.refused("CancelMessageMoveTask", TaskHandle=started["TaskHandle"])
    assert error.code == "InvalidParameterValue"


async def test_a_task_whose_destination_goes_away_fails(lab: Lab) -> None:
    _, dead = await poisoned(lab, 5)
    other = await lab.queue("other")
    await lab.ask("StartMessageMoveTask", SourceArn=ARN + "dead", DestinationArn=ARN + "other")
    await lab.ask("DeleteQueue", QueueUrl=other)
    await lab.after(5)
    (task,) = await tasks(lab)
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "AWS.SimpleQueueService.NonExistentQueue")
    assert await lab.counts(dead) == (5, 0, 0)


async def test_the_last_ten_tasks_are_remembered(lab: Lab) -> None:
    await poisoned(lab, 1)
    for _ in range(12):
        await lab.ask("StartMessageMoveTask", SourceArn=ARN + "dead")
        await lab.after(10)
    assert len(await tasks(lab)) == 10
    assert len(await tasks(lab, 1)) == 1


@pytest.mark.parametrize(
    ("operation", "params", "code", "message"),
    [
        (
            "StartMessageMoveTask",
            {"SourceArn": ARN + "plain"},
            "InvalidParameterValue",
            "Source queue must be configured as a Dead Letter Queue.",
        ),
        (
            "StartMessageMoveTask",
            {"SourceArn": ARN + "none"},
            "ResourceNotFoundException",
            "The resource that you specified for the SourceArn parameter doesn't exist.",
        ),
        (
            "StartMessageMoveTask",
            {"SourceArn": ARN + "dead", "DestinationArn": ARN + "none"},
            "ResourceNotFoundException",
            "The resource that you specified for the DestinationArn parameter doesn't exist.",
        ),
        (
            "CancelMessageMoveTask",
            {"TaskHandle": "x"},
            "InvalidParameterValue",
            "Value for parameter TaskHandle is invalid.",
        ),
        (
            "CancelMessageMoveTask",
            {
                "TaskHandle": b64encode(b'{"taskId":"x","sourceArn":"%sdead"}' % ARN.encode()).decode(),
            },
            "ResourceNotFoundException",
            "Task does not exist.",
        ),
        ("ListMessageMoveTasks", {"SourceArn": ARN + "dead", "MaxResults": 11}, "InvalidParameterValue", None),
    ],
)
async def test_tasks_that_cannot_be(
    lab: Lab, operation: str, params: dict[str, object], code: str, message: str | None
) -> None:
    await lab.queue("plain")
    await lab.queue("dead")
    await lab.queue("q", RedrivePolicy=redrive("dead", 1))
    error = await lab.refused(operation, **params)
    assert error.code == code
    assert message is None or error.message == message
