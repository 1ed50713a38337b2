"""What DynamoDB refuses, with which class and words. Written from AWS's documentation and published captures."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

HASH, RANGE, BINARY = "panregion-hash", "panregion-range", "panregion-binary"
KEY = {"pk": {"S": "a"}}
PAIR = {**KEY, "sk": {"N": "1"}}
WORDS = "One or more parameter values were invalid: "
EMPTY = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "

ITEMS_MISSING = "The requestItems parameter is required for"

Case = tuple[str, dict[str, Any], str, str]

SHAPES: list[Case] = [
    (
        "put_item",
        {"Item": KEY},
        "ValidationException",
        "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null",
    ),
    (
        "put_item",
        {"TableName": "bad table!@#", "Item": KEY},
        "ValidationException",
        "1 validation error detected: Value 'bad table!@#' at 'tableName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    ),
    (
        "put_item",
        {"TableName": "a" * 256, "Item": KEY},
        "ValidationException",
        f"1 validation error detected: Value '{'a' * 256}' at 'tableName' failed to satisfy constraint: "
        "Member must have length less than or equal to 255",
    ),
    (
        "scan",
        {"TableName": HASH, "Limit": 0},
        "ValidationException",
        "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1",
    ),
]

SHAPES += [
    ("batch_get_item", {"RequestItems": {}}, "ValidationException", f"{ITEMS_MISSING} BatchGetItem"),
    ("batch_write_item", {"RequestItems": {}}, "ValidationException", f"{ITEMS_MISSING} BatchWriteItem"),
    (
        "create_table",
        {"AttributeDefinitions": [], "KeySchema": []},
        "ValidationException",
        "The parameter 'TableName' is required but was not present in the request",
    ),
    (
        "query",
        {"TableName": HASH, "Select": "ALL"},
        "ValidationException",
        "1 validation error detected: Value 'ALL' at 'select' failed to satisfy constraint: Member must satisfy "
        "enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]",
    ),
    (
        "batch_write_item",
        {"RequestItems": {HASH: []}},
        "ValidationException",
        f"1 validation error detected: Value '{{{HASH}=[]}}' at 'requestItems' failed to satisfy constraint: "
        "Map value must satisfy constraint: [Member must have length less than or equal to 25, "
        "Member must have length greater than or equal to 1]",
    ),
]

VALUES: list[Case] = [
    ("put_item", {"TableName": HASH, "Item": {**KEY, "v": value}}, "ValidationException", text)
    for value, text in (
        ({"SS": []}, WORDS + "An string set  may not be empty"),
        ({"NS": []}, WORDS + "An number set  may not be empty"),
        ({"SS": ["a", "a"]}, WORDS + "Input collection [a, a] contains duplicates."),
        ({"NS": ["1", "1.0"]}, "Input collection contains duplicates"),
        ({"N": ""}, "The parameter cannot be converted to a numeric value"),
        ({"N": "one"}, "The parameter cannot be converted to a numeric value: one"),
        ({"N": "1" * 39}, "Attempting to store more than 38 significant digits in a Number"),
        (
            {"N": "1e126"},
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
        (
            {"N": "1e-131"},
            "Number underflow. Attempting to store a number with magnitude smaller than supported range",
        ),
        ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (
            {"S": "a", "N": "1"},
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes",
        ),
    )
]

KEYS: list[Case] = [
    ("put_item", {"TableName": RANGE, "Item": KEY}, "ValidationException", WORDS + "Missing the key sk in the item"),
    (
        "put_item",
        {"TableName": RANGE, "Item": {**KEY, "sk": {"S": "1"}}},
        "ValidationException",
        WORDS + "Type mismatch for key sk expected: N actual: S",
    ),
    (
        "put_item",
        {"TableName": RANGE, "Item": {**PAIR, "g": {"N": "1"}}},
        "ValidationException",
        WORDS + "Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g",
    ),
    (
        "put_item",
        {"TableName": RANGE, "Item": {**PAIR, "g": {"S": ""}}},
        "ValidationException",
        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
        "The AttributeValue for a key attribute cannot contain an empty string value. IndexName: by-g, IndexKey: g",
    ),
    (
        "put_item",
        {"TableName": HASH, "Item": {"pk": {"S": ""}}},
        "ValidationException",
        EMPTY + "string value. Key: pk",
    ),
    ("get_item", {"TableName": HASH, "Key": {"pk": {"S": ""}}}, "ValidationException", EMPTY + "string value. Key: pk"),
    (
        "get_item",
        {"TableName": BINARY, "Key": {"pk": {"B": b""}}},
        "ValidationException",
        EMPTY + "binary value. Key: pk",
    ),
    (
        "get_item",
        {"TableName": RANGE, "Key": KEY},
        "ValidationException",
        "The provided key element does not match the schema",
    ),
    (
        "delete_item",
        {"TableName": HASH, "Key": {"pk": {"N": "1"}}},
        "ValidationException",
        "The provided key element does not match the schema",
    ),
    (
        "update_item",
        {
            "TableName": HASH,
            "Key": KEY,
            "UpdateExpression": "SET pk = :v",
            "ExpressionAttributeValues": {":v": {"S": "b"}},
        },
        "ValidationException",
        WORDS + "Cannot update attribute pk. This attribute is part of the key",
    ),
]

EXPRESSIONS: list[Case] = [
    (
        "get_item",
        {"TableName": HASH, "Key": KEY, "ProjectionExpression": "!!! INVALID !!!"},
        "ValidationException",
        'Invalid ProjectionExpression: Syntax error; token: "!", near: "!!"',
    ),
    (
        "get_item",
        {"TableName": HASH, "Key": KEY, "ProjectionExpression": "a, a.b"},
        "ValidationException",
        "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of "
        "these paths; path one: [a], path two: [a, b]",
    ),
    (
        "put_item",
        {"TableName": HASH, "Item": KEY, "ConditionExpression": "((attribute_not_exists(pk)))"},
        "ValidationException",
        "Invalid ConditionExpression: The expression has redundant parentheses;",
    ),
    (
        "put_item",
        {
            "TableName": HASH,
            "Item": KEY,
            "ConditionExpression": "contains(#a, #a)",
            "ExpressionAttributeNames": {"#a": "data"},
        },
        "ValidationException",
        "Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this "
        "operator or function; operator: contains, first operand: [data]",
    ),
    (
        "update_item",
        {"TableName": HASH, "Key": KEY, "UpdateExpression": "INVALID SYNTAX HERE"},
        "ValidationException",
        'Invalid UpdateExpression: Syntax error; token: "INVALID", near: "INVALID SYNTAX"',
    ),
    (
        "update_item",
        {"TableName": HASH, "Key": KEY, "UpdateExpression": "SET a = :v"},
        "ValidationException",
        "Invalid UpdateExpression: An expression attribute value used in expression is not defined; "
        "attribute value: :v",
    ),
    (
        "query",
        {
            "TableName": RANGE,
            "KeyConditionExpression": "pk = :p",
            "FilterExpression": "#absent = :p",
            "ExpressionAttributeValues": {":p": {"S": "a"}},
        },
        "ValidationException",
        "Invalid FilterExpression: An expression attribute name used in the document path is not defined; "
        "attribute name: #absent",
    ),
    (
        "query",
        {"TableName": RANGE, "KeyConditionExpression": "sk = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}},
        "ValidationException",
        "Query condition missed key schema element: pk",
    ),
]

TABLES: list[Case] = [
    (
        "get_item",
        {"TableName": "panregion-absent", "Key": KEY},
        "ResourceNotFoundException",
        "Requested resource not found",
    ),
    (
        "describe_table",
        {"TableName": "panregion-absent"},
        "ResourceNotFoundException",
        "Requested resource not found: Table: panregion-absent not found",
    ),
    (
        "update_table",
        {"TableName": HASH},
        "ValidationException",
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
        "SSESpecification or ReplicaUpdates is required",
    ),
]


@pytest.mark.parametrize(
    ("operation", "params", "code", "message"),
    [
        pytest.param(*case, id=f"{group}-{place}-{case[0]}")
        for group, cases in (
            ("shape", SHAPES),
            ("value", VALUES),
            ("key", KEYS),
            ("expression", EXPRESSIONS),
            ("table", TABLES),
        )
        for place, case in enumerate(cases)
    ],
)
def test_refused(client: Any, operation: str, params: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**params)
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == (code, message)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_failed_condition_gives_the_item(client: Any) -> None:
    client.put_item(TableName=HASH, Item={**KEY, "v": {"B": b"\x00\x01"}})
    with pytest.raises(ClientError) as refused:
        client.put_item(
            TableName=HASH,
            Item=KEY,
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    response: dict[str, Any] = dict(refused.value.response)
    assert response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert response["Item"] == {**KEY, "v": {"B": b"\x00\x01"}}


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("put_item", {"Item": {**KEY, "n" * 65536: {"S": "x"}}}),
        ("put_item", {"Item": {**KEY, "ü" * 32768: {"S": "x"}}}),
        ("put_item", {"Item": {**KEY, "m": {"M": {"n" * 65536: {"S": "x"}}}}}),
        (
            "update_item",
            {
                "Key": KEY,
                "UpdateExpression": "SET d = :v",
                "ExpressionAttributeValues": {":v": {"M": {"n" * 65536: {"S": "x"}}}},
            },
        ),
        (
            "update_item",
            {"Key": KEY, "UpdateExpression": "REMOVE #n", "ExpressionAttributeNames": {"#n": "n" * 65536}},
        ),
    ],
)
def test_attribute_names_have_an_end(client: Any, operation: str, params: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(TableName=HASH, **params)
    text = "1 validation error detected: Attribute name is too large, must be less than 65536 bytes"
    assert refused.value.response["Error"]["Message"] == text
    client.put_item(TableName=HASH, Item={**KEY, "n" * 65535: {"S": "x"}})


def test_cancellation_reasons_come_in_order(client: Any) -> None:
    client.put_item(TableName=HASH, Item=KEY)
    condition = {"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    with pytest.raises(ClientError) as refused:
        client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": HASH, "Item": {"pk": {"S": "other"}}}},
                {"Put": {"TableName": HASH, "Item": KEY, **condition}},
            ]
        )
    response = refused.value.response
    assert response["Error"]["Code"] == "TransactionCanceledException"
    assert response["CancellationReasons"][0] == {"Code": "None"}
    assert response["CancellationReasons"][1]["Code"] == "ConditionalCheckFailed"
    assert response["CancellationReasons"][1]["Item"] == KEY


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"N": "1.50"}, {"N": "1.5"}),
        ({"N": "1e3"}, {"N": "1000"}),
        ({"N": "-0"}, {"N": "0"}),
        ({"S": ""}, {"S": ""}),
        ({"B": b""}, {"B": b""}),
        ({"NULL": True}, {"NULL": True}),
        ({"L": []}, {"L": []}),
        ({"M": {"a": {"L": [{"N": "01"}]}}}, {"M": {"a": {"L": [{"N": "1"}]}}}),
        ({"S": 'quotes " and \u2028 and :null, 𐀀'}, {"S": 'quotes " and \u2028 and :null, 𐀀'}),
    ],
)
def test_values_come_back(client: Any, given: Any, read: Any) -> None:
    client.put_item(TableName=HASH, Item={**KEY, "v": given})
    found = client.get_item(TableName=HASH, Key=KEY, ConsistentRead=True)["Item"]
    assert found == {**KEY, "v": read}
