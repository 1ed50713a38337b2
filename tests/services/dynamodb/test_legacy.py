"""The parameters that expressions replaced: what they do, what they refuse, and that they do not mix."""

from typing import Any

import pytest

from tests.services.dynamodb.support import DynamoDb, refusal

KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}
ITEM = {**KEY, "text": {"S": "hello"}, "n": {"N": "5"}, "set": {"SS": ["x", "y"]}, "list": {"L": [{"N": "1"}]}}
INVALID = "ValidationException: One or more parameter values were invalid: "
MIXED = (
    "ValidationException: Can not use both expression and non-expression parameters in the same request: "
    "Non-expression parameters: {%s} Expression parameters: {%s}"
)
FAILED = "ConditionalCheckFailedException: The conditional request failed"


def condition(operator: str, *values: Any) -> dict[str, Any]:
    return {"ComparisonOperator": operator, "AttributeValueList": list(values)}


@pytest.fixture
async def table(db: DynamoDb) -> str:
    name = await db.table("legacy", "pk:S", "sk:N")
    await db.put_item(TableName=name, Item=ITEM)
    return name


async def test_attributes_to_get(db: DynamoDb, table: str) -> None:
    wanted = {"n": {"N": "5"}}
    found = await db.get_item(TableName=table, Key=KEY, AttributesToGet=["n", "missing"])
    assert found == {"Item": wanted}
    assert (await db.scan(TableName=table, AttributesToGet=["n"]))["Items"] == [wanted]
    batch = {table: {"Keys": [KEY], "AttributesToGet": ["n"]}}
    assert (await db.batch_get_item(RequestItems=batch))["Responses"] == {table: [wanted]}
    assert (
        await refusal(db.get_item(TableName=table, Key=KEY, AttributesToGet=["n", "n"]))
        == INVALID + "Duplicate value in attribute name: n"
    )


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ({"n": {"Value": {"N": "5"}}}, True),
        ({"n": {"Value": {"N": "5"}, "Exists": True}}, True),
        ({"n": {"Value": {"N": "6"}}}, False),
        ({"missing": {"Exists": False}}, True),
        ({"n": {"Exists": False}}, False),
        ({"n": condition("NOT_NULL")}, True),
        ({"n": condition("NULL")}, False),
        ({"n": condition("NE", {"N": "5"})}, False),
        ({"missing": condition("NE", {"N": "5"})}, True),
        ({"n": condition("GT", {"N": "4"})}, True),
        ({"n": condition("LT", {"S": "9"})}, False),
        ({"n": condition("BETWEEN", {"N": "1"}, {"N": "5"})}, True),
        ({"n": condition("IN", {"N": "1"}, {"N": "5"})}, True),
        ({"text": condition("BEGINS_WITH", {"S": "he"})}, True),
        ({"set": condition("CONTAINS", {"S": "x"})}, True),
        ({"list": condition("CONTAINS", {"N": "1"})}, True),
        ({"set": condition("NOT_CONTAINS", {"S": "x"})}, False),
        ({"text": condition("NOT_CONTAINS", {"S": "z"})}, True),
        ({"n": {"Value": {"N": "5"}}, "text": {"Value": {"S": "no"}}}, False),
    ],
)
async def test_expected(db: DynamoDb, table: str, expected: dict[str, Any], holds: bool) -> None:
    put = db.put_item(TableName=table, Item=KEY, Expected=expected, ReturnValues="ALL_OLD")
    if holds:
        assert await put == {"Attributes": ITEM}
    else:
        assert await refusal(put) == FAILED


async def test_expectations_have_no_limit(db: DynamoDb, table: str) -> None:
    many = {f"missing{n}": {"Exists": False} for n in range(5000)}
    await db.put_item(TableName=table, Item=KEY, Expected=many)
    some = {**many, "pk": {"Exists": False}}
    assert await refusal(db.put_item(TableName=table, Item=KEY, Expected=some)) == FAILED


async def test_or_joins_conditions(db: DynamoDb, table: str) -> None:
    either = {"n": {"Value": {"N": "5"}}, "text": {"Value": {"S": "no"}}}
    await db.delete_item(TableName=table, Key=KEY, Expected=either, ConditionalOperator="OR")
    assert await db.get_item(TableName=table, Key=KEY) == {}


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (
            {"n": {"Value": {"N": "1"}, "AttributeValueList": []}},
            "Value and AttributeValueList cannot be used together for Attribute: n",
        ),
        (
            {"n": {"Exists": True, **condition("EQ", {"N": "1"})}},
            "Exists and ComparisonOperator cannot be used together for Attribute: n",
        ),
        (
            {"n": {"ComparisonOperator": "EQ"}},
            "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: n",
        ),
        (
            {"n": {"AttributeValueList": []}},
            "AttributeValueList can only be used with a ComparisonOperator for Attribute: n",
        ),
        ({"n": {}}, "Value must be provided when Exists is null for Attribute: n"),
        ({"n": {"Exists": True}}, "Value must be provided when Exists is true for Attribute: n"),
        (
            {"n": {"Exists": False, "Value": {"N": "1"}}},
            "Value cannot be used when Exists is false for Attribute: n",
        ),
        ({"n": condition("NULL", {"N": "1"})}, "Invalid number of argument(s) for the NULL ComparisonOperator"),
        (
            {"n": condition("IN", {"N": "1"}, {"S": "1"})},
            "AttributeValues inside AttributeValueList must be of same type",
        ),
        (
            {"n": condition("CONTAINS", {"SS": ["1"]})},
            "ComparisonOperator CONTAINS is not valid for SS AttributeValue type",
        ),
        (
            {"n": condition("BEGINS_WITH", {"N": "1"})},
            "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type",
        ),
    ],
)
async def test_expectations_that_make_no_sense(db: DynamoDb, table: str, expected: dict[str, Any], words: str) -> None:
    assert await refusal(db.put_item(TableName=table, Item=KEY, Expected=expected)) == INVALID + words


async def test_attribute_updates(db: DynamoDb, table: str) -> None:
    updates = {
        "n": {"Action": "ADD", "Value": {"N": "2"}},
        "set": {"Action": "DELETE", "Value": {"SS": ["x"]}},
        "list": {"Action": "ADD", "Value": {"L": [{"S": "new"}]}},
        "text": {"Action": "DELETE"},
        "new": {"Value": {"S": "put"}},
    }
    answer = await db.update_item(TableName=table, Key=KEY, AttributeUpdates=updates, ReturnValues="ALL_NEW")
    assert answer["Attributes"] == {
        **KEY,
        "n": {"N": "7"},
        "set": {"SS": ["y"]},
        "list": {"L": [{"N": "1"}, {"S": "new"}]},
        "new": {"S": "put"},
    }


async def test_only_removals_make_no_item(db: DynamoDb, table: str) -> None:
    key = {**KEY, "sk": {"N": "2"}}
    removal = {"TableName": table, "Key": key, "ReturnValues": "ALL_NEW"}
    assert await db.update_item(**removal, AttributeUpdates={"n": {"Action": "DELETE"}}) == {}
    assert await db.update_item(**removal, UpdateExpression="REMOVE n") == {}
    assert await db.get_item(TableName=table, Key=key) == {}
    assert await db.update_item(**removal, AttributeUpdates={}) == {"Attributes": key}


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ({}, INVALID + "Only DELETE action is allowed when no attribute value is specified"),
        (
            {"Action": "DELETE", "Value": {"S": "a"}},
            INVALID + "DELETE action with value is not supported for the type S",
        ),
        ({"Action": "ADD", "Value": {"S": "a"}}, INVALID + "ADD action is not supported for the type S"),
        (
            {"Action": "ADD", "Value": {"SS": ["a"]}},
            "ValidationException: Type mismatch for attribute to update",
        ),
    ],
)
async def test_updates_that_make_no_sense(db: DynamoDb, table: str, update: dict[str, Any], words: str) -> None:
    assert await refusal(db.update_item(TableName=table, Key=KEY, AttributeUpdates={"n": update})) == words


async def test_key_conditions_and_query_filter(db: DynamoDb, table: str) -> None:
    pk = condition("EQ", {"S": "a"})
    for n in range(2, 6):
        await db.put_item(TableName=table, Item={**KEY, "sk": {"N": str(n)}, "n": {"N": str(n)}})

    async def found(**params: Any) -> list[str]:
        answer = await db.query(TableName=table, **params)
        return [item["sk"]["N"] for item in answer["Items"]]

    assert await found(KeyConditions={"pk": pk, "sk": condition("GE", {"N": "4"})}) == ["4", "5"]
    assert await found(KeyConditions={"pk": pk}, QueryFilter={"n": condition("IN", {"N": "2"}, {"N": "3"})}) == [
        "2",
        "3",
    ]
    named = {"ExpressionAttributeValues": {":n": {"N": "5"}}}
    assert await found(KeyConditions={"pk": pk}, FilterExpression="n = :n", **named) == ["1", "5"]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."),
        ({"KeyConditions": {}}, "Conditions can be of length 1 or 2 only"),
        ({"KeyConditions": {"sk": condition("EQ", {"N": "1"})}}, "Query condition missed key schema element: pk"),
        (
            {"KeyConditions": {"pk": condition("NE", {"S": "a"})}},
            "Attempted conditional constraint is not an indexable operation",
        ),
        ({"KeyConditions": {"pk": condition("GT", {"S": "a"})}}, "Query key condition not supported"),
        (
            {"KeyConditions": {"pk": condition("EQ", {"S": "a"})}, "QueryFilter": {"sk": condition("NOT_NULL")}},
            "QueryFilter can only contain non-primary key attributes: Primary key attribute: sk",
        ),
        (
            {"ConditionalOperator": "AND"},
            "ConditionalOperator cannot be used without Filter or Expected",
        ),
        (
            {"ConditionalOperator": "AND", "QueryFilter": {"n": condition("NOT_NULL")}},
            "ConditionalOperator can only be used when Filter or Expected has two or more elements",
        ),
        (
            {
                "KeyConditions": {"pk": condition("EQ", {"S": "a"})},
                "AttributesToGet": ["n"],
                "Select": "COUNT",
            },
            "Cannot specify the AttributesToGet when choosing to get only the Count",
        ),
    ],
)
async def test_queries_that_make_no_sense(db: DynamoDb, table: str, params: dict[str, Any], words: str) -> None:
    assert await refusal(db.query(TableName=table, **params)) == f"ValidationException: {words}"


async def test_old_and_new_do_not_mix(db: DynamoDb, table: str) -> None:
    given = {"n": condition("NOT_NULL")}
    refused = await refusal(
        db.update_item(
            TableName=table,
            Key=KEY,
            AttributeUpdates={"n": {"Action": "DELETE"}},
            Expected=given,
            ConditionalOperator="AND",
            UpdateExpression="REMOVE n",
            ConditionExpression="attribute_exists(n)",
        )
    )
    listed = ("AttributeUpdates, Expected, ConditionalOperator", "UpdateExpression, ConditionExpression")
    assert refused == MIXED % listed
    refused = await refusal(
        db.query(
            TableName=table,
            KeyConditions=given,
            QueryFilter=given,
            KeyConditionExpression="pk = :p",
            ProjectionExpression="n",
            ExpressionAttributeValues={":p": {"S": "a"}},
        )
    )
    assert refused == MIXED % ("QueryFilter, KeyConditions", "ProjectionExpression, KeyConditionExpression")
    refused = await refusal(db.scan(TableName=table, ScanFilter=given, ProjectionExpression="n"))
    assert refused == MIXED % ("ScanFilter", "ProjectionExpression")
