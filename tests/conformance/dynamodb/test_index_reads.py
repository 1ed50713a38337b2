"""What an index that does not keep everything answers, when more is asked of it, and what that costs."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

TABLE = "panregion-indexed"
LOCAL = {"KeyConditionExpression": "pk = :p", "IndexName": "lsi", "TableName": TABLE}
GLOBAL = {"KeyConditionExpression": "g = :p", "IndexName": "gsi", "TableName": TABLE}
VALUE = {":p": {"S": "index reads"}}


@pytest.fixture(scope="module")
def db(client: Any) -> Any:
    for number in range(3):
        item = {"pk": VALUE[":p"], "sk": {"N": str(number)}, "l": {"S": f"l{number}"}, "g": VALUE[":p"]}
        kept = {"odd": {"BOOL": number % 2 == 1}, "large": {"S": "x" * 5000}}
        client.put_item(TableName=TABLE, Item={**item, **kept})
    return client


def test_a_local_index_fetches_what_it_does_not_keep(db: Any) -> None:
    found = db.query(**LOCAL, ExpressionAttributeValues=VALUE, ProjectionExpression="sk, odd")["Items"]
    assert found == [{"sk": {"N": str(number)}, "odd": {"BOOL": number == 1}} for number in range(3)]
    values = {**VALUE, ":o": {"BOOL": True}}
    found = db.query(**LOCAL, ExpressionAttributeValues=values, FilterExpression="odd = :o")
    assert (found["Count"], found["ScannedCount"]) == (1, 3)
    count = db.query(**LOCAL, ExpressionAttributeValues=values, FilterExpression="odd = :o", Select="COUNT")
    assert (count["Count"], count["ScannedCount"], "Items" in count) == (1, 3, False)


def test_each_item_fetched_is_paid_for_by_itself(db: Any) -> None:
    given = {"ExpressionAttributeValues": VALUE, "Select": "ALL_ATTRIBUTES", "ReturnConsumedCapacity": "INDEXES"}
    used = db.query(**LOCAL, **given)["ConsumedCapacity"]
    assert used["Table"] == {"CapacityUnits": 3.0}
    assert used["LocalSecondaryIndexes"] == {"lsi": {"CapacityUnits": 0.5}}
    used = db.query(**LOCAL, **given, ConsistentRead=True)["ConsumedCapacity"]
    assert (used["Table"], used["CapacityUnits"]) == ({"CapacityUnits": 6.0}, 7.0)


def test_a_global_index_fetches_nothing(db: Any) -> None:
    for more, message in (
        ({"ProjectionExpression": "odd"}, "Global secondary index gsi does not project odd"),
        (
            {"FilterExpression": "attribute_exists(odd) AND sk > :n", "ExpressionAttributeValues": {":n": {"N": "0"}}},
            "Secondary index gsi does not project one or more filter attributes: [odd]",
        ),
        (
            {"Select": "ALL_ATTRIBUTES"},
            "Select type ALL_ATTRIBUTES is not supported for global secondary index gsi because its projection type "
            "is not ALL",
        ),
        (
            {"Select": "SPECIFIC_ATTRIBUTES"},
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
        ),
    ):
        values = {**VALUE, **more.pop("ExpressionAttributeValues", {})}  # type: ignore[dict-item]
        with pytest.raises(ClientError) as refused:
            db.query(**GLOBAL, ExpressionAttributeValues=values, **more)
        error = refused.value.response["Error"]["Message"]
        assert error == f"One or more parameter values were invalid: {message}"
    filtered = {"FilterExpression": "sk > :n", "ExpressionAttributeValues": {**VALUE, ":n": {"N": "0"}}}
    assert db.query(**GLOBAL, **filtered)["Count"] == 2
