"""Queues and streams that invoke functions: batches, filters, partial answers, retries, and what a restart finds."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from panregion.functions import Outcome
from panregion.wire import AwsError
from tests.services.lambda_.lab import FAILED, THROTTLED, Lab, laboratory

QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders"


class Sources(Lab):
    """The laboratory with a queue and a table beside the function."""

    async def queue(self, **attributes: str) -> str:
        return str(
            (await self.region.ask("sqs", "CreateQueue", {"QueueName": "orders", "Attributes": attributes}))["QueueUrl"]
        )

    async def say(self, url: str, *bodies: str) -> None:
        for body in bodies:
            await self.region.ask("sqs", "SendMessage", {"QueueUrl": url, "MessageBody": body})

    async def table(self) -> str:
        await self.region.ask(
            "dynamodb",
            "CreateTable",
            {
                "TableName": "things",
                "KeySchema": [
                    {"AttributeName": "one", "KeyType": "HASH"},
                    {"AttributeName": "id", "KeyType": "RANGE"},
                ],
                "AttributeDefinitions": [
                    {"AttributeName": "one", "AttributeType": "S"},
                    {"AttributeName": "id", "AttributeType": "S"},
                ],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            },
        )
        await self.pass_s(1)
        found = await self.region.ask("dynamodb", "DescribeTable", {"TableName": "things"})
        return str(found["Table"]["LatestStreamArn"])

    async def put(self, *names: str) -> None:
        """Items of one partition: their records are in one shard."""
        for name in names:
            item = {"one": {"S": "partition"}, "id": {"S": name}}
            await self.region.ask("dynamodb", "PutItem", {"TableName": "things", "Item": item})

    async def map(self, arn: str, **params: Any) -> str:
        given = {"FunctionName": "f", "EventSourceArn": arn, **params}
        made = await self.region.ask("lambda", "CreateEventSourceMapping", given)
        assert made["State"] == "Creating"
        await self.pass_s(1)
        return str(made["UUID"])

    async def pass_s(self, seconds: float) -> None:
        for _ in range(max(1, round(seconds))):
            await self.clock.advance(min(1.0, seconds), rounds=60)

    def batches(self, *path: str) -> list[list[str]]:
        """What the function was called with, a list per call: of each record what lies at the path."""
        return [[_at(record, path) for record in payload["Records"]] for _, _, payload in self.functions.calls]

    def keys(self) -> list[str]:
        """The sort keys of all records that the function was called with."""
        return [key for batch in self.batches("dynamodb", "Keys", "id", "S") for key in batch]


def _at(record: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        record = record[name]
    return record


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Sources]:
    async with laboratory(tmp_path) as lab:
        yield Sources(lab.region, lab.clock, lab.functions)


def answer(*failed: str) -> Outcome:
    return Outcome(payload=json.dumps({"batchItemFailures": [{"itemIdentifier": each} for each in failed]}).encode())


async def test_messages_are_delivered_and_deleted(lab: Sources) -> None:
    url = await lab.queue()
    await lab.map(QUEUE, BatchSize=2)
    await lab.say(url, "a", "b", "c")
    await lab.pass_s(2)
    assert sorted(body for batch in lab.batches("body") for body in batch) == ["a", "b", "c"]
    await lab.pass_s(60)
    assert len(lab.functions.calls) <= 3
    asked = {"QueueUrl": url, "AttributeNames": ["All"]}
    found = (await lab.region.ask("sqs", "GetQueueAttributes", asked))["Attributes"]
    assert (found["ApproximateNumberOfMessages"], found["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")


async def test_a_failed_batch_is_seen_again_after_its_visibility_timeout(lab: Sources) -> None:
    url = await lab.queue(VisibilityTimeout="10")
    await lab.map(QUEUE)
    lab.functions.answers = [FAILED]
    await lab.say(url, "a")
    await lab.pass_s(8)
    assert lab.batches("body") == [["a"]]
    await lab.pass_s(5)
    assert lab.batches("body") == [["a"], ["a"]]
    assert lab.functions.calls[1][2]["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"


async def test_of_a_batch_only_what_failed_comes_again(lab: Sources) -> None:
    url = await lab.queue(VisibilityTimeout="10")
    await lab.say(url, "a", "b")
    uuid = await lab.map(QUEUE, FunctionResponseTypes=["ReportBatchItemFailures"], Enabled=False)
    assert lab.functions.calls == []
    received = await lab.region.ask("sqs", "ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": 10})
    ids = {message["Body"]: message["MessageId"] for message in received["Messages"]}
    lab.functions.answers = [answer(ids["b"]), answer()]
    await lab.region.ask("lambda", "UpdateEventSourceMapping", {"UUID": uuid, "Enabled": True})
    await lab.pass_s(30)
    assert [sorted(batch) for batch in lab.batches("body")] == [["a", "b"], ["b"]]


async def test_messages_that_no_filter_wants_are_deleted_unseen(lab: Sources) -> None:
    url = await lab.queue()
    await lab.map(QUEUE, FilterCriteria={"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]})
    await lab.say(url, '{"kind": "bill"}', '{"kind": "order"}')
    await lab.pass_s(40)
    assert lab.batches("body") == [['{"kind": "order"}']]


async def test_a_window_gathers_a_batch(lab: Sources) -> None:
    url = await lab.queue(VisibilityTimeout="60")
    await lab.map(QUEUE, BatchSize=100, MaximumBatchingWindowInSeconds=5)
    for body in "abc":
        await lab.say(url, body)
        await lab.pass_s(1)
    assert lab.functions.calls == []
    await lab.pass_s(6)
    assert [sorted(batch) for batch in lab.batches("body")] == [["a", "b", "c"]]


async def test_a_throttled_batch_waits(lab: Sources) -> None:
    url = await lab.queue(VisibilityTimeout="60")
    await lab.map(QUEUE)
    lab.functions.answers = [THROTTLED, THROTTLED]
    await lab.say(url, "a")
    await lab.pass_s(5)
    assert lab.batches("body") == [["a"], ["a"], ["a"]]


async def test_a_stream_is_delivered_in_order_from_its_horizon(lab: Sources) -> None:
    arn = await lab.table()
    await lab.put("a", "b")
    await lab.map(arn, StartingPosition="TRIM_HORIZON")
    await lab.put("c")
    await lab.pass_s(2)
    assert lab.keys() == ["a", "b", "c"]
    record = lab.functions.calls[0][2]["Records"][0]
    assert (record["eventName"], record["eventSourceARN"], record["awsRegion"]) == ("INSERT", arn, "us-east-1")


async def test_latest_passes_over_what_was_before(lab: Sources) -> None:
    arn = await lab.table()
    await lab.put("old")
    await lab.pass_s(2)
    await lab.map(arn, StartingPosition="LATEST")
    await lab.put("new")
    await lab.pass_s(2)
    assert lab.keys() == ["new"]


async def test_a_batch_of_a_stream_holds_up_its_shard_until_it_is_done(lab: Sources) -> None:
    arn = await lab.table()
    await lab.put("a")
    lab.functions.answers = [FAILED, FAILED]
    await lab.map(arn, StartingPosition="TRIM_HORIZON")
    await lab.put("b")
    await lab.pass_s(10)
    assert lab.keys() == ["a", "a", "a", "b"]


async def test_what_is_given_up_is_told(lab: Sources) -> None:
    arn = await lab.table()
    url = await lab.queue()
    await lab.put("a")
    lab.functions.answers = [FAILED, FAILED]
    destination = {"OnFailure": {"Destination": QUEUE}}
    await lab.map(arn, StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=1, DestinationConfig=destination)
    await lab.pass_s(5)
    (message,) = (await lab.region.ask("sqs", "ReceiveMessage", {"QueueUrl": url}))["Messages"]
    told = json.loads(message["Body"])
    assert (told["requestContext"]["condition"], told["DDBStreamBatchInfo"]["batchSize"]) == (
        "RetryAttemptsExhausted",
        1,
    )
    await lab.put("b")
    await lab.pass_s(2)
    assert lab.batches("dynamodb", "Keys", "id", "S")[-1] == ["b"]


async def test_a_failing_batch_is_bisected(lab: Sources) -> None:
    arn = await lab.table()
    await lab.put("a", "b", "c", "d")
    lab.functions.answers = [FAILED, FAILED]
    await lab.map(arn, StartingPosition="TRIM_HORIZON", BisectBatchOnFunctionError=True)
    await lab.pass_s(5)
    sizes = [len(batch) for batch in lab.batches("eventName")]
    assert (sizes[:3], sum(sizes[2:])) == ([4, 2, 1], 4)


async def test_a_stream_goes_on_after_the_first_record_that_failed(lab: Sources) -> None:
    arn = await lab.table()
    await lab.put("a", "b", "c")
    numbers: list[str] = []
    shards = await lab.region.ask("dynamodbstreams", "DescribeStream", {"StreamArn": arn})
    for shard in shards["StreamDescription"]["Shards"]:
        place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = (await lab.region.ask("dynamodbstreams", "GetShardIterator", place))["ShardIterator"]
        records = (await lab.region.ask("dynamodbstreams", "GetRecords", {"ShardIterator": iterator}))["Records"]
        numbers += [record["dynamodb"]["SequenceNumber"] for record in records]
    lab.functions.answers = [answer(numbers[1]), answer()]
    await lab.map(arn, StartingPosition="TRIM_HORIZON", FunctionResponseTypes=["ReportBatchItemFailures"])
    await lab.pass_s(5)
    assert lab.batches("dynamodb", "Keys", "id", "S") == [["a", "b", "c"], ["b", "c"]]


async def test_a_mapping_that_is_deleted_delivers_nothing(lab: Sources) -> None:
    url = await lab.queue()
    uuid = await lab.map(QUEUE)
    deleted = await lab.region.ask("lambda", "DeleteEventSourceMapping", {"UUID": uuid})
    assert deleted["State"] == "Deleting"
    await lab.pass_s(1)
    await lab.say(url, "a")
    await lab.pass_s(30)
    assert lab.functions.calls == []
    with pytest.raises(AwsError, match="The resource you requested does not exist"):
        await lab.region.ask("lambda", "GetEventSourceMapping", {"UUID": uuid})


@pytest.mark.parametrize(
    ("arn", "params", "said"),
    [
        (QUEUE, {"StartingPosition": "LATEST"}, "StartingPosition is not valid for SQS"),
        (QUEUE, {"BatchSize": 11}, "Maximum batch window in seconds must be greater than 0"),
        (QUEUE, {"MaximumRetryAttempts": 1}, "not for SQS"),
        (QUEUE, {"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, "Invalid filter pattern definition"),
        (QUEUE, {"TumblingWindowInSeconds": 1}, "TumblingWindowInSeconds and ParallelizationFactor are not for SQS"),
        (
            "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/1",
            {"StartingPosition": "LATEST", "TumblingWindowInSeconds": 1, "ParallelizationFactor": 2},
            "does not support a ParallelizationFactor together with TumblingWindowInSeconds",
        ),
        ("arn:aws:kinesis:us-east-1:000000000000:stream/a", {}, "does not support event sources of kinesis"),
        ("arn:aws:sns:us-east-1:000000000000:topic", {}, "Unrecognized event source"),
        ("arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/1", {}, "startingPosition"),
        (QUEUE + "-none", {}, "Error occurred while ReceiveMessage. SQS Error Code: .*does not exist"),
        (
            "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/1",
            {"StartingPosition": "LATEST"},
            "Stream not found: arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/1",
        ),
    ],
)
async def test_what_cannot_be_mapped_is_refused(lab: Sources, arn: str, params: Any, said: str) -> None:
    await lab.queue()
    with pytest.raises(AwsError, match=said) as refused:
        await lab.region.ask(
            "lambda", "CreateEventSourceMapping", {"FunctionName": "f", "EventSourceArn": arn, **params}
        )
    assert refused.value.code in ("InvalidParameterValueException", "NotImplemented")


async def test_a_queue_must_hide_messages_for_as_long_as_the_function_may_take(lab: Sources) -> None:
    await lab.queue(VisibilityTimeout="2")
    with pytest.raises(AwsError, match="Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds"):
        await lab.map(QUEUE)


async def test_the_same_source_and_function_once_only(lab: Sources) -> None:
    await lab.queue()
    uuid = await lab.map(QUEUE)
    with pytest.raises(AwsError, match=f"delete the existing mapping with UUID {uuid}"):
        await lab.map(QUEUE)
    listed = await lab.region.ask("lambda", "ListEventSourceMappings", {"FunctionName": "f"})
    assert [each["UUID"] for each in listed["EventSourceMappings"]] == [uuid]
