"""A table with indexes under random operations, against plain dictionaries."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services.dynamodb.support import DynamoDb, index
from tests.support import region_in

Item = dict[str, Any]
Step = tuple[Any, ...]

partitions = st.sampled_from(["p", "q"])
sorts = st.sampled_from(["-1.5", "0", "2", "10"])
optional = st.one_of(st.none(), st.sampled_from(["x", "y"]))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), partitions, sorts, optional),
        st.tuples(st.just("delete"), partitions, sorts),
        st.tuples(st.just("set"), partitions, sorts, optional),
    ),
    max_size=15,
)


def key(partition: str, sort: str) -> Item:
    return {"pk": {"S": partition}, "sk": {"N": sort}}


async def carry_out(db: DynamoDb, step: Step, model: dict[tuple[str, str], Item]) -> None:
    action, partition, sort, *rest = step
    place = (partition, sort)
    g: Item = {"g": {"S": rest[0]}} if rest and rest[0] else {}
    if action == "put":
        await db.put_item(TableName="table", Item={**key(partition, sort), **g})
        model[place] = {**key(partition, sort), **g}
    elif action == "delete":
        await db.delete_item(TableName="table", Key=key(partition, sort))
        model.pop(place, None)
    else:
        text, values = ("SET g = :g", {":g": g["g"]}) if g else ("REMOVE g", {})
        given_values = {"ExpressionAttributeValues": values} if values else {}
        await db.update_item(TableName="table", Key=key(partition, sort), UpdateExpression=text, **given_values)
        if not g and place not in model:
            return  # an update that only removes makes no item
        kept = {name: value for name, value in model.get(place, key(partition, sort)).items() if name != "g"}
        model[place] = {**kept, **g}


async def compare(db: DynamoDb, model: dict[tuple[str, str], Item]) -> None:
    for partition in ("p", "q"):
        page = await db.query(
            TableName="table",
            KeyConditionExpression="pk = :p",
            ExpressionAttributeValues={":p": {"S": partition}},
        )
        mine = [(float(sort), item) for (p, sort), item in model.items() if p == partition]
        assert page["Items"] == [item for _, item in sorted(mine, key=lambda pair: pair[0])]
    for g in ("x", "y"):
        page = await db.query(
            TableName="table",
            IndexName="by-g",
            KeyConditionExpression="g = :g",
            ExpressionAttributeValues={":g": {"S": g}},
        )
        found = sorted((item["pk"]["S"], item["sk"]["N"]) for item in page["Items"])
        assert found == sorted(place for place, item in model.items() if item.get("g") == {"S": g})


async def run(history: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        region = region_in(Path(folder))
        await region.start()
        try:
            db = DynamoDb(region)
            indexes = [index("by-g", "g", "sk", projection="KEYS_ONLY")]
            await db.table("table", "pk:S", "sk:N", others=["g:S"], GlobalSecondaryIndexes=indexes)
            model: dict[tuple[str, str], Item] = {}
            for step in history:
                await carry_out(db, step, model)
            await compare(db, model)
        finally:
            await region.stop()


@given(steps)
@settings(max_examples=25, deadline=None)
def test_a_table_is_a_dictionary(history: list[Step]) -> None:
    asyncio.run(run(history))
