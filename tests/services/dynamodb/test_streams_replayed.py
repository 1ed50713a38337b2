"""A stream, replayed from its beginning, gives the table."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services.dynamodb.support import DynamoDb
from tests.services.dynamodb.test_streams import Streams, streamed
from tests.support import region_in

Item = dict[str, Any]
keys = st.sampled_from("abc")
values: st.SearchStrategy[Item] = st.one_of(
    st.just({"N": "1"}), st.just({"SS": ["x", "y"]}), st.just({"SS": ["y", "x"]}), st.just({"M": {"k": {"L": []}}})
)
steps = st.lists(st.tuples(st.sampled_from(["put", "delete", "set", "remove", "transact"]), keys, values), max_size=12)


async def carry_out(db: DynamoDb, action: str, key: str, value: Item) -> None:
    place, table = {"pk": {"S": key}}, {"TableName": "streamed"}
    match action:
        case "put":
            await db.put_item(**table, Item={**place, "v": value})
        case "delete":
            await db.delete_item(**table, Key=place)
        case "set":
            await db.update_item(
                **table, Key=place, UpdateExpression="SET v = :v", ExpressionAttributeValues={":v": value}
            )
        case "remove":
            await db.update_item(**table, Key=place, UpdateExpression="REMOVE v")
        case _:
            other = {"pk": {"S": key + key}}
            actions = [{"Put": {**table, "Item": {**place, "v": value}}}, {"Delete": {**table, "Key": other}}]
            await db.transact_write_items(TransactItems=actions)


def replayed(records: list[Item]) -> dict[str, Item]:
    """The items that the records' images leave; every old image is what the record before left."""
    items: dict[str, Item] = {}
    for record in records:
        change = record["dynamodb"]
        key = change["Keys"]["pk"]["S"]
        assert normal(items.get(key)) == normal(change.get("OldImage"))
        assert normal(change.get("OldImage")) != normal(change.get("NewImage"))
        assert record["eventName"] == (
            "REMOVE" if "NewImage" not in change else "MODIFY" if "OldImage" in change else "INSERT"
        )
        items.pop(key, None)
        if "NewImage" in change:
            items[key] = change["NewImage"]
    return items


@settings(max_examples=25, deadline=None)
@given(steps)
def test_the_stream_gives_the_table(history: list[tuple[str, str, Item]]) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            region = region_in(Path(folder))
            await region.start()
            db = DynamoDb(region)
            arn = await streamed(db)
            for step in history:
                await carry_out(db, *step)
            found = {item["pk"]["S"]: item for item in (await db.scan(TableName="streamed"))["Items"]}
            told = replayed(await Streams(region).records(arn))
            assert told.keys() == found.keys()
            assert {key: normal(item) for key, item in told.items()} == {k: normal(i) for k, i in found.items()}
            await region.stop()

    asyncio.run(play())


def normal(item: Item | None) -> Item | None:
    """Sets have no order."""
    return item and {name: {"SS": sorted(value["SS"])} if "SS" in value else value for name, value in item.items()}
