"""What DynamoDB does when it refuses nothing: values, what is returned, pages, capacity. From AWS's documentation."""

from typing import Any

import pytest

from tests.conformance.dynamodb.raw import Raw

HASH, INDEXED, NUMBER = "panregion-hash", "panregion-indexed", "panregion-number"


def done(raw: Raw, operation: str, table: str, **params: Any) -> dict[str, Any]:
    answer = raw(operation, {"TableName": table, **params})
    assert answer.status == 200, answer.error
    return answer.body


def stored(raw: Raw, key: str) -> Any:
    return done(raw, "GetItem", HASH, Key={"pk": {"S": key}}, ConsistentRead=True).get("Item")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("+5", "5"),
        ("00120", "120"),
        ("1.2300", "1.23"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1E3", "1000"),
        ("1e-3", "0.001"),
        ("-1.5e2", "-150"),
        ("0e999", "0"),
        ("1" * 38, "1" * 38),
        ("1" * 38 + "0", "1" * 38 + "0"),
        ("9.9999999999999999999999999999999999999E+125", "9" * 38 + "0" * 88),
        ("1E-130", "0." + "0" * 129 + "1"),
        ("-9.9999999999999999999999999999999999999E+125", "-" + "9" * 38 + "0" * 88),
    ],
)
def test_numbers_are_kept_in_one_form(raw: Raw, given: str, kept: str) -> None:
    done(raw, "PutItem", HASH, Item={"pk": {"S": "numbers"}, "n": {"N": given}, "s": {"NS": [given]}})
    assert stored(raw, "numbers") == {"pk": {"S": "numbers"}, "n": {"N": kept}, "s": {"NS": [kept]}}


@pytest.mark.parametrize(
    ("one", "other", "total"),
    [
        ("0.1", "0.2", "0.3"),
        ("1e37", "1", "1" + "0" * 36 + "1"),
        ("99999999999999999999999999999999999999", "1", "1" + "0" * 38),
        ("5", "-5", "0"),
        ("-1.5", "0.25", "-1.25"),
    ],
)
@pytest.mark.parametrize("expression", ["ADD n :n", "SET n = n + :n", "SET n = :n + n"])
def test_numbers_add_exactly(raw: Raw, one: str, other: str, total: str, expression: str) -> None:
    done(raw, "PutItem", HASH, Item={"pk": {"S": "sum"}, "n": {"N": one}})
    values = {":n": {"N": other}}
    update = {"UpdateExpression": expression, "ExpressionAttributeValues": values, "ReturnValues": "UPDATED_NEW"}
    assert done(raw, "UpdateItem", HASH, Key={"pk": {"S": "sum"}}, **update) == {"Attributes": {"n": {"N": total}}}


BEFORE: dict[str, Any] = {
    "n": {"N": "1"},
    "l": {"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]},
    "m": {"M": {"a": {"N": "1"}, "b": {"S": "x"}}},
    "s": {"SS": ["a", "b"]},
}
ONE = {":v": {"N": "9"}}

UPDATES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("SET n = :v", ONE, {"n": {"N": "9"}}),
    ("SET x = n", {}, {"x": {"N": "1"}}),
    ("SET n = if_not_exists(n, :v)", ONE, {}),
    ("SET x = if_not_exists(x, :v)", ONE, {"x": {"N": "9"}}),
    ("SET n = n - :v", ONE, {"n": {"N": "-8"}}),
    ("SET n = m.a, x = n", {}, {"n": {"N": "1"}, "x": {"N": "1"}}),
    ("SET l[1] = :v", ONE, {"l": {"L": [{"N": "0"}, {"N": "9"}, {"N": "2"}]}}),
    ("SET l[9] = :v", ONE, {"l": {"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}, {"N": "9"}]}}),
    ("SET l = list_append(l, :v)", {":v": {"L": [{"S": "z"}]}}, {"l": {"L": [*BEFORE["l"]["L"], {"S": "z"}]}}),
    ("SET l = list_append(:v, l)", {":v": {"L": [{"S": "z"}]}}, {"l": {"L": [{"S": "z"}, *BEFORE["l"]["L"]]}}),
    ("SET m.a = :v", ONE, {"m": {"M": {"a": {"N": "9"}, "b": {"S": "x"}}}}),
    ("SET m.c = m.a + :v", ONE, {"m": {"M": {"a": {"N": "1"}, "b": {"S": "x"}, "c": {"N": "10"}}}}),
    ("REMOVE n", {}, {"n": None}),
    ("REMOVE absent", {}, {}),
    ("REMOVE l[0]", {}, {"l": {"L": [{"N": "1"}, {"N": "2"}]}}),
    ("REMOVE l[0], l[2]", {}, {"l": {"L": [{"N": "1"}]}}),
    ("REMOVE l[7]", {}, {}),
    ("REMOVE m.a", {}, {"m": {"M": {"b": {"S": "x"}}}}),
    ("ADD x :v", ONE, {"x": {"N": "9"}}),
    ("ADD s :v", {":v": {"SS": ["b", "c"]}}, {"s": {"SS": ["a", "b", "c"]}}),
    ("ADD x :v", {":v": {"NS": ["1"]}}, {"x": {"NS": ["1"]}}),
    ("DELETE s :v", {":v": {"SS": ["a", "z"]}}, {"s": {"SS": ["b"]}}),
    ("DELETE s :v", {":v": {"SS": ["a", "b"]}}, {"s": None}),
    ("DELETE absent :v", {":v": {"SS": ["a"]}}, {}),
    (
        "SET n = :v REMOVE l ADD x :v DELETE s :s",
        {**ONE, ":s": {"SS": ["a"]}},
        {"n": {"N": "9"}, "l": None, "x": {"N": "9"}, "s": {"SS": ["b"]}},
    ),
]


@pytest.mark.parametrize(("expression", "values", "change"), UPDATES)
def test_update(raw: Raw, expression: str, values: dict[str, Any], change: dict[str, Any]) -> None:
    key = {"pk": {"S": "update"}}
    done(raw, "PutItem", HASH, Item={**key, **BEFORE})
    given = {"ExpressionAttributeValues": values} if values else {}
    answer = done(raw, "UpdateItem", HASH, Key=key, UpdateExpression=expression, ReturnValues="ALL_NEW", **given)
    expected = {name: value for name, value in {**key, **BEFORE, **change}.items() if value is not None}
    found = answer["Attributes"]
    for item in (found, expected):
        if "s" in item:
            item["s"] = {"SS": sorted(item["s"]["SS"])}
    assert found == expected


@pytest.mark.parametrize(
    ("wanted", "expression", "values", "returned"),
    [
        ("NONE", "SET n = :v", ONE, None),
        ("ALL_OLD", "SET n = :v", ONE, {"pk": {"S": "returned"}, **BEFORE}),
        ("UPDATED_OLD", "SET n = :v, x = :v", ONE, {"n": {"N": "1"}}),
        ("UPDATED_NEW", "SET n = :v, x = :v", ONE, {"n": {"N": "9"}, "x": {"N": "9"}}),
        ("UPDATED_OLD", "SET m.a = :v", ONE, {"m": {"M": {"a": {"N": "1"}}}}),
        ("UPDATED_NEW", "SET m.a = :v", ONE, {"m": {"M": {"a": {"N": "9"}}}}),
        ("UPDATED_NEW", "SET l[1] = :v", ONE, {"l": {"L": [{"N": "9"}]}}),
        ("UPDATED_OLD", "REMOVE n", {}, {"n": {"N": "1"}}),
        ("UPDATED_NEW", "REMOVE n", {}, None),
        ("UPDATED_OLD", "SET x = :v", ONE, None),
    ],
)
def test_returned_values(raw: Raw, wanted: str, expression: str, values: Any, returned: Any) -> None:
    key = {"pk": {"S": "returned"}}
    done(raw, "PutItem", HASH, Item={**key, **BEFORE})
    given = {"ExpressionAttributeValues": values} if values else {}
    answer = done(raw, "UpdateItem", HASH, Key=key, UpdateExpression=expression, ReturnValues=wanted, **given)
    assert answer.get("Attributes") == returned


def test_an_update_makes_the_item_unless_it_only_removes(raw: Raw) -> None:
    for number, (expression, values, made) in enumerate(
        [
            (None, None, {}),
            ("SET a = :v", ONE, {"a": {"N": "9"}}),
            ("ADD a :v", ONE, {"a": {"N": "9"}}),
        ]
    ):
        key = {"pk": {"S": f"upsert {number}"}}
        given: dict[str, Any] = {"UpdateExpression": expression} if expression else {}
        done(raw, "UpdateItem", HASH, Key=key, **given, **({"ExpressionAttributeValues": values} if values else {}))
        assert stored(raw, f"upsert {number}") == {**key, **made}


# Conditions: (condition, whether the item satisfies it)

ITEM = {
    "pk": {"S": "conditions"},
    "s": {"S": "héllo"},
    "n": {"N": "10"},
    "b": {"B": "AAEC"},
    "t": {"BOOL": True},
    "z": {"NULL": True},
    "ss": {"SS": ["a", "b"]},
    "ns": {"NS": ["1", "2"]},
    "l": {"L": [{"N": "1"}, {"S": "x"}]},
    "m": {"M": {"k": {"N": "5"}}},
}
CONDITIONS = {
    "attribute_exists(s)": True,
    "attribute_exists(m.k)": True,
    "attribute_exists(l[1])": True,
    "attribute_exists(l[2])": False,
    "attribute_not_exists(m.q)": True,
    "attribute_type(s, :S)": True,
    "attribute_type(n, :S)": False,
    "attribute_type(absent, :S)": False,
    "begins_with(s, :he)": True,
    "begins_with(n, :he)": False,
    "contains(s, :he)": True,
    "contains(ss, :a)": True,
    "contains(ns, :one)": True,
    "contains(l, :one)": True,
    "contains(l, :a)": False,
    "contains(:hello, s)": True,
    "size(s) = :six": True,
    "size(b) = :three": True,
    "size(ss) = :two": True,
    "size(l) = :two": True,
    "size(m) = :one": True,
    "size(n) = :two": False,
    "size(absent) = :two": False,
    "n = :ten": True,
    "n <> :ten": False,
    "n <> :a": True,
    "absent <> :a": True,
    "absent = absent2": False,
    "n > :two": True,
    "n > :a": False,
    "n BETWEEN :two AND :ten": True,
    "n BETWEEN :ten AND :ten": True,
    "n BETWEEN :one AND :two": False,
    "n IN (:one, :ten)": True,
    "n IN (:a, :one)": False,
    "m.k = :five": True,
    "l[0] = :one": True,
    "ss = :ba": True,
    "NOT n = :ten": False,
    "NOT (n = :one OR n = :two)": True,
    "n = :one OR n = :ten AND s = :a": False,
    "(n = :one OR n = :ten) AND NOT s = :a": True,
    "n = :ten and not n = :one": True,
    "t = :true": True,
    "z = :null": True,
    "size(s) BETWEEN :two AND :ten": True,
    "size(s) IN (:six)": True,
    "m = :map": True,
    "l = :list": True,
    "b = :bin": True,
    "b > :bin0": True,
}
VALUES: dict[str, Any] = {
    ":S": {"S": "S"},
    ":he": {"S": "hé"},
    ":hello": {"S": "say héllo"},
    ":a": {"S": "a"},
    ":one": {"N": "1.0"},
    ":two": {"N": "2"},
    ":three": {"N": "3"},
    ":five": {"N": "5"},
    ":six": {"N": "6"},
    ":ten": {"N": "1e1"},
    ":ba": {"SS": ["b", "a"]},
    ":true": {"BOOL": True},
    ":null": {"NULL": True},
    ":map": {"M": {"k": {"N": "5"}}},
    ":list": {"L": [{"N": "1"}, {"S": "x"}]},
    ":bin": {"B": "AAEC"},
    ":bin0": {"B": "AAD/"},
}


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS.items())
def test_condition(raw: Raw, condition: str, holds: bool) -> None:
    done(raw, "PutItem", HASH, Item=ITEM)
    words = condition.replace("(", " ").replace(")", " ").replace(",", " ").split()
    values = {word: VALUES[word] for word in words if word in VALUES}
    given = {"ExpressionAttributeValues": values} if values else {}
    answer = raw("PutItem", {"TableName": HASH, "Item": ITEM, "ConditionExpression": condition, **given})
    assert answer.error == (None if holds else ("ConditionalCheckFailedException", "The conditional request failed"))
    scan = done(
        raw,
        "Query",
        HASH,
        KeyConditionExpression="pk = :pk",
        FilterExpression=condition,
        ExpressionAttributeValues={**values, ":pk": ITEM["pk"]},
    )
    assert (scan["Count"], scan["ScannedCount"]) == (int(holds), 1)


# Pages


@pytest.fixture(scope="module")
def pages(raw: Raw) -> Raw:
    for number in range(5):
        item = {"pk": {"S": "pages"}, "sk": {"N": str(number)}, "even": {"BOOL": number % 2 == 0}}
        done(raw, "PutItem", INDEXED, Item={**item, "g": {"S": "pages"}, "h": {"N": str(-number)}, "x": {"S": "y"}})
    return raw


PK = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "pages"}}}


def numbers(answer: dict[str, Any]) -> list[str]:
    return [item["sk"]["N"] for item in answer["Items"]]


def test_a_page_of_limit_has_a_key_to_go_on_even_at_the_end(pages: Raw) -> None:
    answer = done(pages, "Query", INDEXED, Limit=5, **PK)
    assert numbers(answer) == ["0", "1", "2", "3", "4"]
    start = answer["LastEvaluatedKey"]
    assert start == {"pk": {"S": "pages"}, "sk": {"N": "4"}}
    answer = done(pages, "Query", INDEXED, ExclusiveStartKey=start, **PK)
    assert (answer["Items"], answer["Count"], "LastEvaluatedKey" in answer) == ([], 0, False)


def test_a_limit_beyond_the_items_has_none(pages: Raw) -> None:
    assert "LastEvaluatedKey" not in done(pages, "Query", INDEXED, Limit=6, **PK)


def test_limit_counts_before_the_filter(pages: Raw) -> None:
    values = {**PK["ExpressionAttributeValues"], ":f": {"BOOL": False}}  # type: ignore[dict-item]
    answer = done(
        pages,
        "Query",
        INDEXED,
        Limit=1,
        FilterExpression="even = :f",
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues=values,
    )
    assert (answer["Count"], answer["ScannedCount"], answer["Items"]) == (0, 1, [])
    assert answer["LastEvaluatedKey"] == {"pk": {"S": "pages"}, "sk": {"N": "0"}}


def test_backwards(pages: Raw) -> None:
    answer = done(pages, "Query", INDEXED, Limit=2, ScanIndexForward=False, **PK)
    assert numbers(answer) == ["4", "3"]
    start = answer["LastEvaluatedKey"]
    answer = done(pages, "Query", INDEXED, ExclusiveStartKey=start, ScanIndexForward=False, **PK)
    assert numbers(answer) == ["2", "1", "0"]


def test_count_gives_no_items(pages: Raw) -> None:
    answer = done(pages, "Query", INDEXED, Select="COUNT", **PK)
    assert answer == {"Count": 5, "ScannedCount": 5}


def test_an_index_goes_on_at_both_keys_and_holds_what_it_projects(pages: Raw) -> None:
    query = {
        "IndexName": "gsir",
        "KeyConditionExpression": "g = :p",
        "ExpressionAttributeValues": {":p": {"S": "pages"}},
    }
    answer = done(pages, "Query", INDEXED, Limit=1, **query)
    assert answer["Items"] == [
        {"pk": {"S": "pages"}, "sk": {"N": "4"}, "g": {"S": "pages"}, "h": {"N": "-4"}, "x": {"S": "y"}}
    ]
    assert set(answer["LastEvaluatedKey"]) == {"pk", "sk", "g", "h"}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("sk = :a", ["1"]),
        ("sk < :a", ["0"]),
        ("sk <= :a", ["0", "1"]),
        ("sk > :b", ["4"]),
        ("sk >= :b", ["3", "4"]),
        (":b < sk", ["4"]),
        ("sk BETWEEN :a AND :b", ["1", "2", "3"]),
    ],
)
def test_key_conditions(pages: Raw, condition: str, found: list[str]) -> None:
    bounds = {name: {"N": value} for name, value in ((":a", "1"), (":b", "3")) if name in condition}
    answer = done(
        pages,
        "Query",
        INDEXED,
        KeyConditionExpression=f"pk = :p AND {condition}",
        ExpressionAttributeValues={":p": {"S": "pages"}, **bounds},
    )
    assert numbers(answer) == found


def test_segments_share_the_table(pages: Raw) -> None:
    whole = done(pages, "Scan", INDEXED, Select="COUNT")["Count"]
    parts = [done(pages, "Scan", INDEXED, Select="COUNT", Segment=n, TotalSegments=4)["Count"] for n in range(4)]
    assert sum(parts) == whole


# Capacity


@pytest.mark.parametrize(
    ("size", "eventual", "strong", "transaction", "write"),
    [
        (100, 0.5, 1.0, 2.0, 1.0),
        (1025, 0.5, 1.0, 2.0, 2.0),
        (4096, 0.5, 1.0, 2.0, 4.0),
        (4097, 1.0, 2.0, 4.0, 5.0),
        (8193, 1.5, 3.0, 6.0, 9.0),
    ],
)
def test_capacity_of_an_item(
    raw: Raw, size: int, eventual: float, strong: float, transaction: float, write: float
) -> None:
    key = {"pk": {"S": "c"}}
    item = {**key, "v": {"S": "x" * (size - 4)}}
    total = {"ReturnConsumedCapacity": "TOTAL"}
    done(raw, "DeleteItem", HASH, Key=key)
    assert done(raw, "PutItem", HASH, Item=item, **total)["ConsumedCapacity"] == _units(write)
    assert done(raw, "GetItem", HASH, Key=key, **total)["ConsumedCapacity"] == _units(eventual)
    assert done(raw, "GetItem", HASH, Key=key, ConsistentRead=True, **total)["ConsumedCapacity"] == _units(strong)
    get = {"TransactItems": [{"Get": {"TableName": HASH, "Key": key}}], **total}
    assert raw("TransactGetItems", get).body["ConsumedCapacity"] == [
        {**_units(transaction), "ReadCapacityUnits": transaction}
    ]
    put = {"TransactItems": [{"Put": {"TableName": HASH, "Item": item}}], **total}
    assert raw("TransactWriteItems", put).body["ConsumedCapacity"] == [
        {**_units(2 * write), "WriteCapacityUnits": 2 * write}
    ]
    assert done(raw, "DeleteItem", HASH, Key=key, **total)["ConsumedCapacity"] == _units(write)
    assert done(raw, "DeleteItem", HASH, Key=key, **total)["ConsumedCapacity"] == _units(1.0)


def _units(units: float) -> dict[str, Any]:
    return {"TableName": HASH, "CapacityUnits": units}


def test_capacity_of_indexes(raw: Raw) -> None:
    item = {"pk": {"S": "indexes"}, "sk": {"N": "1"}, "g": {"S": "a"}, "l": {"S": "b"}}
    used = done(raw, "PutItem", INDEXED, Item=item, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert used == {
        "TableName": INDEXED,
        "CapacityUnits": 3.0,
        "Table": {"CapacityUnits": 1.0},
        "LocalSecondaryIndexes": {"lsi": {"CapacityUnits": 1.0}},
        "GlobalSecondaryIndexes": {"gsi": {"CapacityUnits": 1.0}},
    }
    moved = done(raw, "PutItem", INDEXED, Item={**item, "g": {"S": "z"}}, ReturnConsumedCapacity="INDEXES")
    assert moved["ConsumedCapacity"]["GlobalSecondaryIndexes"] == {"gsi": {"CapacityUnits": 2.0}}


def test_collections_are_measured_where_there_are_local_indexes(raw: Raw) -> None:
    item = {"pk": {"S": "collection"}, "sk": {"N": "1"}}
    answer = done(raw, "PutItem", INDEXED, Item=item, ReturnItemCollectionMetrics="SIZE")
    assert answer["ItemCollectionMetrics"]["ItemCollectionKey"] == {"pk": {"S": "collection"}}
    assert len(answer["ItemCollectionMetrics"]["SizeEstimateRangeGB"]) == 2
    plain = done(raw, "PutItem", HASH, Item={"pk": {"S": "collection"}}, ReturnItemCollectionMetrics="SIZE")
    assert "ItemCollectionMetrics" not in plain


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("n", {"n": {"N": "10"}}),
        ("m.k", {"m": {"M": {"k": {"N": "5"}}}}),
        ("l[1]", {"l": {"L": [{"S": "x"}]}}),
        ("l[1], l[0]", {"l": {"L": [{"N": "1"}, {"S": "x"}]}}),
        ("absent", {}),
        ("n, absent, m.q", {"n": {"N": "10"}}),
        ("n[0], s.x", {}),
    ],
)
def test_projection(raw: Raw, path: str, found: dict[str, Any]) -> None:
    done(raw, "PutItem", HASH, Item=ITEM)
    assert done(raw, "GetItem", HASH, Key={"pk": ITEM["pk"]}, ProjectionExpression=path)["Item"] == found


def test_numbers_are_one_key_however_written(raw: Raw) -> None:
    done(raw, "PutItem", NUMBER, Item={"pk": {"N": "12.50"}, "v": {"S": "x"}})
    assert done(raw, "GetItem", NUMBER, Key={"pk": {"N": "1.25e1"}})["Item"] == {"pk": {"N": "12.5"}, "v": {"S": "x"}}


def test_a_table_goes_by_its_arn(raw: Raw) -> None:
    described = done(raw, "DescribeTable", HASH)["Table"]
    arn, item = described["TableArn"], {"pk": {"S": "by arn"}}
    put = done(raw, "PutItem", arn, Item=item, ReturnConsumedCapacity="TOTAL")
    assert put["ConsumedCapacity"] == {"TableName": arn, "CapacityUnits": 1.0}
    asked = {"RequestItems": {arn: {"Keys": [item]}}, "ReturnConsumedCapacity": "TOTAL"}
    answer = raw("BatchGetItem", asked).body
    assert answer["Responses"] == {arn: [item]}
    assert answer["ConsumedCapacity"] == [{"TableName": arn, "CapacityUnits": 0.5}]
    assert done(raw, "GetItem", HASH, Key=item)["Item"] == item


def test_item_collections_are_told_whether_there_is_an_item_or_not(raw: Raw) -> None:
    key: dict[str, Any] = {"pk": {"S": "collections"}, "sk": {"N": "1"}}
    asked = {"ReturnItemCollectionMetrics": "SIZE"}
    metrics = {"ItemCollectionKey": {"pk": key["pk"]}, "SizeEstimateRangeGB": [0.0, 1.0]}
    assert done(raw, "PutItem", INDEXED, Item=key, **asked) == {"ItemCollectionMetrics": metrics}
    assert done(raw, "UpdateItem", INDEXED, Key=key, **asked) == {"ItemCollectionMetrics": metrics}
    for _ in range(2):
        assert done(raw, "DeleteItem", INDEXED, Key=key, **asked) == {"ItemCollectionMetrics": metrics}
    delete = {"TransactItems": [{"Delete": {"TableName": INDEXED, "Key": key}}], **asked}
    assert raw("TransactWriteItems", delete).body == {"ItemCollectionMetrics": {INDEXED: [metrics]}}
    assert done(raw, "PutItem", HASH, Item={"pk": key["pk"]}, **asked) == {}
