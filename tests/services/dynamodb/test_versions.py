"""Items with version and origin, as a region tells them to those who compare regions."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from panregion.region import Region
from panregion.world import Request
from tests.services.dynamodb.support import DynamoDb
from tests.services.dynamodb.test_global_tables import AWAY, HOME, TestWorld, spread, until


async def told(region: Region, **query: str) -> tuple[int, dict[str, Any]]:
    response = await region.gateway(Request("GET", "/_panregion/items", urlencode(query), []))
    assert isinstance(response.body, bytes)
    return response.status, msgspec.json.decode(response.body)


async def test_a_table_of_one_region_has_items_without_versions(db: DynamoDb) -> None:
    await db.table("plain", "pk:S", "sk:N")
    item = {"pk": {"S": "a"}, "sk": {"N": "7"}, "text": {"S": "<b>"}}
    await db.put_item(TableName="plain", Item=item)
    status, page = await told(db.region, table="plain")
    assert (status, page["replication"], page["key"], page["until"]) == (200, None, ["pk", "sk"], None)
    (found,) = page["items"]
    assert found["item"] == item
    assert found["key"] == {"pk": {"S": "a"}, "sk": {"N": "7"}}
    assert (found["version"], found["region"], found["written_ms"]) == (None, None, None)
    _, one = await told(db.region, table="plain", key=msgspec.json.encode(found["key"]).decode())
    assert one["items"] == [found]
    assert (await told(db.region, table="plain", key='{"pk":{"S":"a"},"sk":{"N":"8"}}'))[1]["items"] == []


async def test_pages_follow_each_other_in_the_order_of_a_scan(db: DynamoDb) -> None:
    await db.table("many", "pk:S")
    for number in range(25):
        await db.put_item(TableName="many", Item={"pk": {"S": f"{number}"}})
    scanned = [item["pk"]["S"] for item in (await db.scan(TableName="many"))["Items"]]
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        _, page = await told(db.region, table="many", limit="10", after=after)
        assert len(page["items"]) <= 10
        seen += [image["key"]["pk"]["S"] for image in page["items"]]
        after = page["until"]
    assert seen == scanned


async def test_a_replicated_item_tells_when_and_where_it_was_written(tmp_path: Path) -> None:
    world = TestWorld(tmp_path)
    await world.start()
    try:
        await world.db[HOME].table("shared", "pk:S")
        await spread(world, "shared", AWAY)
        await world.db[AWAY].put_item(TableName="shared", Item={"pk": {"S": "a"}})
        await world.db[HOME].put_item(TableName="shared", Item={"pk": {"S": "b"}})
        await world.db[HOME].delete_item(TableName="shared", Key={"pk": {"S": "b"}})
        _, page = await told(world.regions[AWAY], table="shared", key='{"pk":{"S":"a"}}')
        (image,) = page["items"]
        assert (page["replication"], image["region"]) == ("eventual", AWAY)
        assert image["version"] == f"{image['written_ms']}.{image['version'].partition('.')[2]}"
        _, page = await told(world.regions[HOME], table="shared", key='{"pk":{"S":"b"}}')
        assert (page["items"][0]["item"], page["items"][0]["region"]) == (None, HOME)
    finally:
        await world.stop()


async def test_what_makes_no_sense_is_told_so(db: DynamoDb) -> None:
    await db.table("asked", "pk:S")
    assert (await told(db.region, table="absent"))[0] == 404
    for query in ({"key": "{"}, {"key": '{"x":{"S":"a"}}'}, {"key": '{"pk":1}'}, {"limit": "0"}, {"after": "zz"}):
        status, answer = await told(db.region, table="asked", **query)
        assert (status, bool(answer["message"])) == (400, True), query
    for after in ("00", "ff", "02", "20ffff", "17c8"):
        assert (await told(db.region, table="asked", after=after))[0] in (200, 400), after


async def test_users_in_cities_are_not_told(db: DynamoDb) -> None:
    request = Request("GET", "/_panregion/items", "table=x", [("x-panregion-client", "198.18.0.10")])
    assert (await db.region.gateway(request)).status == 404
    assert b"no API's name" in bytes((await db.region.gateway(request)).body)  # type: ignore[arg-type]


async def test_when_a_peers_write_was_durable_here(tmp_path: Path) -> None:
    world = TestWorld(tmp_path)
    await world.start()
    try:
        await world.db[HOME].table("shared", "pk:S")
        await spread(world, "shared", AWAY)
        home, away = world.regions[HOME], world.regions[AWAY]
        (feed,) = home.health()["replicated_tables"]
        before_s = home.here.world.clock.monotonic()
        await world.db[HOME].put_item(TableName="shared", Item={"pk": {"S": "a"}})
        sequence = home.health()["replication_heads"][feed]

        async def arrival(number: int, peer: str = HOME) -> dict[str, Any]:
            query = urlencode({"feed": feed, "from": peer, "sequence": number})
            response = await away.gateway(Request("GET", "/_panregion/arrival", query))
            told: dict[str, Any] = msgspec.json.decode(response.body)  # type: ignore[arg-type]
            return told

        found = await until(lambda: arrival(sequence), lambda told: told["here"])
        assert found["followed"]
        assert before_s <= found["at_s"] <= home.here.world.clock.monotonic()
        assert await arrival(sequence + 1) == {"followed": True, "here": False, "at_s": None}
        assert not (await arrival(sequence, "ap-southeast-2"))["followed"]
    finally:
        await world.stop()
