"""Streams through boto3, as a consumer reads them."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import ServedRegion

NAME = "panregion-streamed"
WAIT_S = 60


@pytest.fixture(scope="module")
def stream(served: ServedRegion) -> Iterator[str]:
    """The ARN of a table's stream."""
    client = served.client("dynamodb")
    client.create_table(
        TableName=NAME,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    client.get_waiter("table_exists").wait(TableName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    yield client.describe_table(TableName=NAME)["Table"]["LatestStreamArn"]
    client.delete_table(TableName=NAME)


@pytest.fixture
def streams(served: ServedRegion) -> Any:
    return served.client("dynamodbstreams", parameter_validation=False)


def read(streams: Any, arn: str, wanted: int) -> list[dict[str, Any]]:
    """The stream's records from the horizon on, once there are that many."""
    shards = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    tokens = [
        streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]
        for shard in shards
    ]
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + WAIT_S
    while len(found) < wanted and time.monotonic() < deadline:
        for place, token in enumerate(tokens):
            page = streams.get_records(ShardIterator=token)
            found += page["Records"]
            tokens[place] = page["NextShardIterator"]
    return found


def test_a_consumer_reads_the_life_of_an_item(served: ServedRegion, streams: Any, stream: str) -> None:
    client = served.client("dynamodb")
    key = {"pk": {"S": "a"}}
    client.put_item(TableName=NAME, Item={**key, "data": {"B": b"\0\1"}})
    client.update_item(TableName=NAME, Key=key, UpdateExpression="REMOVE #d", ExpressionAttributeNames={"#d": "data"})
    client.delete_item(TableName=NAME, Key=key)
    records = read(streams, stream, 3)
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    assert records[0]["dynamodb"]["NewImage"]["data"] == {"B": b"\0\1"}
    assert records[2]["dynamodb"]["OldImage"] == key
    assert records[0]["dynamodb"]["ApproximateCreationDateTime"].year >= 2024
    listed = streams.list_streams(TableName=NAME)["Streams"]
    assert listed == [{"StreamArn": stream, "TableName": NAME, "StreamLabel": stream.rpartition("/")[2]}]


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("describe_stream", {"StreamArn": "too short"}, "ValidationException"),
        ("get_records", {"ShardIterator": "nonsense"}, "ValidationException"),
        ("get_records", {}, "ValidationException"),
        (
            "describe_stream",
            {"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/none/stream/2024-01-01T00:00:00.000"},
            "ResourceNotFoundException",
        ),
    ],
)
def test_refusals(streams: Any, operation: str, params: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(streams, operation)(**params)
    assert refused.value.response["Error"]["Code"] == code


# Shards and iterators


def shards_of(streams: Any, arn: str, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = streams.describe_stream(StreamArn=arn, **params)["StreamDescription"]["Shards"]
    return found


def code_of(operation: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as refused:
        operation(**params)
    code: str = refused.value.response["Error"]["Code"]
    return code


def test_a_stream_is_described(streams: Any, stream: str) -> None:
    told = streams.describe_stream(StreamArn=stream)["StreamDescription"]
    assert (told["StreamStatus"], told["StreamViewType"], told["TableName"]) == ("ENABLED", "NEW_AND_OLD_IMAGES", NAME)
    assert told["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert told["CreationRequestDateTime"].year >= 2024
    for shard in told["Shards"]:
        assert shard["ShardId"].startswith("shardId-")
        assert 28 <= len(shard["ShardId"]) <= 65
        assert len(shard["SequenceNumberRange"]["StartingSequenceNumber"]) >= 21
    first = told["Shards"][0]["ShardId"]
    assert shards_of(streams, stream, ShardFilter={"Type": "CHILD_SHARDS", "ShardId": first}) == []
    page = streams.describe_stream(StreamArn=stream, Limit=1)["StreamDescription"]
    if len(told["Shards"]) > 1:
        assert page["LastEvaluatedShardId"] == first
        rest = shards_of(streams, stream, ExclusiveStartShardId=first)
        assert rest == told["Shards"][1:]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"ShardIteratorType": "NOPE"}, "ValidationException"),
        ({"ShardIteratorType": "AT_SEQUENCE_NUMBER"}, "ValidationException"),
        ({"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": "1" * 20}, "ValidationException"),
        ({"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "9" * 30}, "ValidationException"),
        ({"ShardId": "shardId-" + "0" * 20 + "-00000000", "ShardIteratorType": "LATEST"}, "ResourceNotFoundException"),
        ({"ShardId": "short", "ShardIteratorType": "LATEST"}, "ValidationException"),
    ],
)
def test_iterators_that_are_refused(streams: Any, stream: str, params: dict[str, Any], code: str) -> None:
    given = {"StreamArn": stream, "ShardId": shards_of(streams, stream)[0]["ShardId"], **params}
    assert code_of(streams.get_shard_iterator, **given) == code


def test_an_iterator_at_the_shards_beginning(streams: Any, stream: str) -> None:
    shard = shards_of(streams, stream)[0]
    number = shard["SequenceNumberRange"]["StartingSequenceNumber"]
    token = streams.get_shard_iterator(
        StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber=number
    )["ShardIterator"]
    assert "NextShardIterator" in streams.get_records(ShardIterator=token, Limit=1)
    assert code_of(streams.get_records, ShardIterator=token, Limit=1001) == "ValidationException"


def test_a_stream_that_was_disabled_can_be_read_to_its_end(served: ServedRegion, streams: Any) -> None:
    client = served.client("dynamodb")
    name = "panregion-streamed-once"
    client.create_table(
        TableName=name,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    waiter = client.get_waiter("table_exists")
    waiter.wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    arn = client.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    client.put_item(TableName=name, Item={"pk": {"S": "a"}})
    client.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
    waiter.wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    table = client.describe_table(TableName=name)["Table"]
    assert "StreamSpecification" not in table
    assert table["LatestStreamArn"] == arn
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        told = streams.describe_stream(StreamArn=arn)["StreamDescription"]
        if told["StreamStatus"] == "DISABLED":
            break
    assert told["StreamStatus"] == "DISABLED"
    (shard,) = told["Shards"]
    numbers = shard["SequenceNumberRange"]
    assert int(numbers["StartingSequenceNumber"]) <= int(numbers["EndingSequenceNumber"])
    token = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    token, found = token["ShardIterator"], []
    while token is not None and time.monotonic() < deadline:
        page = streams.get_records(ShardIterator=token)
        found += page["Records"]
        token = page.get("NextShardIterator")
    assert token is None
    assert [record["dynamodb"]["Keys"] for record in found] == [{"pk": {"S": "a"}}]
    client.delete_table(TableName=name)
