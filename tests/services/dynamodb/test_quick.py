"""GetItem's short cut answers as the general way does, or not at all."""

from itertools import product
from typing import Any

import msgspec
import pytest

from panregion.services.dynamodb.quick import get_item
from tests.services.dynamodb.support import DynamoDb

ITEM = {"pk": {"S": "a"}, "sk": {"N": "1"}, "list": {"L": [{"N": "1.50"}, {"NULL": True}]}}
PARTITIONS = [{"S": "a"}, {"S": "b"}, {"S": ""}, {"S": "x" * 2049}, {"B": "AAE="}, {"BOOL": True}, {}, 1, None]
SORTS = [{"N": "1"}, {"N": "1.0"}, {"N": "2"}, {"N": "one"}, {"S": "1"}, {"S": "a", "N": "1"}, None]
MORE: list[dict[str, Any]] = [
    {},
    {"ConsistentRead": True},
    {"ConsistentRead": 1},
    {"ProjectionExpression": "pk"},
    {"ReturnConsumedCapacity": "TOTAL"},
    {"Unknown": 1},
]


@pytest.fixture
async def things(db: DynamoDb) -> DynamoDb:
    await db.table("things", "pk:S", "sk:N")
    await db.put_item(TableName="things", Item=ITEM)
    return db


def body(key: Any, **more: Any) -> bytes:
    return msgspec.json.encode({"TableName": "things", "Key": key, **more})


async def test_it_answers_as_the_general_way_or_not_at_all(things: DynamoDb) -> None:
    taken = 0
    for partition, sort, more in product(PARTITIONS, SORTS, MORE):
        key = {name: value for name, value in (("pk", partition), ("sk", sort)) if value is not None}
        quick = get_item(things.region.here, body(key, **more))
        if quick is not None:
            taken += 1
            assert msgspec.json.decode(quick) == await things.get_item(TableName="things", Key=key, **more)
    assert taken == 2 * 3 * 2  # two partitions, three sort keys, with and without ConsistentRead


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"TableName": "things"}', b'{"TableName": "none", "Key": {"pk": {"S": "a"}}}'],
    ids=repr,
)
async def test_what_is_not_right_is_left_to_the_general_way(things: DynamoDb, body: bytes) -> None:
    assert get_item(things.region.here, body) is None


async def test_a_table_whose_throughput_is_enforced_has_no_short_cut(things: DynamoDb) -> None:
    here = things.region.here
    right = body({"pk": {"S": "a"}, "sk": {"N": "1"}})
    assert get_item(here, right) is not None
    dynamodb = msgspec.structs.replace(here.settings.dynamodb, enforce_throughput=True)
    here.settings = msgspec.structs.replace(here.settings, dynamodb=dynamodb)
    assert get_item(here, right) is None


async def gone(things: DynamoDb) -> None:
    await things.delete_table(TableName="things")
    clock = things.region.here.world.clock
    while (await things.list_tables())["TableNames"]:  # bounded by pytest's timeout
        await clock.sleep(0.01)


async def test_what_is_remembered_of_a_request_holds_for_the_table_as_it_is(things: DynamoDb) -> None:
    here = things.region.here
    asked = body({"pk": {"S": "a"}, "sk": {"N": "1"}})
    assert get_item(here, asked) is not None
    await things.delete_item(TableName="things", Key={"pk": {"S": "a"}, "sk": {"N": "1"}})
    assert get_item(here, asked) == b"{}"
    await things.put_item(TableName="things", Item={**ITEM, "more": {"BOOL": True}})
    assert b"more" in (get_item(here, asked) or b"")
    await gone(things)
    assert get_item(here, asked) is None
    await things.table("things", "pk:S", "sk:S")
    assert get_item(here, asked) is None
    await gone(things)
    await things.table("things", "pk:S", "sk:N")
    assert get_item(here, asked) == b"{}"
