"""Tables for all cases of this folder, in a served region or (PANREGION_TEST_AWS=1) in AWS itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.dynamodb.raw import Raw
from tests.support import AGAINST_AWS, ServedRegion


def index(name: str, hash_: str, range_: str | None = None, **projection: Any) -> dict[str, Any]:
    schema = [{"AttributeName": hash_, "KeyType": "HASH"}]
    schema += [{"AttributeName": range_, "KeyType": "RANGE"}] if range_ else []
    return {"IndexName": name, "KeySchema": schema, "Projection": projection}


DEFINITIONS: dict[str, dict[str, Any]] = {
    "panregion-hash": {
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    },
    "panregion-range": {
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
            {"AttributeName": "g", "AttributeType": "S"},
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-g",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    },
    "panregion-indexed": {
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in (("pk", "S"), ("sk", "N"), ("g", "S"), ("l", "S"), ("h", "N"))
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "LocalSecondaryIndexes": [
            index("lsi", "pk", "l", ProjectionType="KEYS_ONLY"),
            index("lsiall", "pk", "h", ProjectionType="ALL"),
        ],
        "GlobalSecondaryIndexes": [
            index("gsi", "g", ProjectionType="KEYS_ONLY"),
            index("gsir", "g", "h", ProjectionType="INCLUDE", NonKeyAttributes=["x"]),
        ],
    },
    "panregion-number": {
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    },
    "panregion-binary": {
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "B"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    },
}


@pytest.fixture(scope="session")
def client(served: ServedRegion) -> Iterator[Any]:
    """boto3's client, sending whatever it is given, with the tables in place."""
    client = served.client("dynamodb", parameter_validation=False)
    for name, definition in DEFINITIONS.items():
        client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **definition)
    for name in DEFINITIONS:
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    yield client
    for name in DEFINITIONS:
        client.delete_table(TableName=name)
    for name in DEFINITIONS if AGAINST_AWS else ():
        client.get_waiter("table_not_exists").wait(TableName=name)


@pytest.fixture(scope="module")
def raw(served: ServedRegion, client: Any) -> Raw:
    """Requests byte for byte, once the tables are there."""
    return Raw(served)
