"""Batches and transactions."""

from dataclasses import replace
from typing import Any

import pytest

from panregion.services.dynamodb import transactions
from panregion.world import ManualClock, World
from tests.services.dynamodb.support import DynamoDb, refusal

KEYS = [{"pk": {"S": name}} for name in "abc"]
CANCELLED = (
    "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons "
)


@pytest.fixture
async def table(db: DynamoDb) -> str:
    return await db.table("items", "pk:S")


async def count(db: DynamoDb, table: str) -> int:
    return int((await db.scan(TableName=table))["Count"])


async def test_batches_write_and_read(db: DynamoDb, table: str) -> None:
    puts = [{"PutRequest": {"Item": {**key, "n": {"N": "1"}}}} for key in KEYS]
    written = await db.batch_write_item(RequestItems={table: puts}, ReturnConsumedCapacity="TOTAL")
    assert written == {
        "UnprocessedItems": {},
        "ConsumedCapacity": [{"TableName": table, "CapacityUnits": 3.0}],
    }
    asked = {table: {"Keys": [*KEYS, {"pk": {"S": "none"}}], "ProjectionExpression": "pk"}}
    read = await db.batch_get_item(RequestItems=asked, ReturnConsumedCapacity="TOTAL")
    assert sorted(item["pk"]["S"] for item in read["Responses"][table]) == ["a", "b", "c"]
    assert read["UnprocessedKeys"] == {}
    assert read["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 2.0}]
    await db.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": KEYS[0]}}]})
    assert await count(db, table) == 2


async def test_what_does_not_fit_a_response_is_left_for_the_next(db: DynamoDb, table: str) -> None:
    for number in range(42):
        item = {"pk": {"S": str(number)}, "s": {"S": "a" * 409_000}}
        await db.put_item(TableName=table, Item=item)
    keys = [{"pk": {"S": str(number)}} for number in range(42)]
    read = await db.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    left = read["UnprocessedKeys"][table]
    assert len(read["Responses"][table]) + len(left["Keys"]) == 42
    assert left["ConsistentRead"] is True


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        (
            "batch_get_item",
            {"items": {"Keys": [KEYS[0], KEYS[0]]}},
            "ValidationException: Provided list of item keys contains duplicates",
        ),
        (
            "batch_get_item",
            {"items": {"Keys": [{"x": {"S": "a"}}]}},
            "ValidationException: The provided key element does not match the schema",
        ),
        (
            "batch_get_item",
            {
                "items": {"Keys": [{"pk": {"S": str(n)}} for n in range(60)]},
                "absent": {"Keys": [{"pk": {"S": str(n)}} for n in range(60)]},
            },
            "ValidationException: Too many items requested for the BatchGetItem call",
        ),
        ("batch_get_item", {"absent": {"Keys": KEYS}}, "ResourceNotFoundException: Requested resource not found"),
        (
            "batch_write_item",
            {"items": [{"PutRequest": {"Item": KEYS[0]}}, {"DeleteRequest": {"Key": KEYS[0]}}]},
            "ValidationException: Provided list of item keys contains duplicates",
        ),
        (
            "batch_write_item",
            {"items": [{"PutRequest": {"Item": {"x": {"S": "a"}}}}]},
            "ValidationException: The provided key element does not match the schema",
        ),
        (
            "batch_write_item",
            {"items": [{}]},
            "ValidationException: Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes",
        ),
    ],
)
async def test_refused_batches(db: DynamoDb, table: str, operation: str, params: dict[str, Any], expected: str) -> None:
    assert await refusal(getattr(db, operation)(RequestItems=params)) == expected


def actions(table: str) -> list[dict[str, Any]]:
    return [
        {"Put": {"TableName": table, "Item": {**KEYS[0], "n": {"N": "1"}}}},
        {
            "Update": {
                "TableName": table,
                "Key": KEYS[1],
                "UpdateExpression": "ADD n :one",
                "ExpressionAttributeValues": {":one": {"N": "1"}},
            }
        },
        {
            "ConditionCheck": {
                "TableName": table,
                "Key": KEYS[2],
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
    ]


async def test_a_transaction_does_all(db: DynamoDb, table: str) -> None:
    done = await db.transact_write_items(TransactItems=actions(table), ReturnConsumedCapacity="TOTAL")
    assert done["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 6.0, "WriteCapacityUnits": 6.0}]
    gets = [{"Get": {"TableName": table, "Key": key}} for key in KEYS]
    read = await db.transact_get_items(TransactItems=gets, ReturnConsumedCapacity="TOTAL")
    assert read["Responses"] == [
        {"Item": {**KEYS[0], "n": {"N": "1"}}},
        {"Item": {**KEYS[1], "n": {"N": "1"}}},
        {},
    ]
    assert read["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 6.0, "ReadCapacityUnits": 6.0}]


async def test_or_nothing_and_says_why(db: DynamoDb, table: str) -> None:
    await db.put_item(TableName=table, Item=KEYS[2])
    said = await refusal(db.transact_write_items(TransactItems=actions(table)))
    assert said == CANCELLED + "[None, None, ConditionalCheckFailed]"
    assert await count(db, table) == 1
    wrong = [{"Put": {"TableName": table, "Item": {"x": {"S": "a"}}}}]
    assert await refusal(db.transact_write_items(TransactItems=wrong)) == CANCELLED + "[ValidationError]"


async def test_a_repeated_token_is_the_same_request(db: DynamoDb, table: str) -> None:
    add = actions(table)[1:2]
    for _ in range(2):
        await db.transact_write_items(TransactItems=add, ClientRequestToken="once")
    assert (await db.get_item(TableName=table, Key=KEYS[1]))["Item"]["n"] == {"N": "1"}
    other = db.transact_write_items(TransactItems=actions(table)[:1], ClientRequestToken="once")
    assert (await refusal(other)).startswith("IdempotentParameterMismatchException")


async def test_a_token_is_forgotten_after_its_time(db: DynamoDb, table: str) -> None:
    await db.transact_write_items(TransactItems=actions(table)[1:2], ClientRequestToken="once")
    assert db.region.here.read(transactions.tokens_over) == []
    end = db.region.here.now() + transactions.TOKEN_LIFE_S + 1
    later = ManualClock(end)
    await db.region.store.transact(
        lambda tx: transactions.forget_tokens(replace(db.region.here, world=World(clock=later)).within(tx))
    )
    await db.transact_write_items(TransactItems=actions(table)[:1], ClientRequestToken="once")


async def test_one_item_is_acted_on_once(db: DynamoDb, table: str) -> None:
    twice = "ValidationException: Transaction request cannot include multiple operations on one item"
    put = actions(table)[:1]
    assert await refusal(db.transact_write_items(TransactItems=put + put)) == twice
    get = [{"Get": {"TableName": table, "Key": KEYS[0]}}] * 2
    assert await refusal(db.transact_get_items(TransactItems=get)) == twice


async def test_a_transaction_holds_four_megabytes(db: DynamoDb, table: str) -> None:
    puts = [
        {"Put": {"TableName": table, "Item": {"pk": {"S": str(number)}, "s": {"S": "a" * 400_000}}}}
        for number in range(11)
    ]
    await db.transact_write_items(TransactItems=puts[:10])
    said = await refusal(db.transact_write_items(TransactItems=puts))
    assert said == "ValidationException: Aggregate size of items in the transaction has exceeded the limit of 4MB"
