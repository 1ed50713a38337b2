"""Query and Scan: order, ranges, pages, indexes, filters, segments, refusals."""

from typing import Any

import pytest

from tests.services.dynamodb.support import DynamoDb, index, refusal

NUMBERS = ["-12.5", "-3", "0", "0.5", "2", "10", "100"]
V = {":p": {"S": "p"}, ":one": {"N": "1"}, ":ten": {"N": "10"}, ":x": {"S": "x"}}


@pytest.fixture
async def table(db: DynamoDb) -> str:
    name = await db.table(
        "things",
        "pk:S",
        "sk:N",
        others=["g:S", "l:S"],
        GlobalSecondaryIndexes=[
            index("by-g", "g", "sk", projection="INCLUDE", include=("kept",)),
            index("all-g", "g"),
        ],
        LocalSecondaryIndexes=[index("by-l", "pk", "l", projection="KEYS_ONLY")],
    )
    for place, number in enumerate(NUMBERS):
        item = {"pk": {"S": "p"}, "sk": {"N": number}, "kept": {"S": "k"}, "extra": {"N": str(place)}}
        if place % 2:
            item |= {"g": {"S": "x"}, "l": {"S": f"l{9 - place}"}}
        await db.put_item(TableName=name, Item=item)
    await db.put_item(TableName=name, Item={"pk": {"S": "q"}, "sk": {"N": "1"}})
    return name


def used(text: str) -> dict[str, Any]:
    return {name: value for name, value in V.items() if name in text}


def sorts(output: dict[str, Any]) -> list[str]:
    return [item["sk"]["N"] for item in output["Items"]]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", NUMBERS),
        (" AND sk = :ten", ["10"]),
        (" AND sk < :one", ["-12.5", "-3", "0", "0.5"]),
        (" AND sk <= :ten", ["-12.5", "-3", "0", "0.5", "2", "10"]),
        (" AND sk > :ten", ["100"]),
        (" AND sk >= :ten", ["10", "100"]),
        (" AND :ten <= sk", ["10", "100"]),
        (" AND sk BETWEEN :one AND :ten", ["2", "10"]),
        (" AND (sk > :one)", ["2", "10", "100"]),
    ],
)
async def test_ranges_in_both_directions(db: DynamoDb, table: str, condition: str, expected: list[str]) -> None:
    text = "pk = :p" + condition
    ask = {"TableName": table, "KeyConditionExpression": text, "ExpressionAttributeValues": used(text)}
    assert sorts(await db.query(**ask)) == expected
    assert sorts(await db.query(ScanIndexForward=False, **ask)) == expected[::-1]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("name", [None, "by-g", "all-g", "by-l"])
async def test_pages_give_every_item_once(db: DynamoDb, table: str, forward: bool, name: str | None) -> None:
    text = "g = :x" if name in ("by-g", "all-g") else "pk = :p"
    ask: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": text,
        "ExpressionAttributeValues": used(text),
        "ScanIndexForward": forward,
        **({"IndexName": name} if name else {}),
    }
    whole = sorts(await db.query(**ask))
    assert len(whole) == (7 if name is None else 3)
    found: list[str] = []
    start: dict[str, Any] = {}
    for _ in range(20):
        page = await db.query(Limit=2, **ask, **start)
        found += sorts(page)
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert found == whole


async def test_what_indexes_hold(db: DynamoDb, table: str) -> None:
    ask = {"TableName": table, "KeyConditionExpression": "g = :x", "ExpressionAttributeValues": used(":x")}
    included = (await db.query(IndexName="by-g", **ask))["Items"][0]
    assert included.keys() == {"pk", "sk", "g", "kept"}
    assert (await db.query(IndexName="all-g", **ask))["Items"][0].keys() >= {"extra", "l"}
    local = {"TableName": table, "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": used(":p")}
    assert (await db.query(IndexName="by-l", **local))["Items"][0].keys() == {"pk", "sk", "l"}
    fetched = await db.query(IndexName="by-l", Select="ALL_ATTRIBUTES", ReturnConsumedCapacity="INDEXES", **local)
    assert fetched["Items"][0].keys() == {"pk", "sk", "l", "g", "kept", "extra"}
    assert fetched["ConsumedCapacity"]["Table"] == {"CapacityUnits": 1.5}  # each of the three by itself


async def test_entries_follow_their_items(db: DynamoDb, table: str) -> None:
    ask = {
        "TableName": table,
        "IndexName": "by-g",
        "KeyConditionExpression": "g = :x",
        "ExpressionAttributeValues": used(":x"),
    }
    key = {"pk": {"S": "p"}, "sk": {"N": "-3"}}
    await db.update_item(TableName=table, Key=key, UpdateExpression="REMOVE g")
    assert sorts(await db.query(**ask)) == ["0.5", "10"]
    await db.delete_item(TableName=table, Key={"pk": {"S": "p"}, "sk": {"N": "10"}})
    assert sorts(await db.query(**ask)) == ["0.5"]


async def test_limit_counts_before_the_filter(db: DynamoDb, table: str) -> None:
    page = await db.query(
        TableName=table,
        KeyConditionExpression="pk = :p",
        FilterExpression="extra > :one",
        ExpressionAttributeValues=used(":p :one"),
        Limit=3,
    )
    assert (page["Count"], page["ScannedCount"]) == (1, 3)
    assert page["LastEvaluatedKey"] == {"pk": {"S": "p"}, "sk": {"N": "0"}}


async def test_count(db: DynamoDb, table: str) -> None:
    page = await db.scan(TableName=table, Select="COUNT")
    assert page == {"Count": 8, "ScannedCount": 8}


async def test_a_page_ends_at_one_megabyte(db: DynamoDb) -> None:
    name = await db.table("large", "pk:S", "sk:N")
    for number in range(4):
        item = {"pk": {"S": "p"}, "sk": {"N": str(number)}, "s": {"S": "a" * 350_000}}
        await db.put_item(TableName=name, Item=item)
    page = await db.query(
        TableName=name,
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues=used(":p"),
        ReturnConsumedCapacity="TOTAL",
    )
    assert page["Count"] == 3
    assert page["LastEvaluatedKey"] == {"pk": {"S": "p"}, "sk": {"N": "2"}}
    assert page["ConsumedCapacity"]["CapacityUnits"] == 128.5


async def test_segments_part_the_table(db: DynamoDb) -> None:
    name = await db.table("wide", "pk:S")
    for number in range(40):
        await db.put_item(TableName=name, Item={"pk": {"S": str(number)}})
    whole = [item["pk"]["S"] for item in (await db.scan(TableName=name))["Items"]]
    assert sorted(whole, key=int) == [str(number) for number in range(40)]
    parts: list[str] = []
    for segment in range(7):
        start: dict[str, Any] = {}
        while True:
            page = await db.scan(TableName=name, Segment=segment, TotalSegments=7, Limit=3, **start)
            parts += [item["pk"]["S"] for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert parts == whole


async def test_texts_order_by_their_bytes_and_begin(db: DynamoDb) -> None:
    name = await db.table("texts", "pk:S", "sk:S")
    words = ["a", "ab", "abc", "ab\uffff", "ab𐀀", "b", "é"]
    for word in reversed(words):
        await db.put_item(TableName=name, Item={"pk": {"S": "p"}, "sk": {"S": word}})
    ask = {"TableName": name, "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": used(":p")}
    assert [item["sk"]["S"] for item in (await db.query(**ask))["Items"]] == words
    page = await db.query(
        TableName=name,
        KeyConditionExpression="pk = :p AND begins_with(sk, :s)",
        ExpressionAttributeValues={**used(":p"), ":s": {"S": "ab"}},
    )
    assert [item["sk"]["S"] for item in page["Items"]] == ["ab", "abc", "ab\uffff", "ab𐀀"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."),
        ({"KeyConditionExpression": "sk = :one"}, "Query condition missed key schema element: pk"),
        ({"KeyConditionExpression": "extra = :one"}, "Query condition missed key schema element: pk"),
        ({"KeyConditionExpression": "pk > :p"}, "Query key condition not supported"),
        (
            {"KeyConditionExpression": "pk = :one"},
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (
            {"KeyConditionExpression": "pk = :p OR sk = :one"},
            "Invalid operator used in KeyConditionExpression: OR",
        ),
        (
            {"KeyConditionExpression": "pk = :p AND sk <> :one"},
            "Invalid operator used in KeyConditionExpression: <>",
        ),
        (
            {"KeyConditionExpression": "pk = :p AND contains(sk, :one)"},
            "Invalid operator used in KeyConditionExpression: contains",
        ),
        (
            {"KeyConditionExpression": "pk = :p AND pk = :x"},
            "KeyConditionExpressions must only contain one condition per key",
        ),
        (
            {"KeyConditionExpression": "pk = :p AND sk.a = :one"},
            "KeyConditionExpressions cannot have conditions on nested attributes",
        ),
        (
            {"KeyConditionExpression": "pk = :p AND size(sk) = :one"},
            "KeyConditionExpressions cannot contain nested operations",
        ),
        (
            {"KeyConditionExpression": "pk = :p AND sk = :one AND extra = :ten"},
            "Conditions can be of length 1 or 2 only",
        ),
        (
            {"KeyConditionExpression": "pk = :p", "FilterExpression": "sk > :one"},
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk",
        ),
        (
            {"KeyConditionExpression": "pk = :p", "IndexName": "nope"},
            "The table does not have the specified index: nope",
        ),
        (
            {"KeyConditionExpression": "g = :x", "IndexName": "by-g", "ConsistentRead": True},
            "Consistent reads are not supported on global secondary indexes",
        ),
        (
            {"KeyConditionExpression": "g = :x", "IndexName": "by-g", "Select": "ALL_ATTRIBUTES"},
            "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
            "secondary index by-g because its projection type is not ALL",
        ),
        (
            {"KeyConditionExpression": "pk = :p", "ExclusiveStartKey": {"pk": {"S": "p"}}},
            "The provided starting key is invalid",
        ),
        (
            {"KeyConditionExpression": "pk = :p", "ExclusiveStartKey": {"pk": {"S": "q"}, "sk": {"N": "1"}}},
            "The provided starting key is outside query boundaries based on provided conditions",
        ),
        (
            {
                "KeyConditionExpression": "pk = :p AND sk > :one",
                "ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "1"}},
            },
            "The provided starting key does not match the range key predicate",
        ),
    ],
)
async def test_refused_queries(db: DynamoDb, table: str, params: dict[str, Any], expected: str) -> None:
    values = used(str(params))
    given = {"TableName": table, **params, **({"ExpressionAttributeValues": values} if values else {})}
    assert await refusal(db.query(**given)) == f"ValidationException: {expected}"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (
            {"Segment": 1},
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is "
            "present",
        ),
        (
            {"TotalSegments": 1},
            "The Segment parameter is required but was not present in the request when parameter TotalSegments "
            "is present",
        ),
        (
            {"Segment": 2, "TotalSegments": 2},
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            "Segment: 2 is not less than TotalSegments: 2",
        ),
        (
            {"ExclusiveStartKey": {"pk": {"S": "p"}}},
            "The provided starting key is invalid: The provided key element does not match the schema",
        ),
    ],
)
async def test_refused_scans(db: DynamoDb, table: str, params: dict[str, Any], expected: str) -> None:
    assert await refusal(db.scan(TableName=table, **params)) == f"ValidationException: {expected}"
