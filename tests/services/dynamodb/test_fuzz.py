"""Requests that make no sense, in every parameter, are refused with a reason: never a failure of ours."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.region import Region
from panregion.world.http import Request
from tests.services.dynamodb.support import DynamoDb, index
from tests.support import region_in

texts = st.sampled_from(
    ["", "a", "pk", "sk", "g", "v", "1", "1e400", "-0", "=", "AND", "OR", "ALL_OLD", "by-g", "#a", ":v"]
)
scalars = st.one_of(texts, st.integers(-3, 3), st.booleans(), st.none())
attribute_values = st.recursive(
    st.one_of(
        st.builds(lambda text: {"S": text}, texts),
        st.builds(lambda number: {"N": number}, st.sampled_from(["1", "-5", "1e2", "x", ""])),
        st.builds(lambda text: {"B": text}, st.sampled_from(["", "YQ==", "a", "!!!!"])),
        st.just({"NULL": True}),
        st.just({"BOOL": False}),
        st.builds(lambda members: {"SS": members}, st.lists(texts, max_size=3)),
        st.builds(lambda members: {"NS": members}, st.lists(st.sampled_from(["1", "1.0", "2"]), max_size=3)),
        st.just({}),
    ),
    lambda inner: st.one_of(
        st.builds(lambda members: {"L": members}, st.lists(inner, max_size=2)),
        st.builds(lambda members: {"M": members}, st.dictionaries(texts, inner, max_size=2)),
    ),
    max_leaves=3,
)
rubbish = st.recursive(
    st.one_of(scalars, attribute_values),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=4,
)
operators = st.sampled_from(
    ["EQ", "NE", "IN", "LE", "LT", "GE", "GT", "BETWEEN", "NOT_NULL", "NULL", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH"]
)
conditions = st.fixed_dictionaries(
    {}, optional={"ComparisonOperator": operators, "AttributeValueList": st.lists(attribute_values, max_size=3)}
)
expectations = st.fixed_dictionaries(
    {},
    optional={
        "Value": attribute_values,
        "Exists": st.booleans(),
        "ComparisonOperator": operators,
        "AttributeValueList": st.lists(attribute_values, max_size=3),
    },
)
updates = st.fixed_dictionaries(
    {}, optional={"Value": attribute_values, "Action": st.sampled_from(["PUT", "ADD", "DELETE", "MIX"])}
)
expressions = st.sampled_from(
    [
        "pk = :v",
        "a = :v AND NOT (b < :v)",
        "attribute_exists(#a.b[1])",
        "SET a = if_not_exists(a, :v) + :v REMOVE b[0]",
        "ADD v :v",
        "a, b.c",
        "size(a) > :v",
        "((",
        "a IN (:v, :v)",
        "begins_with(pk, :v)",
    ]
)
items = st.dictionaries(texts, attribute_values, max_size=3)
PARAMETERS: dict[str, st.SearchStrategy[Any]] = {
    "Item": items,
    "Key": items,
    "ExclusiveStartKey": items,
    "Expected": st.dictionaries(texts, expectations, max_size=3),
    "KeyConditions": st.dictionaries(texts, conditions, max_size=2),
    "QueryFilter": st.dictionaries(texts, conditions, max_size=2),
    "ScanFilter": st.dictionaries(texts, conditions, max_size=2),
    "AttributeUpdates": st.dictionaries(texts, updates, max_size=3),
    "AttributesToGet": st.lists(texts, max_size=3),
    "ConditionalOperator": st.sampled_from(["AND", "OR", "XOR"]),
    "ConditionExpression": expressions,
    "FilterExpression": expressions,
    "UpdateExpression": expressions,
    "ProjectionExpression": expressions,
    "KeyConditionExpression": expressions,
    "ExpressionAttributeNames": st.dictionaries(texts, texts, max_size=2),
    "ExpressionAttributeValues": st.dictionaries(texts, attribute_values, max_size=2),
    "IndexName": st.sampled_from(["by-g", "none"]),
    "Limit": st.integers(-1, 3),
    "Select": texts,
    "ReturnValues": texts,
    "ReturnConsumedCapacity": st.sampled_from(["TOTAL", "INDEXES", "x"]),
    "Segment": st.integers(-1, 3),
    "TotalSegments": st.integers(-1, 3),
}
OPERATIONS = {
    "PutItem": ("Item", "Expected", "ConditionalOperator", "ConditionExpression", "ReturnValues"),
    "DeleteItem": ("Key", "Expected", "ConditionalOperator", "ConditionExpression", "ReturnConsumedCapacity"),
    "UpdateItem": ("Key", "AttributeUpdates", "Expected", "ConditionalOperator", "UpdateExpression", "ReturnValues"),
    "GetItem": ("Key", "AttributesToGet", "ProjectionExpression", "ReturnConsumedCapacity"),
    "Query": (
        *("KeyConditions", "QueryFilter", "ConditionalOperator", "AttributesToGet", "KeyConditionExpression"),
        *("FilterExpression", "IndexName", "Limit", "Select", "ExclusiveStartKey"),
    ),
    "Scan": (
        *("ScanFilter", "ConditionalOperator", "AttributesToGet", "FilterExpression", "ProjectionExpression"),
        *("IndexName", "Limit", "Select", "ExclusiveStartKey", "Segment", "TotalSegments"),
    ),
}
EXPRESSED = ("ExpressionAttributeNames", "ExpressionAttributeValues")


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    operation = draw(st.sampled_from(sorted(OPERATIONS)))
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name in (*OPERATIONS[operation], *EXPRESSED):
        optional[name] = PARAMETERS[name] if draw(st.integers(0, 9)) else rubbish
    params = draw(st.fixed_dictionaries({}, optional=optional))
    if draw(st.booleans()):
        place = draw(st.sampled_from(["a", "b"]))
        key = {"pk": {"S": place}, "sk": {"N": "1"}}
        params["Item" if operation == "PutItem" else "Key"] = key
        if operation in ("Query", "Scan"):
            del params["Key"]
    return operation, {"TableName": "table", **params}


async def ask(region: Region, operation: str, params: dict[str, Any]) -> int:
    scope = "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/dynamodb/aws4_request"
    headers = [
        ("x-amz-target", f"DynamoDB_20120810.{operation}"),
        ("content-type", "application/x-amz-json-1.0"),
        ("authorization", f"{scope}, SignedHeaders=host, Signature=0"),
    ]
    response = await region.gateway(Request("POST", "/", "", headers, msgspec.json.encode(params), "127.0.0.1"))
    return response.status


@settings(max_examples=15, deadline=None)
@given(st.lists(requests(), min_size=20, max_size=40))
def test_nothing_breaks_it(asked: list[tuple[str, dict[str, Any]]]) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            region = region_in(Path(folder))
            await region.start()
            db = DynamoDb(region)
            stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
            by_g = [index("by-g", "g")]
            await db.table(
                "table", "pk:S", "sk:N", others=["g:S"], GlobalSecondaryIndexes=by_g, StreamSpecification=stream
            )
            for operation, params in asked:
                status = await ask(region, operation, params)
                assert status in (200, 400), f"{operation} {params}: {status}"
            await region.stop()

    asyncio.run(play())
