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
