"""Whatever is sent to DynamoDB, it answers: a result or an error of the caller's, never a 500, never a silence.

Three ways to be odd: expressions of words that do not belong together, good requests with a part replaced, bytes
that are no request. PANREGION_FUZZ_EXAMPLES says how many of each (150 unless told; 5,000 take some minutes).
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.dynamodb.raw import Raw
from tests.support import AGAINST_AWS, ServedRegion

pytestmark = pytest.mark.skipif(AGAINST_AWS, reason="AWS is not ours to fuzz")

EXAMPLES = int(os.environ.get("PANREGION_FUZZ_EXAMPLES", "150"))
bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="PANREGION_FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

TABLE = "panregion-fuzz"
KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}


@pytest.fixture(scope="module")
def raw(served: ServedRegion) -> Iterator[Raw]:
    """A table with both kinds of indexes, to be sent anything."""
    raw = Raw(served)
    client = served.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in (("pk", "S"), ("sk", "N"), ("g", "S"))
        ],
        KeySchema=_schema("pk", "sk"),
        LocalSecondaryIndexes=[_index("local", "pk", "g")],
        GlobalSecondaryIndexes=[_index("global", "g", "sk"), _composite_index()],
    )
    client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    yield raw
    client.delete_table(TableName=TABLE)


def _schema(hash_: str, range_: str) -> Any:
    return [{"AttributeName": hash_, "KeyType": "HASH"}, {"AttributeName": range_, "KeyType": "RANGE"}]


def _index(name: str, hash_: str, range_: str) -> Any:
    return {"IndexName": name, "KeySchema": _schema(hash_, range_), "Projection": {"ProjectionType": "ALL"}}


def _composite_index() -> Any:
    hashes = [{"AttributeName": name, "KeyType": "HASH"} for name in ("g", "pk")]
    projection = {"ProjectionType": "KEYS_ONLY"}
    return {"IndexName": "composite", "KeySchema": [*hashes, *_schema("g", "sk")[1:]], "Projection": projection}


def _answers(raw: Raw, operation: str, body: dict[str, Any] | bytes) -> None:
    answer = raw(operation, body)
    assert answer.status in (200, 400, 413), (operation, body, answer)
    if answer.status != 200:
        assert answer.error is not None, (operation, body, answer)


WORDS = [
    *("a", "b", "a.b", "a[0]", "a[1].b", "#n", "#n.#m", "#x", ":s", ":n", ":l", ":m", ":e", ":z", "pk", "sk", "g"),
    *("name", "size", "SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "IN", "BETWEEN", "=", "<>", "<", "<=", ">"),
    *(">=", "(", ")", ",", ".", "[", "]", "+", "-", "attribute_exists(", "attribute_not_exists(", "attribute_type("),
    *("begins_with(", "contains(", "size(", "if_not_exists(", "list_append(", "0", "99999999999999999999", '"', "'"),
    *("!", "#", ":", "_", "é", "𐀀", "\\", "\x00"),
]
NAMES = {"#n": "a", "#m": "b", "#p": "pk"}
VALUES = {
    ":s": {"S": "x"},
    ":n": {"N": "1"},
    ":l": {"L": [{"N": "1"}, {"S": "x"}]},
    ":m": {"M": {"b": {"SS": ["x"]}}},
    ":e": {"NS": ["1", "9.5e125"]},
}
PLACES = [
    ("PutItem", "ConditionExpression", {"Item": {**KEY, "a": {"L": [{"M": {"b": {"N": "1"}}}]}}}),
    ("UpdateItem", "UpdateExpression", {"Key": KEY, "ReturnValues": "UPDATED_NEW"}),
    ("UpdateItem", "ConditionExpression", {"Key": KEY}),
    ("DeleteItem", "ConditionExpression", {"Key": KEY}),
    ("GetItem", "ProjectionExpression", {"Key": KEY}),
    ("Query", "KeyConditionExpression", {}),
    ("Scan", "FilterExpression", {}),
    ("Scan", "ProjectionExpression", {"IndexName": "global"}),
]


def _starting(word: str) -> st.SearchStrategy[str]:
    """Expressions that begin well get further than those that do not."""
    good = st.sampled_from([word, word + " a = :n,", "NOT", "a = :n AND", "pk = :s AND", ""])
    return st.tuples(good, st.lists(st.sampled_from(WORDS), max_size=9)).map(
        lambda parts: " ".join([parts[0], *parts[1]])
    )


@bounded
@given(place=st.sampled_from(PLACES), text=_starting("SET"), keep=st.frozensets(st.sampled_from([*NAMES, *VALUES])))
def test_expressions(raw: Raw, place: tuple[str, str, dict[str, Any]], text: str, keep: frozenset[str]) -> None:
    operation, parameter, rest = place
    used = {key for key in (*NAMES, *VALUES) if key in text} | keep
    body: dict[str, Any] = {"TableName": TABLE, parameter: text, **rest}
    if names := {key: name for key, name in NAMES.items() if key in used}:
        body["ExpressionAttributeNames"] = names
    if operation != "GetItem" and (values := {key: value for key, value in VALUES.items() if key in used}):
        body["ExpressionAttributeValues"] = values
    _answers(raw, operation, body)


CASES = Path(__file__).parent.parent / "conformance" / "dynamodb" / "cases"
UNFIT = ("CreateTable", "DeleteTable", "UpdateTable")
"""What makes or changes tables is left to the conformance cases: fuzzing it would fill the region with tables."""

REQUESTS: list[tuple[str, dict[str, Any]]] = [
    (path.stem, json.loads(line)["params"])
    for path in sorted(CASES.glob("*.jsonl"))
    if path.stem not in UNFIT
    for line in path.read_text().splitlines()
]
EXTRAS: list[tuple[str, dict[str, Any]]] = [
    ("Query", {"KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}}),
    ("Query", {"QueryFilter": {"a": {"ComparisonOperator": "IN", "AttributeValueList": [{"N": "1"}, {"N": "2"}]}}}),
    ("Scan", {"ScanFilter": {"a": {"ComparisonOperator": "CONTAINS", "AttributeValueList": [{"S": "a"}]}}}),
    ("PutItem", {"Item": KEY, "Expected": {"a": {"Exists": False}}, "ConditionalOperator": "OR"}),
    ("UpdateItem", {"Key": KEY, "AttributeUpdates": {"a": {"Action": "ADD", "Value": {"N": "1"}}}}),
    ("GetItem", {"Key": KEY, "AttributesToGet": ["a"]}),
    ("ExecuteStatement", {"Statement": f"SELECT a FROM \"{TABLE}\" WHERE pk = 'a' AND sk IN [1, 2]"}),
    (
        "ExecuteStatement",
        {"Statement": f'UPDATE "{TABLE}" SET a = ? WHERE pk = ? AND sk = 1', "Parameters": [{"S": "x"}]},
    ),
]
COMPOSITE: dict[str, Any] = {
    "IndexName": "composite",
    "KeyConditionExpression": "g = :s AND pk = :s AND sk > :n",
    "ExpressionAttributeValues": {":s": {"S": "a"}, ":n": {"N": "0"}},
}
FROM = f'"{TABLE}"."composite"'
START = {**KEY, "g": {"S": "a"}}
EXTRAS += [
    ("Query", COMPOSITE),
    ("Query", {**COMPOSITE, "ExclusiveStartKey": START, "Limit": 1, "FilterExpression": "a = :n"}),
    ("Scan", {"IndexName": "composite", "ExclusiveStartKey": START, "Segment": 0, "TotalSegments": 2}),
    ("PutItem", {"Item": {**START, "a": {"S": "x"}}}),
    ("UpdateItem", {"Key": KEY, "UpdateExpression": "SET g = :g", "ExpressionAttributeValues": {":g": {"S": "b"}}}),
    (
        "ExecuteStatement",
        {"Statement": f"SELECT * FROM \"{TABLE}\".\"composite\" WHERE g = 'a' AND pk = 'a' AND sk > 0"},
    ),
    ("ExecuteStatement", {"Statement": f'SELECT * FROM "{TABLE}"."composite" WHERE g = \'a\' ORDER BY sk DESC'}),
    ("BatchExecuteStatement", {"Statements": [{"Statement": f"DELETE FROM \"{TABLE}\" WHERE pk = 'a' AND sk = 1"}]}),
    (
        "ExecuteTransaction",
        {"TransactStatements": [{"Statement": f'INSERT INTO "{TABLE}" VALUE ?', "Parameters": [{"M": KEY}]}]},
    ),
]
LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["", "a", "pk", "S", "N", TABLE, "1e400", "-0", "AA==", "arn:aws:dynamodb:::table/x"]),
)
ODD = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M", "a", ""]), inner, max_size=2
        )
    ),
    max_leaves=6,
)


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in inner:
        yield from _paths(child, (*path, key))


def _replaced(node: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    if isinstance(node, dict):
        return {key: _replaced(child, path[1:], new) if key == path[0] else child for key, child in node.items()}
    return [_replaced(child, path[1:], new) if place == path[0] else child for place, child in enumerate(node)]


@bounded
@given(data=st.data())
def test_parts_replaced(raw: Raw, data: st.DataObject) -> None:
    operation, params = data.draw(st.sampled_from(REQUESTS + 20 * EXTRAS))
    body: Any = {**params, "TableName": TABLE} if "TableName" in params or (operation, params) in EXTRAS else params
    for _ in range(data.draw(st.integers(1, 3))):
        if isinstance(body, dict):
            body = _replaced(body, data.draw(st.sampled_from(list(_paths(body)))), data.draw(ODD))
    _answers(raw, operation, json.dumps(body).encode())


@bounded
@given(operation=st.sampled_from(["PutItem", "Query", "Nothing", ""]), body=st.binary(max_size=60))
def test_bytes(raw: Raw, operation: str, body: bytes) -> None:
    answer = raw(operation, body)
    assert 400 <= answer.status < 500 or not body


@bounded
@given(
    depth=st.integers(1, 5000),
    opening=st.sampled_from(["(", "NOT ", "size(", "a = b AND (", '{"L":[', '{"M":{"a":', "["]),
)
def test_depths(raw: Raw, depth: int, opening: str) -> None:
    """Nothing recurses further than it may."""
    if opening[0] in "{[":
        body = f'{{"TableName":"{TABLE}","Item":{{"a":{opening * depth}'.encode()
        _answers(raw, "PutItem", body)
        closing = {"{": "]}" if "L" in opening else "}}", "[": "]"}[opening[0]]
        _answers(raw, "PutItem", body + b'{"S":"x"}' + (closing * depth).encode() + b"}}")
        return
    for operation, parameter in (("PutItem", "ConditionExpression"), ("UpdateItem", "UpdateExpression")):
        text = ("SET a = " if parameter == "UpdateExpression" else "") + opening * depth + "a = b" + ")" * depth
        rest = {"Item": KEY} if operation == "PutItem" else {"Key": KEY}
        _answers(raw, operation, {"TableName": TABLE, parameter: text, **rest})
