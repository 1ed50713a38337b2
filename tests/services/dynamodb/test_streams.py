"""Streams: what they tell, in which view and order, and how they are read, trimmed and ended."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from panregion.region import Region
from panregion.services.dynamodb import work as tables
from panregion.services.dynamodb.streams.trimming import trim
from panregion.wire import AwsError
from panregion.world import ManualClock, World
from tests.services.dynamodb.support import DynamoDb, refusal
from tests.support import region_in

KEY = {"pk": {"S": "a"}}
ITEM = {**KEY, "n": {"N": "1"}}
BOTH = "NEW_AND_OLD_IMAGES"


class Streams:
    """A region's streams, read to their end."""

    def __init__(self, region: Region) -> None:
        self.region = region

    async def ask(self, operation: str, **params: Any) -> dict[str, Any]:
        return await self.region.ask("dynamodbstreams", operation, params)

    async def shards(self, arn: str) -> list[str]:
        stream = (await self.ask("DescribeStream", StreamArn=arn))["StreamDescription"]
        return [shard["ShardId"] for shard in stream["Shards"]]

    async def iterator(self, arn: str, shard: str, kind: str = "TRIM_HORIZON", **params: Any) -> str:
        answer = await self.ask("GetShardIterator", StreamArn=arn, ShardId=shard, ShardIteratorType=kind, **params)
        token: str = answer["ShardIterator"]
        return token

    async def records(self, arn: str, kind: str = "TRIM_HORIZON", **params: Any) -> list[dict[str, Any]]:
        found = []
        for shard in await self.shards(arn):
            token = await self.iterator(arn, shard, kind, **params)
            found += (await self.ask("GetRecords", ShardIterator=token))["Records"]
        return sorted(found, key=lambda record: record["dynamodb"]["SequenceNumber"])


@pytest.fixture
def streams(region: Region) -> Streams:
    return Streams(region)


async def streamed(db: DynamoDb, view: str = BOTH, name: str = "streamed") -> str:
    """A table with a stream; the stream's ARN."""
    specification = {"StreamEnabled": True, "StreamViewType": view}
    await db.table(name, "pk:S", StreamSpecification=specification)
    arn: str = (await db.describe_table(TableName=name))["Table"]["LatestStreamArn"]
    return arn


async def test_a_record_for_every_change(db: DynamoDb, streams: Streams) -> None:
    arn = await streamed(db)
    await db.put_item(TableName="streamed", Item=ITEM)
    await db.put_item(TableName="streamed", Item=ITEM)  # changes nothing
    await db.update_item(
        TableName="streamed",
        Key=KEY,
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": {"N": "2"}},
    )
    await db.delete_item(TableName="streamed", Key=KEY)
    await db.delete_item(TableName="streamed", Key=KEY)  # changes nothing
    records = await streams.records(arn)
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    modified = records[1]
    assert {name: modified[name] for name in ("eventSource", "eventVersion", "awsRegion")} == {
        "eventSource": "aws:dynamodb",
        "eventVersion": "1.1",
        "awsRegion": "us-east-1",
    }
    change = modified["dynamodb"]
    assert change["Keys"] == KEY
    assert (change["OldImage"], change["NewImage"]) == (ITEM, {**KEY, "n": {"N": "2"}})
    assert (change["StreamViewType"], change["SizeBytes"]) == (BOTH, 3 + 6 + 6)
    assert len({record["eventID"] for record in records}) == 3
    assert "userIdentity" not in modified


@pytest.mark.parametrize(
    ("view", "images"),
    [
        ("KEYS_ONLY", set()),
        ("NEW_IMAGE", {"NewImage"}),
        ("OLD_IMAGE", {"OldImage"}),
        (BOTH, {"NewImage", "OldImage"}),
    ],
)
async def test_views(db: DynamoDb, streams: Streams, view: str, images: set[str]) -> None:
    arn = await streamed(db, view)
    await db.put_item(TableName="streamed", Item=ITEM)
    await db.put_item(TableName="streamed", Item={**ITEM, "n": {"N": "2"}})
    change = (await streams.records(arn))[1]["dynamodb"]
    assert {name for name in change if name.endswith("Image")} == images


async def test_transactions_and_batches_are_told(db: DynamoDb, streams: Streams) -> None:
    arn = await streamed(db)
    other = {"pk": {"S": "b"}}
    await db.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": "streamed", "Item": ITEM}},
            {"Put": {"TableName": "streamed", "Item": other}},
        ]
    )
    await db.batch_write_item(RequestItems={"streamed": [{"DeleteRequest": {"Key": other}}]})
    names = [(record["eventName"], record["dynamodb"]["Keys"]["pk"]["S"]) for record in await streams.records(arn)]
    assert names == [("INSERT", "a"), ("INSERT", "b"), ("REMOVE", "b")]


async def test_what_failed_is_not_told(db: DynamoDb, streams: Streams) -> None:
    arn = await streamed(db)
    await refusal(db.put_item(TableName="streamed", Item=ITEM, ConditionExpression="attribute_exists(pk)"))
    assert await streams.records(arn) == []


async def test_iterators(db: DynamoDb, streams: Streams) -> None:
    arn = await streamed(db)
    for n in range(5):
        await db.put_item(TableName="streamed", Item={**KEY, "n": {"N": str(n)}})
    records = await streams.records(arn)
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert numbers == sorted(set(numbers))
    assert await streams.records(arn, "AT_SEQUENCE_NUMBER", SequenceNumber=numbers[2]) == records[2:]
    assert await streams.records(arn, "AFTER_SEQUENCE_NUMBER", SequenceNumber=numbers[2]) == records[3:]
    assert await streams.records(arn, "LATEST") == []
    late = {shard: await streams.iterator(arn, shard, "LATEST") for shard in await streams.shards(arn)}
    await db.put_item(TableName="streamed", Item=KEY)
    seen = [r for token in late.values() for r in (await streams.ask("GetRecords", ShardIterator=token))["Records"]]
    assert [record["eventName"] for record in seen] == ["MODIFY"]


async def test_reading_in_parts(db: DynamoDb, streams: Streams) -> None:
    arn = await streamed(db)
    for n in range(5):
        await db.put_item(TableName="streamed", Item={**KEY, "n": {"N": str(n)}})
    found: list[str] = []
    for shard in await streams.shards(arn):
        token = await streams.iterator(arn, shard)
        for _ in range(4):
            page = await streams.ask("GetRecords", ShardIterator=token, Limit=2)
            assert len(page["Records"]) <= 2
            found += [record["dynamodb"]["NewImage"]["n"]["N"] for record in page["Records"]]
            token = page["NextShardIterator"]
    assert found == ["0", "1", "2", "3", "4"]


async def test_shards_share_the_items(db: DynamoDb, streams: Streams) -> None:
    arn = await streamed(db)
    for n in range(60):
        await db.put_item(TableName="streamed", Item={"pk": {"S": str(n)}})
    counts = []
    for shard in await streams.shards(arn):
        token = await streams.iterator(arn, shard)
        counts.append(len((await streams.ask("GetRecords", ShardIterator=token))["Records"]))
    assert sum(counts) == 60
    assert min(counts) > 0
    assert len(counts) == 4


async def test_disabled_and_enabled_again(db: DynamoDb, streams: Streams) -> None:
    first = await streamed(db)
    await db.put_item(TableName="streamed", Item=ITEM)
    await db.update_table(TableName="streamed", StreamSpecification={"StreamEnabled": False})
    await db.settled("streamed")
    await db.put_item(TableName="streamed", Item=KEY)
    stream = (await streams.ask("DescribeStream", StreamArn=first))["StreamDescription"]
    assert stream["StreamStatus"] == "DISABLED"
    assert all("EndingSequenceNumber" in shard["SequenceNumberRange"] for shard in stream["Shards"])
    specification = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    await db.update_table(TableName="streamed", StreamSpecification=specification)
    table = await db.settled("streamed")
    assert table["LatestStreamArn"] != first
    assert [record["eventName"] for record in await streams.records(first)] == ["INSERT"]
    assert await streams.records(table["LatestStreamArn"]) == []
    listed = await streams.ask("ListStreams", TableName="streamed")
    assert [entry["StreamArn"] for entry in listed["Streams"]] == [first, table["LatestStreamArn"]]
    page = await streams.ask("ListStreams", Limit=1)
    assert page["LastEvaluatedStreamArn"] == first
    rest = await streams.ask("ListStreams", ExclusiveStartStreamArn=first)
    assert [entry["StreamArn"] for entry in rest["Streams"]] == [table["LatestStreamArn"]]


async def test_a_shard_that_has_ended_has_no_next_iterator(db: DynamoDb, streams: Streams) -> None:
    arn = await streamed(db)
    await db.delete_table(TableName="streamed")
    for _ in range(500):
        if (await streams.ask("DescribeStream", StreamArn=arn))["StreamDescription"]["StreamStatus"] == "DISABLED":
            break
        await db.region.here.world.clock.sleep(0.01)
    token = await streams.iterator(arn, (await streams.shards(arn))[0])
    assert "NextShardIterator" not in await streams.ask("GetRecords", ShardIterator=token)


async def test_what_is_refused(db: DynamoDb, streams: Streams) -> None:
    arn = await streamed(db)
    on = {"StreamEnabled": True, "StreamViewType": BOTH}
    assert (
        await refusal(db.update_table(TableName="streamed", StreamSpecification=on))
        == "ValidationException: Table already has an enabled stream: TableName: streamed"
    )
    unknown = arn.replace("streamed", "nowhere")
    assert (
        await refusal(streams.ask("DescribeStream", StreamArn=unknown))
        == f"ResourceNotFoundException: Requested resource not found: Stream: {unknown} not found"
    )
    shard = (await streams.shards(arn))[0]
    assert (await refusal(streams.iterator(arn, "shardId-" + "0" * 28))).startswith("ResourceNotFoundException")
    assert (await refusal(streams.iterator(arn, shard, "AT_SEQUENCE_NUMBER"))).startswith("ValidationException")
    assert (await refusal(streams.iterator(arn, shard, "AT_SEQUENCE_NUMBER", SequenceNumber="9" * 22))).startswith(
        "ValidationException"
    )
    assert await refusal(streams.ask("GetRecords", ShardIterator="x")) == "ValidationException: Invalid ShardIterator"


@pytest.fixture
async def clock(tmp_path: Path) -> AsyncIterator[tuple[ManualClock, Region]]:
    clock = ManualClock(1_700_000_000.0)
    region = region_in(tmp_path, world=World(clock=clock))
    yield clock, region
    await region.stop()


async def test_records_live_for_a_day(clock: tuple[ManualClock, Region]) -> None:
    """No worker runs here: the test carries out the work itself, at the times it chooses."""
    time, region = clock
    db, streams = DynamoDb(region), Streams(region)
    await db.create_table(
        TableName="day",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": BOTH},
    )
    table = (await db.describe_table(TableName="day"))["Table"]
    arn = table["LatestStreamArn"]

    await tables.activate(region.here, {"name": "day", "id": table["TableId"]})
    await db.put_item(TableName="day", Item=ITEM)
    first = (await streams.records(arn))[0]["dynamodb"]["SequenceNumber"]
    tokens = [await streams.iterator(arn, shard) for shard in await streams.shards(arn)]
    await time.advance(16 * 60)
    refused = {await refusal(streams.ask("GetRecords", ShardIterator=token)) for token in tokens}
    assert {text.partition(":")[0] for text in refused} == {"ExpiredIteratorException"}
    await time.advance(24 * 3600)
    await db.put_item(TableName="day", Item=KEY)
    await trim(region.here)
    assert [record["eventName"] for record in await streams.records(arn)] == ["MODIFY"]
    refused = set()
    for shard in await streams.shards(arn):
        with contextlib.suppress(AwsError):
            await streams.iterator(arn, shard, "AT_SEQUENCE_NUMBER", SequenceNumber=first)
            continue
        refused.add(shard)
    assert len(refused) == 1
    await db.update_table(TableName="day", StreamSpecification={"StreamEnabled": False})
    await time.advance(23 * 3600)
    await trim(region.here)
    assert len((await streams.ask("ListStreams"))["Streams"]) == 1
    await time.advance(2 * 3600)
    await trim(region.here)
    assert await streams.ask("ListStreams") == {"Streams": []}
    assert (await refusal(streams.ask("DescribeStream", StreamArn=arn))).startswith("ResourceNotFoundException")
