"""Global indexes whose keys have several attributes, through boto3: definition, entries, what a query may ask."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import AGAINST_AWS

NAME = "panregion-composite"
INDEX = "by-place"
KINDS = {"id": "S", "country": "S", "city": "S", "year": "N", "month": "N", "title": "S"}
SCHEMA = [
    *({"AttributeName": name, "KeyType": "HASH"} for name in ("country", "city")),
    *({"AttributeName": name, "KeyType": "RANGE"} for name in ("year", "month", "title")),
]


def definition(schema: list[dict[str, str]], kinds: dict[str, str]) -> dict[str, Any]:
    return {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexes": [
            {"IndexName": INDEX, "KeySchema": schema, "Projection": {"ProjectionType": "KEYS_ONLY"}}
        ],
    }


def event(number: int, country: str, city: str, year: int, month: int, title: str) -> dict[str, Any]:
    keys = {"id": {"S": str(number)}, "country": {"S": country}, "city": {"S": city}, "title": {"S": title}}
    return {**keys, "year": {"N": str(year)}, "month": {"N": str(month)}, "more": {"S": "not kept"}}


EVENTS = [
    event(1, "se", "lund", 2024, 12, "b"),
    event(2, "se", "lund", 2024, 2, "a"),
    event(3, "se", "lund", 2025, 1, "c"),
    event(4, "se", "lund", 2024, 2, "ab"),
    event(5, "se", "malmö", 2024, 2, "a"),
    event(6, "sel", "und", 2024, 2, "a"),
]


@pytest.fixture(scope="module")
def db(client: Any) -> Iterator[Any]:
    client.create_table(TableName=NAME, **definition(SCHEMA, KINDS))
    client.get_waiter("table_exists").wait(TableName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    for item in EVENTS:
        client.put_item(TableName=NAME, Item=item)
    sparse = {name: value for name, value in EVENTS[0].items() if name != "month"}
    client.put_item(TableName=NAME, Item={**sparse, "id": {"S": "sparse"}})
    yield client
    client.delete_table(TableName=NAME)


PLACE = "country = :c AND city = :t"
VALUES: dict[str, Any] = {
    ":c": {"S": "se"},
    ":t": {"S": "lund"},
    ":y": {"N": "2024"},
    ":m": {"N": "2"},
    ":a": {"S": "a"},
    ":z": {"S": "ab"},
}


def asked(condition: str) -> dict[str, Any]:
    names = {"#y": "year", "#m": "month"}
    given = {
        "TableName": NAME,
        "IndexName": INDEX,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": {name: value for name, value in VALUES.items() if name in condition},
    }
    used = {name: value for name, value in names.items() if name in condition}
    return {**given, **({"ExpressionAttributeNames": used} if used else {})}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (PLACE, ["2", "4", "1", "3"]),
        (f"{PLACE} AND #y = :y", ["2", "4", "1"]),
        (f"{PLACE} AND #y > :y", ["3"]),
        (f"{PLACE} AND #y = :y AND #m > :m", ["1"]),
        (f"{PLACE} AND #y = :y AND #m = :m", ["2", "4"]),
        (f"{PLACE} AND #y = :y AND #m = :m AND begins_with(title, :a)", ["2", "4"]),
        (f"{PLACE} AND #y = :y AND #m = :m AND title BETWEEN :z AND :z", ["4"]),
        ("#y = :y AND city = :t AND country = :c AND #m <= :m", ["2", "4"]),
    ],
)
def test_a_query_goes_from_left_to_right(db: Any, condition: str, found: list[str]) -> None:
    answer = db.query(**asked(condition))
    assert [item["id"]["S"] for item in answer["Items"]] == found
    assert answer["Count"] == len(found)
    backwards = db.query(**asked(condition), ScanIndexForward=False)
    assert [item["id"]["S"] for item in backwards["Items"]] == found[::-1]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("country = :c", "Query condition missed key schema element: city"),
        ("country = :c AND #y = :y", "Query condition missed key schema element: city"),
        (f"{PLACE} AND #m = :m", "Query condition missed key schema element: year"),
        (f"{PLACE} AND #y = :y AND title = :a", "Query condition missed key schema element: month"),
        (f"{PLACE} AND #y > :y AND #m = :m", "Query key condition not supported"),
        ("country = :c AND city > :t", "Query key condition not supported"),
    ],
)
def test_what_a_query_may_not_ask(db: Any, condition: str, message: str) -> None:
    with pytest.raises(ClientError) as refused:
        db.query(**asked(condition))
    assert refused.value.response["Error"] == {"Code": "ValidationException", "Message": message}


def test_pages_and_entries(db: Any) -> None:
    request = asked(PLACE)
    found: list[Any] = []
    start: dict[str, Any] = {}
    while True:
        page = db.query(**request, Limit=1, **start)
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            break
        assert set(page["LastEvaluatedKey"]) == set(KINDS)
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert [item["id"]["S"] for item in found] == ["2", "4", "1", "3"]
    assert set(found[0]) == set(KINDS)
    assert db.scan(TableName=NAME, IndexName=INDEX)["Count"] == len(EVENTS)
    with pytest.raises(ClientError, match="The provided starting key is invalid"):
        db.query(**request, ExclusiveStartKey={"id": {"S": "1"}, "country": {"S": "se"}})


def test_an_entry_moves_with_any_of_its_attributes(db: Any) -> None:
    update = {"UpdateExpression": "SET title = :t", "ExpressionAttributeValues": {":t": {"S": "zz"}}}
    db.update_item(TableName=NAME, Key={"id": {"S": "2"}}, **update)
    assert [item["id"]["S"] for item in db.query(**asked(f"{PLACE} AND #y = :y AND #m = :m"))["Items"]] == ["4", "2"]
    db.put_item(TableName=NAME, Item=EVENTS[1])
    with pytest.raises(ClientError, match="Type mismatch for Index Key month Expected: N Actual: S"):
        db.put_item(TableName=NAME, Item={"id": {"S": "x"}, "month": {"S": "2"}})
    update["ExpressionAttributeValues"] = {":t": {"S": ""}}
    with pytest.raises(ClientError, match="cannot contain an empty string value"):
        db.update_item(TableName=NAME, Key={"id": {"S": "2"}}, **update)


def test_the_parts_of_a_key_are_measured_together(db: Any) -> None:
    item = {"id": {"S": "long"}, "country": {"S": "x" * 1024}, "city": {"S": "y" * 1024}}
    db.put_item(TableName=NAME, Item=item)
    with pytest.raises(ClientError, match="Size of hashkey has exceeded the maximum size limit of2048 bytes"):
        db.put_item(TableName=NAME, Item={**item, "city": {"S": "y" * 1025}})
    db.delete_item(TableName=NAME, Key={"id": {"S": "long"}})


def test_statements_use_it(db: Any) -> None:
    where = "country = 'se' AND city = 'lund' AND year = 2024"
    for more, found in (
        ("", ["2", "4", "1"]),
        (" AND month = 2 AND begins_with(title, 'a')", ["2", "4"]),
        (" AND title = 'b'", ["1"]),
        (" ORDER BY year DESC, month DESC, title DESC", ["1", "4", "2"]),
    ):
        answer = db.execute_statement(Statement=f'SELECT id FROM "{NAME}"."{INDEX}" WHERE {where}{more}')
        assert [item["id"]["S"] for item in answer["Items"]] == found


def test_the_description_tells_the_whole_key(db: Any) -> None:
    (index,) = db.describe_table(TableName=NAME)["Table"]["GlobalSecondaryIndexes"]
    assert index["KeySchema"] == SCHEMA


def test_one_is_added_to_a_table_with_items(client: Any) -> None:
    name = "panregion-composite-later"
    given = definition(SCHEMA, KINDS)
    (index,) = given.pop("GlobalSecondaryIndexes")
    client.create_table(TableName=name, **{**given, "AttributeDefinitions": given["AttributeDefinitions"][:1]})
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    for item in EVENTS:
        client.put_item(TableName=name, Item=item)
    client.put_item(TableName=name, Item={**EVENTS[0], "id": {"S": "other"}, "year": {"S": "of another type"}})
    update = {"AttributeDefinitions": given["AttributeDefinitions"], "GlobalSecondaryIndexUpdates": [{"Create": index}]}
    client.update_table(TableName=name, **update)
    for _ in range(600):
        (described,) = client.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"]
        if described["IndexStatus"] == "ACTIVE":
            break
        time.sleep(1 if AGAINST_AWS else 0.05)
    found = client.query(**{**asked(f"{PLACE} AND #y = :y"), "TableName": name})
    assert [item["id"]["S"] for item in found["Items"]] == ["2", "4", "1"]
    assert client.scan(TableName=name, IndexName=INDEX)["Count"] == len(EVENTS)
    client.delete_table(TableName=name)


HASHES = [{"AttributeName": name, "KeyType": "HASH"} for name in "abcde"]
RANGES = [{"AttributeName": name, "KeyType": "RANGE"} for name in "vwxyz"]


@pytest.mark.parametrize(
    "schema",
    [
        HASHES,
        [HASHES[0], *RANGES],
        [HASHES[0], RANGES[0], HASHES[1]],
        [RANGES[0], HASHES[0], HASHES[1]],
        [HASHES[0], HASHES[0]],
    ],
)
def test_keys_that_no_index_has(client: Any, schema: list[dict[str, str]]) -> None:
    kinds = {"id": "S", **{element["AttributeName"]: "S" for element in schema}}
    with pytest.raises(ClientError) as refused:
        client.create_table(TableName="panregion-refused", **definition(schema, kinds))
    assert refused.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("where", ["table", "local"])
def test_only_global_indexes_have_such_keys(client: Any, where: str) -> None:
    two = [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "HASH"}]
    given = definition(HASHES[:1], {"id": "S", "a": "S"})
    if where == "table":
        given["KeySchema"] = two
    else:
        given["KeySchema"] = [two[0], {"AttributeName": "a", "KeyType": "RANGE"}]
        given["LocalSecondaryIndexes"] = [{**given["GlobalSecondaryIndexes"][0], "IndexName": "near", "KeySchema": two}]
    with pytest.raises(ClientError, match="The second KeySchemaElement is not a RANGE key type"):
        client.create_table(TableName="panregion-refused", **given)
