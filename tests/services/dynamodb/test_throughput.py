"""Provisioned throughput where the world file asks for it: bursts, throttling, batches, indexes; nothing otherwise."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from panregion.wire import AwsError
from panregion.world import SystemClock, World
from panregion.world.settings import DynamoDb as DynamoDbSettings
from tests.services.dynamodb.support import DynamoDb, index, refusal
from tests.support import region_in

UNITS = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}
PROVISIONED: dict[str, Any] = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": UNITS}
EXCEEDED = "ProvisionedThroughputExceededException: The level of configured provisioned throughput for "
TABLE_EXCEEDED = (
    EXCEEDED + "the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."
)


class JumpingClock(SystemClock):
    """The system's, some seconds ahead."""

    ahead_s = 0.0

    def now(self) -> float:
        return super().now() + self.ahead_s


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def metered(tmp_path: Path, clock: JumpingClock) -> AsyncIterator[DynamoDb]:
    region = region_in(tmp_path, world=World(clock), dynamodb=DynamoDbSettings(enforce_throughput=True))
    await region.start()
    yield DynamoDb(region)
    await region.stop()


def item(pk: str, size: int = 10, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": pk}, "text": {"S": "x" * size}, **more}


async def puts(db: DynamoDb, table: str, most: int) -> int:
    """How many writes of one unit go through before one is throttled."""
    for done in range(most):
        try:
            await db.put_item(TableName=table, Item=item(str(done)))
        except AwsError as error:
            if str(error) == TABLE_EXCEEDED:
                return done
            raise
    return most


async def test_writes_are_throttled_past_what_was_gathered(metered: DynamoDb, clock: JumpingClock) -> None:
    await metered.table("orders", "pk:S", **PROVISIONED)
    assert 2 <= await puts(metered, "orders", 20) <= 6
    clock.ahead_s += 10
    assert 20 <= await puts(metered, "orders", 60) <= 24
    clock.ahead_s += 3600
    assert 600 <= await puts(metered, "orders", 700) <= 604


async def test_a_large_write_is_paid_for_afterwards(metered: DynamoDb, clock: JumpingClock) -> None:
    await metered.table("orders", "pk:S", **PROVISIONED)
    await metered.put_item(TableName="orders", Item=item("large", 20 * 1024))
    assert await refusal(metered.put_item(TableName="orders", Item=item("a"))) == TABLE_EXCEEDED
    clock.ahead_s += 5
    assert await refusal(metered.put_item(TableName="orders", Item=item("a"))) == TABLE_EXCEEDED
    clock.ahead_s += 10
    await metered.put_item(TableName="orders", Item=item("a"))


async def test_reads_and_queries(metered: DynamoDb, clock: JumpingClock) -> None:
    await metered.table("orders", "pk:S", **PROVISIONED)
    clock.ahead_s += 300
    await metered.put_item(TableName="orders", Item=item("a", 100_000))
    key = {"TableName": "orders", "Key": {"pk": {"S": "a"}}, "ConsistentRead": True}
    for _ in range(13):
        await metered.get_item(**key)  # 25 units each of about 300
    assert await refusal(metered.get_item(**key)) == TABLE_EXCEEDED
    assert await refusal(metered.scan(TableName="orders")) == TABLE_EXCEEDED
    query = {"KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}
    assert await refusal(metered.query(TableName="orders", **query)) == TABLE_EXCEEDED
    assert await refusal(metered.execute_statement(Statement="SELECT * FROM orders")) == TABLE_EXCEEDED


async def test_an_index_has_its_own_capacity(metered: DynamoDb, clock: JumpingClock) -> None:
    by_g = {**index("by-g", "g"), "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
    more = {**PROVISIONED, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1000}}
    await metered.table("orders", "pk:S", others=("g:S",), GlobalSecondaryIndexes=[by_g], **more)
    await metered.put_item(TableName="orders", Item=item("a", 5000, g={"S": "x"}))
    throttled = await refusal(metered.put_item(TableName="orders", Item=item("b", g={"S": "x"})))
    assert throttled.startswith(EXCEEDED + "one or more global secondary indexes")
    await metered.put_item(TableName="orders", Item=item("c"))
    assert (await metered.get_item(TableName="orders", Key={"pk": {"S": "b"}})) == {}


async def test_batches_leave_the_rest(metered: DynamoDb, clock: JumpingClock) -> None:
    await metered.table("orders", "pk:S", **PROVISIONED)
    requests = [{"PutRequest": {"Item": item(str(n))}} for n in range(10)]
    output = await metered.batch_write_item(RequestItems={"orders": requests})
    left = output["UnprocessedItems"]["orders"]
    assert 0 < len(left) < 10
    assert await refusal(metered.batch_write_item(RequestItems={"orders": left})) == TABLE_EXCEEDED
    keys = [{"pk": {"S": str(n)}} for n in range(10)]
    output = await metered.batch_get_item(RequestItems={"orders": {"Keys": keys, "ConsistentRead": True}})
    assert 0 < len(output["UnprocessedKeys"]["orders"]["Keys"]) < 10


async def test_a_transaction_pays_double_and_is_cancelled(metered: DynamoDb, clock: JumpingClock) -> None:
    await metered.table("orders", "pk:S", **PROVISIONED)
    clock.ahead_s += 1
    puts = [{"Put": {"TableName": "orders", "Item": item(str(n))}} for n in range(10)]
    cancelled = await refusal(metered.transact_write_items(TransactItems=puts))
    assert cancelled.startswith("TransactionCanceledException")
    assert "ProvisionedThroughputExceeded" in cancelled
    assert (await metered.get_item(TableName="orders", Key={"pk": {"S": "0"}})) == {}


async def test_tables_on_demand_and_worlds_that_do_not_ask_are_free(metered: DynamoDb, db: DynamoDb) -> None:
    await metered.table("orders", "pk:S")
    assert await puts(metered, "orders", 50) == 50
    await db.table("orders", "pk:S", **PROVISIONED)
    assert await puts(db, "orders", 50) == 50
