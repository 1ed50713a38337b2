"""The parameters that expressions replaced, through boto3: what goes together, and what they find."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

HASH, RANGE = "panregion-hash", "panregion-range"
KEY = {"pk": {"S": "legacy"}}
ALONE = "ConditionalOperator cannot be used without Filter or Expected"
TWO = "ConditionalOperator can only be used when Filter or Expected has two or more elements"


def equal(value: str) -> dict[str, Any]:
    return {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": value}]}


def mixed(old: str, new: str) -> str:
    return (
        "Can not use both expression and non-expression parameters in the same request: "
        f"Non-expression parameters: {{{old}}} Expression parameters: {{{new}}}"
    )


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("scan", {"ConditionalOperator": "OR"}, ALONE),
    ("scan", {"ConditionalOperator": "AND", "ScanFilter": {}}, ALONE),
    ("scan", {"ConditionalOperator": "AND", "ScanFilter": {"a": equal("x")}}, TWO),
    ("scan", {"ConditionalOperator": "AND", "AttributesToGet": ["a", "b"]}, ALONE),
    ("query", {"ConditionalOperator": "AND", "KeyConditions": {"pk": equal("a")}}, ALONE),
    ("query", {"ConditionalOperator": "AND"}, ALONE),
    ("put_item", {"Item": KEY, "ConditionalOperator": "AND"}, ALONE),
    ("put_item", {"Item": KEY, "ConditionalOperator": "AND", "Expected": {"a": equal("x")}}, TWO),
    ("update_item", {"Key": KEY, "ConditionalOperator": "AND"}, ALONE),
    (
        "scan",
        {
            "AttributesToGet": ["a"],
            "ScanFilter": {"a": equal("x")},
            "ConditionalOperator": "AND",
            "FilterExpression": "a = :v",
            "ProjectionExpression": "b",
            "ExpressionAttributeValues": {":v": {"S": "x"}},
        },
        mixed("AttributesToGet, ScanFilter, ConditionalOperator", "ProjectionExpression, FilterExpression"),
    ),
    (
        "delete_item",
        {"Key": KEY, "ConditionalOperator": "AND", "ConditionExpression": "attribute_exists(pk)"},
        mixed("ConditionalOperator", "ConditionExpression"),
    ),
    (
        "scan",
        {
            "ConditionalOperator": "AND",
            "FilterExpression": "a = :v",
            "ExpressionAttributeValues": {":v": {"S": "x"}, ":unused": {"S": "y"}},
        },
        mixed("ConditionalOperator", "FilterExpression"),
    ),
    (
        "update_item",
        {
            "Key": KEY,
            "AttributeUpdates": {"a": {"Value": {"S": "v"}}},
            "ConditionExpression": "attribute_exists(pk)",
        },
        mixed("AttributeUpdates", "ConditionExpression"),
    ),
    (
        "get_item",
        {"Key": KEY, "AttributesToGet": ["a"], "ProjectionExpression": "a"},
        mixed("AttributesToGet", "ProjectionExpression"),
    ),
]


@pytest.mark.parametrize(("operation", "params", "message"), REFUSED)
def test_what_does_not_go_together(client: Any, operation: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(TableName=HASH, **params)
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationException", message)


def test_what_they_find(client: Any) -> None:
    client.put_item(TableName=HASH, Item={**KEY, "a": {"S": "x"}, "b": {"S": "y"}})
    both = {"a": equal("x"), "b": equal("no")}
    keys = {"KeyConditions": {"pk": equal("legacy")}}
    assert client.query(TableName=HASH, **keys, QueryFilter=both)["Count"] == 0
    assert client.query(TableName=HASH, **keys, QueryFilter=both, ConditionalOperator="OR")["Count"] == 1
    named = {"ExpressionAttributeValues": {":v": {"S": "x"}}}
    assert client.query(TableName=HASH, **keys, FilterExpression="a = :v", **named)["Count"] == 1
    assert client.query(TableName=HASH, **keys, ProjectionExpression="a")["Items"] == [{"a": {"S": "x"}}]
    assert client.query(TableName=HASH, **keys, AttributesToGet=["b"])["Items"] == [{"b": {"S": "y"}}]
    with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
        client.delete_item(TableName=HASH, Key=KEY, Expected={"a": {"Exists": False}})
    client.delete_item(TableName=HASH, Key=KEY, Expected={"a": {"Value": {"S": "x"}}})
