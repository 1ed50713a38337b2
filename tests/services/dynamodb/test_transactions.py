"""Batches and transactions."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from panregion.services.dynamodb import layout, transactions
from panregion.store import SqliteEngine
from panregion.wire import AwsError
from panregion.world import ManualClock, World
from tests.services.dynamodb.support import DynamoDb, refusal
from tests.support import region_in

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


ONGOING = "Transaction is ongoing for the item"


def puts(table: str, *names: str) -> dict[str, Any]:
    return {"TransactItems": [{"Put": {"TableName": table, "Item": {"pk": {"S": name}}}} for name in names]}


async def together(*asked: Any) -> list[Any]:
    """The outcomes of requests that arrive during one sync; of an error, its text."""
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    return [f"{error.code}: {error.message}" if isinstance(error, AwsError) else error for error in outcomes]


async def test_a_transaction_that_meets_another_under_way_is_cancelled(db: DynamoDb, table: str) -> None:
    check = {"ConditionCheck": {"TableName": table, "Key": KEYS[2], "ConditionExpression": "attribute_not_exists(pk)"}}
    first, second, third = await together(
        db.transact_write_items(TransactItems=[*puts(table, "a", "b")["TransactItems"], check]),
        db.transact_write_items(**puts(table, "b", "d")),
        db.transact_write_items(**puts(table, "e", "c")),
    )
    assert first == {}
    assert second == f"{CANCELLED}[TransactionConflict, None]"
    assert third == f"{CANCELLED}[None, TransactionConflict]"
    assert await count(db, table) == 2
    assert await db.transact_write_items(**puts(table, "b", "d")) == {}  # nothing is under way any more


async def test_a_write_that_meets_a_transaction_under_way_is_refused(db: DynamoDb, table: str) -> None:
    statement = {"Statement": f"INSERT INTO {table} VALUE {{'pk': 'a'}}"}
    outcomes = await together(
        db.transact_write_items(**puts(table, "a")),
        db.put_item(TableName=table, Item=KEYS[0]),
        db.update_item(TableName=table, Key=KEYS[0]),
        db.delete_item(TableName=table, Key=KEYS[0]),
        db.execute_statement(**statement),
        db.execute_transaction(TransactStatements=[statement]),
        db.put_item(TableName=table, Item=KEYS[1]),
    )
    assert outcomes[0] == outcomes[6] == {}
    assert set(outcomes[1:5]) == {f"TransactionConflictException: {ONGOING}"}
    assert outcomes[5] == f"{CANCELLED}[TransactionConflict]"


async def test_a_batch_leaves_what_a_transaction_holds_for_later(db: DynamoDb, table: str) -> None:
    batch = [{"PutRequest": {"Item": key}} for key in KEYS[:2]]
    statements = [{"Statement": f"INSERT INTO {table} VALUE {{'pk': '{name}'}}"} for name in "ac"]
    _, written, executed = await together(
        db.transact_write_items(**puts(table, "a")),
        db.batch_write_item(RequestItems={table: batch}),
        db.batch_execute_statement(Statements=statements),
    )
    assert written == {"UnprocessedItems": {table: batch[:1]}}
    assert executed["Responses"][0]["Error"] == {"Code": "TransactionConflict", "Message": ONGOING}
    assert executed["Responses"][1] == {"TableName": table}


async def test_one_that_failed_holds_nothing(db: DynamoDb, table: str) -> None:
    never = {"TableName": table, "Item": KEYS[0], "ConditionExpression": "attribute_exists(pk)"}
    first, second = await together(
        db.transact_write_items(TransactItems=[{"Put": never}], ClientRequestToken="once"),
        db.put_item(TableName=table, Item=KEYS[0]),
    )
    assert first == f"{CANCELLED}[ConditionalCheckFailed]"
    assert second == {}
    assert await db.transact_write_items(TransactItems=[{"Put": never}], ClientRequestToken="once") == {}


async def test_a_token_whose_transaction_is_under_way(db: DynamoDb, table: str) -> None:
    once = {**puts(table, "a"), "ClientRequestToken": "once"}
    first, second = await together(db.transact_write_items(**once), db.transact_write_items(**once))
    assert first == {}
    assert second == (
        "TransactionInProgressException: The transaction with the given request token is already in progress."
    )
    assert await db.transact_write_items(**once) == {}


async def test_reading_in_a_transaction_what_is_being_written(tmp_path: Path) -> None:
    region = region_in(tmp_path, engine=SqliteEngine(tmp_path / "state.db"))
    await region.start()
    db = DynamoDb(region)
    table = await db.table("items", "pk:S")
    reads = [{"Get": {"TableName": table, "Key": key}} for key in KEYS[:2]]
    view = region.store.read(lambda tx: layout.read_table(tx, table))
    assert view is not None
    written = asyncio.create_task(db.put_item(TableName=table, Item=KEYS[1]))
    while not region.store.under_way(layout.item_key(view, KEYS[1])):
        await asyncio.sleep(0)
    (read,) = await together(db.transact_get_items(TransactItems=reads))
    assert read == f"{CANCELLED}[None, TransactionConflict]"
    await written
    assert (await db.transact_get_items(TransactItems=reads))["Responses"] == [{}, {"Item": KEYS[1]}]
    await region.stop()
