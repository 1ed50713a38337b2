"""Put, get, update, delete: results, conditions, return values, capacity, errors in AWS's order."""

from typing import Any

import pytest

from tests.services.dynamodb.support import DynamoDb, index, refusal

KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}
ITEM = {**KEY, "text": {"S": "hello"}, "n": {"N": "5"}}
INVALID = "ValidationException: One or more parameter values were invalid: "


@pytest.fixture
async def table(db: DynamoDb) -> str:
    return await db.table("items", "pk:S", "sk:N")


async def test_what_is_put_is_read_until_it_is_deleted(db: DynamoDb, table: str) -> None:
    assert await db.put_item(TableName=table, Item={**ITEM, "n": {"N": "5.0"}}) == {}
    assert await db.get_item(TableName=table, Key={**KEY, "sk": {"N": "1.00"}}) == {"Item": ITEM}
    assert await db.delete_item(TableName=table, Key=KEY) == {}
    assert await db.get_item(TableName=table, Key=KEY) == {}
    assert await db.delete_item(TableName=table, Key=KEY, ReturnValues="ALL_OLD") == {}


async def test_all_old(db: DynamoDb, table: str) -> None:
    await db.put_item(TableName=table, Item=ITEM)
    assert await db.put_item(TableName=table, Item=KEY, ReturnValues="ALL_OLD") == {"Attributes": ITEM}
    assert await db.delete_item(TableName=table, Key=KEY, ReturnValues="ALL_OLD") == {"Attributes": KEY}


async def test_a_table_is_found_by_its_arn(db: DynamoDb, table: str) -> None:
    arn = (await db.describe_table(TableName=table))["Table"]["TableArn"]
    await db.put_item(TableName=arn, Item=ITEM)
    assert (await db.get_item(TableName=arn, Key=KEY))["Item"] == ITEM


async def test_a_condition_that_fails_changes_nothing(db: DynamoDb, table: str) -> None:
    await db.put_item(TableName=table, Item=ITEM)
    failed = "ConditionalCheckFailedException: The conditional request failed"
    once = {"TableName": table, "ConditionExpression": "attribute_not_exists(pk)"}
    assert await refusal(db.put_item(Item=KEY, **once)) == failed
    assert await refusal(db.delete_item(Key=KEY, **once)) == failed
    assert await refusal(db.update_item(Key=KEY, UpdateExpression="REMOVE n", **once)) == failed
    assert (await db.get_item(TableName=table, Key=KEY))["Item"] == ITEM


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("NONE", None),
        ("ALL_OLD", ITEM),
        ("ALL_NEW", {**KEY, "text": {"S": "hello"}, "n": {"N": "6"}, "new": {"S": "x"}}),
        ("UPDATED_OLD", {"n": {"N": "5"}}),
        ("UPDATED_NEW", {"n": {"N": "6"}, "new": {"S": "x"}}),
    ],
)
async def test_return_values_of_an_update(
    db: DynamoDb, table: str, wanted: str, expected: dict[str, Any] | None
) -> None:
    await db.put_item(TableName=table, Item=ITEM)
    output = await db.update_item(
        TableName=table,
        Key=KEY,
        UpdateExpression="SET n = n + :one, #new = :x",
        ExpressionAttributeNames={"#new": "new"},
        ExpressionAttributeValues={":one": {"N": "1"}, ":x": {"S": "x"}},
        ReturnValues=wanted,
    )
    assert output.get("Attributes") == expected


async def test_an_update_makes_the_item_it_does_not_find(db: DynamoDb, table: str) -> None:
    assert await db.update_item(TableName=table, Key=KEY, ReturnValues="ALL_NEW") == {"Attributes": KEY}


async def test_projections(db: DynamoDb, table: str) -> None:
    await db.put_item(TableName=table, Item=ITEM)
    output = await db.get_item(TableName=table, Key=KEY, ProjectionExpression="n, pk")
    assert output == {"Item": {"n": {"N": "5"}, "pk": {"S": "a"}}}


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        (
            "put_item",
            {"Item": {"pk": {"S": "a"}}},
            INVALID + "Missing the key sk in the item",
        ),
        (
            "put_item",
            {"Item": {"pk": {"S": "a"}, "sk": {"S": "a"}}},
            INVALID + "Type mismatch for key sk expected: N actual: S",
        ),
        (
            "put_item",
            {"Item": {"pk": {"S": ""}, "sk": {"N": "1"}}},
            "ValidationException: One or more parameter values are not valid. The AttributeValue for a key attribute "
            "cannot contain an empty string value. Key: pk",
        ),
        (
            "put_item",
            {"Item": {"pk": {"S": "a" * 2049}, "sk": {"N": "1"}}},
            INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes",
        ),
        (
            "put_item",
            {"Item": {**KEY, "big": {"S": "a" * 409_600}}},
            "ValidationException: Item size has exceeded the maximum allowed size",
        ),
        (
            "put_item",
            {"Item": {**KEY, "n": {"N": "x"}}, "TableName": "absent"},
            "ValidationException: The parameter cannot be converted to a numeric value: x",
        ),
        (
            "put_item",
            {"Item": ITEM, "ReturnValues": "ALL_NEW"},
            "ValidationException: ReturnValues can only be ALL_OLD or NONE",
        ),
        (
            "put_item",
            {"Item": {**KEY, "s": {"S": 1}}},
            "SerializationException: NUMBER_VALUE cannot be converted to String",
        ),
        ("put_item", {"Item": ITEM, "TableName": "absent"}, "ResourceNotFoundException: Requested resource not found"),
        ("get_item", {"Key": ITEM}, "ValidationException: The provided key element does not match the schema"),
        (
            "get_item",
            {"Key": {"pk": {"N": "1"}, "sk": {"N": "1"}}},
            "ValidationException: The provided key element does not match the schema",
        ),
        (
            "get_item",
            {"Key": {"pk": {"S": ""}, "sk": {"N": "1"}}},
            "ValidationException: One or more parameter values are not valid. The AttributeValue for a key attribute "
            "cannot contain an empty string value. Key: pk",
        ),
        (
            "get_item",
            {"Key": KEY, "ProjectionExpression": "pk.x"},
            "ValidationException: Key attributes must be scalars; list random access '[]' and map lookup '.' "
            "are not allowed: Key: pk",
        ),
        (
            "get_item",
            {"Key": KEY, "ExpressionAttributeNames": {"#a": "a"}},
            "ValidationException: ExpressionAttributeNames can only be specified when using expressions",
        ),
        (
            "delete_item",
            {"Key": KEY, "ExpressionAttributeValues": {":a": {"S": "a"}}},
            "ValidationException: ExpressionAttributeValues can only be specified when using expressions: "
            "ConditionExpression is null",
        ),
        (
            "update_item",
            {"Key": KEY, "UpdateExpression": "SET sk = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}},
            INVALID + "Cannot update attribute sk. This attribute is part of the key",
        ),
        (
            "update_item",
            {"Key": KEY, "UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {":v": {"N": "x"}}},
            "ValidationException: ExpressionAttributeValues contains invalid value: "
            "The parameter cannot be converted to a numeric value: x for key :v",
        ),
        (
            "update_item",
            {
                "Key": KEY,
                "UpdateExpression": "SET a = :v",
                "ExpressionAttributeValues": {":v": {"N": "1"}, ":w": {"N": "1"}},
            },
            "ValidationException: Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}",
        ),
        (
            "update_item",
            {"Key": KEY, "UpdateExpression": "REMOVE #a", "ExpressionAttributeNames": {"#a": "a", "#b": "b"}},
            "ValidationException: Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}",
        ),
        (
            "update_item",
            {"Key": KEY, "UpdateExpression": "REMOVE #a", "ExpressionAttributeNames": {"a": "a"}},
            'ValidationException: ExpressionAttributeNames contains invalid key: Syntax error; key: "a"',
        ),
        (
            "update_item",
            {"Key": KEY, "UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {}},
            "ValidationException: ExpressionAttributeValues must not be empty",
        ),
        (
            "update_item",
            {"Key": KEY, "UpdateExpression": "SET big = :v", "ExpressionAttributeValues": {":v": {"S": "a" * 409_600}}},
            "ValidationException: Item size to update has exceeded the maximum allowed size",
        ),
    ],
)
async def test_refusals(db: DynamoDb, table: str, operation: str, params: dict[str, Any], expected: str) -> None:
    assert await refusal(getattr(db, operation)(**{"TableName": table, **params})) == expected


async def test_capacity(db: DynamoDb, table: str) -> None:
    item = {**KEY, "s": {"S": "a" * 5000}}
    put = await db.put_item(TableName=table, Item=item, ReturnConsumedCapacity="TOTAL")
    assert put == {"ConsumedCapacity": {"CapacityUnits": 5.0, "TableName": table}}
    eventual = await db.get_item(TableName=table, Key=KEY, ReturnConsumedCapacity="INDEXES")
    units = {"CapacityUnits": 1.0, "TableName": table, "Table": {"CapacityUnits": 1.0}}
    assert eventual["ConsumedCapacity"] == units
    strong = await db.get_item(TableName=table, Key=KEY, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")
    assert strong["ConsumedCapacity"]["CapacityUnits"] == 2.0
    nothing = await db.get_item(TableName=table, Key={**KEY, "sk": {"N": "2"}}, ReturnConsumedCapacity="TOTAL")
    assert nothing["ConsumedCapacity"]["CapacityUnits"] == 0.5


async def test_index_capacity_and_collection_metrics(db: DynamoDb) -> None:
    table = await db.table(
        "indexed",
        "pk:S",
        "sk:N",
        others=["g:S", "l:S"],
        GlobalSecondaryIndexes=[index("by-g", "g")],
        LocalSecondaryIndexes=[index("by-l", "pk", "l", projection="KEYS_ONLY")],
    )
    item = {**KEY, "g": {"S": "x"}, "l": {"S": "x"}}
    output = await db.put_item(
        TableName=table, Item=item, ReturnConsumedCapacity="INDEXES", ReturnItemCollectionMetrics="SIZE"
    )
    one = {"CapacityUnits": 1.0}
    assert output["ConsumedCapacity"] == {
        "CapacityUnits": 3.0,
        "TableName": table,
        "Table": one,
        "GlobalSecondaryIndexes": {"by-g": one},
        "LocalSecondaryIndexes": {"by-l": one},
    }
    assert output["ItemCollectionMetrics"] == {
        "ItemCollectionKey": {"pk": {"S": "a"}},
        "SizeEstimateRangeGB": [0.0, 1.0],
    }
    changed = await db.update_item(
        TableName=table,
        Key=KEY,
        UpdateExpression="SET g = :g",
        ExpressionAttributeValues={":g": {"S": "y"}},
        ReturnConsumedCapacity="INDEXES",
    )
    assert changed["ConsumedCapacity"]["GlobalSecondaryIndexes"] == {"by-g": {"CapacityUnits": 2.0}}
    assert "LocalSecondaryIndexes" not in changed["ConsumedCapacity"]


async def test_index_keys_have_their_types(db: DynamoDb) -> None:
    table = await db.table("typed", "pk:S", others=["g:S"], GlobalSecondaryIndexes=[index("by-g", "g")])
    wrong = "Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g"
    item = {"pk": {"S": "a"}, "g": {"N": "1"}}
    assert await refusal(db.put_item(TableName=table, Item=item)) == INVALID + wrong
    update = db.update_item(
        TableName=table,
        Key={"pk": {"S": "a"}},
        UpdateExpression="SET g = :g",
        ExpressionAttributeValues={":g": {"N": "1"}},
    )
    assert await refusal(update) == INVALID + wrong
