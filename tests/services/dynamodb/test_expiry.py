"""Time to live: what has expired goes, and nothing else; deletions replicate and are told once."""

import asyncio
from typing import Any

import pytest

from panregion.services.dynamodb import expiry, layout
from tests.services.dynamodb.support import DynamoDb
from tests.services.dynamodb.test_streams import BOTH, Streams, streamed

TTL = {"Enabled": True, "AttributeName": "ends"}


def item(key: str, ends: Any) -> dict[str, Any]:
    return {"pk": {"S": key}, "ends": ends}


async def keys(db: DynamoDb, table: str = "mortal") -> list[str]:
    return sorted(item["pk"]["S"] for item in (await db.scan(TableName=table))["Items"])


async def indexed(db: DynamoDb) -> int:
    return db.region.store.read(lambda tx: sum(1 for _ in tx.prefix((layout.EXPIRIES,))))


@pytest.fixture
async def now(db: DynamoDb) -> int:
    await db.table("mortal", "pk:S")
    return int(db.region.here.now())


async def test_what_has_expired_is_deleted(db: DynamoDb, now: int) -> None:
    await db.update_time_to_live(TableName="mortal", TimeToLiveSpecification=TTL)
    for key, ends in {
        "past": {"N": str(now - 10)},
        "fraction": {"N": f"{now - 10}.5"},
        "future": {"N": str(now + 1000)},
        "text": {"S": str(now - 10)},
        "ancient": {"N": str(now - 6 * 365 * 86400)},
        "negative": {"N": "-5"},
        "huge": {"N": "1e100"},
    }.items():
        await db.put_item(TableName="mortal", Item=item(key, ends))
    await db.put_item(TableName="mortal", Item={"pk": {"S": "none"}})
    assert await expiry.expire(db.region.here) == 2
    assert await keys(db) == ["ancient", "future", "huge", "negative", "none", "text"]


async def test_an_item_that_was_prolonged_stays(db: DynamoDb, now: int) -> None:
    await db.update_time_to_live(TableName="mortal", TimeToLiveSpecification=TTL)
    await db.put_item(TableName="mortal", Item=item("a", {"N": str(now - 10)}))
    await db.put_item(TableName="mortal", Item=item("a", {"N": str(now + 1000)}))
    assert await indexed(db) == 1
    assert await expiry.expire(db.region.here) == 0
    await db.delete_item(TableName="mortal", Key={"pk": {"S": "a"}})
    assert await indexed(db) == 0


async def test_turning_it_on_finds_the_items_that_are_there(db: DynamoDb, now: int) -> None:
    await db.put_item(TableName="mortal", Item=item("a", {"N": str(now - 10)}))
    await db.update_time_to_live(TableName="mortal", TimeToLiveSpecification=TTL)
    for _ in range(200):
        if await expiry.expire(db.region.here):
            break
        await asyncio.sleep(0.01)
    assert await keys(db) == []
    await db.put_item(TableName="mortal", Item=item("a", {"N": str(now - 10)}))
    await db.update_time_to_live(TableName="mortal", TimeToLiveSpecification={**TTL, "Enabled": False})
    for _ in range(200):
        if not await indexed(db):
            break
        await asyncio.sleep(0.01)
    assert await expiry.expire(db.region.here) == 0
    assert await keys(db) == ["a"]


async def test_the_stream_says_who_deleted(db: DynamoDb) -> None:
    arn = await streamed(db, BOTH)
    await db.update_time_to_live(TableName="streamed", TimeToLiveSpecification=TTL)
    await db.put_item(TableName="streamed", Item=item("a", {"N": "5"}))
    ends = str(int(db.region.here.now()) - 1)
    await db.put_item(TableName="streamed", Item=item("a", {"N": ends}))
    assert await expiry.expire(db.region.here) == 1
    records = await Streams(db.region).records(arn)
    assert [record.get("userIdentity") for record in records] == [
        None,
        None,
        {"principalId": "dynamodb.amazonaws.com", "type": "Service"},
    ]
