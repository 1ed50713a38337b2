"""Shards: how many there are, how they roll and split, and that following parents to children misses no record."""

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.region import Region
from panregion.services.dynamodb import work as tables
from panregion.services.dynamodb.streams.rolling import roll
from panregion.services.dynamodb.streams.shards import PLACES, Shard, evenly, successors
from panregion.services.dynamodb.streams.trimming import trim
from panregion.world import ManualClock, World
from tests.services.dynamodb.support import DynamoDb, refusal
from tests.services.dynamodb.test_streams import Streams
from tests.support import region_in

FOUR_HOURS_S = 4 * 3600.0
ON = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}


class Rolling:
    """A table with a stream under a clock that stands still; no worker runs, the test does the work."""

    def __init__(self, region: Region, clock: ManualClock) -> None:
        self.region, self.clock = region, clock
        self.db, self.streams = DynamoDb(region), Streams(region)
        self.arn = ""
        self.count = 0

    async def table(self, **options: Any) -> None:
        made = await self.db.create_table(
            TableName="rolling",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            StreamSpecification=ON,
            **({"BillingMode": "PAY_PER_REQUEST"} | options),
        )
        self.id = made["TableDescription"]["TableId"]
        self.arn = made["TableDescription"]["LatestStreamArn"]
        await self.settle()

    async def settle(self) -> None:
        await tables.activate(self.region.here, {"name": "rolling", "id": self.id})

    async def put(self, *keys: str) -> None:
        for key in keys:
            self.count += 1
            await self.db.put_item(TableName="rolling", Item={"pk": {"S": key}, "n": {"N": str(self.count)}})

    async def shards(self, **params: Any) -> list[dict[str, Any]]:
        found = await self.streams.ask("DescribeStream", StreamArn=self.arn, **params)
        shards: list[dict[str, Any]] = found["StreamDescription"]["Shards"]
        return shards

    async def open(self) -> list[dict[str, Any]]:
        return [shard for shard in await self.shards() if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]

    async def keys_by_shard(self) -> dict[str, list[str]]:
        found = {}
        for shard in await self.streams.shards(self.arn):
            token = await self.streams.iterator(self.arn, shard)
            records = (await self.streams.ask("GetRecords", ShardIterator=token))["Records"]
            found[shard] = [record["dynamodb"]["Keys"]["pk"]["S"] for record in records]
        return found


@pytest.fixture
async def rolling(tmp_path: Path) -> AsyncIterator[Rolling]:
    clock = ManualClock(1_700_000_000.0)
    region = region_in(tmp_path, world=World(clock=clock))
    yield Rolling(region, clock)
    await region.stop()


async def test_a_table_has_the_shards_that_its_capacity_asks_for(rolling: Rolling) -> None:
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2500}
    await rolling.table(BillingMode="PROVISIONED", ProvisionedThroughput=units)
    assert len(await rolling.shards()) == 3
    await rolling.put("a")
    more = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5000}
    await rolling.db.update_table(TableName="rolling", ProvisionedThroughput=more)
    assert len(await rolling.open()) == 5
    children = [shard for shard in await rolling.shards() if "ParentShardId" in shard]
    assert len(children) == 4
    parents = {shard["ParentShardId"] for shard in children}
    ended = {shard["ShardId"] for shard in await rolling.shards()} - {s["ShardId"] for s in await rolling.open()}
    assert parents == ended


async def test_small_provisioned_tables_have_one_shard(rolling: Rolling) -> None:
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    await rolling.table(BillingMode="PROVISIONED", ProvisionedThroughput=units)
    (shard,) = await rolling.shards()
    assert "ParentShardId" not in shard


async def test_shards_roll_after_four_hours_and_name_their_parents(rolling: Rolling) -> None:
    await rolling.table()
    await rolling.put("a", "b", "c")
    await roll(rolling.region.here)
    assert len(await rolling.shards()) == 4
    await rolling.clock.advance(FOUR_HOURS_S + 1)
    await roll(rolling.region.here)
    await rolling.put("a", "b", "c")
    shards = await rolling.shards()
    assert len(shards) == 8
    parents = {shard["ShardId"]: shard for shard in shards[:4]}
    for child in shards[4:]:
        parent = parents[child["ParentShardId"]]["SequenceNumberRange"]
        assert parent["StartingSequenceNumber"] <= parent["EndingSequenceNumber"]
        assert parent["EndingSequenceNumber"] < child["SequenceNumberRange"]["StartingSequenceNumber"]
        only = await rolling.shards(ShardFilter={"Type": "CHILD_SHARDS", "ShardId": child["ParentShardId"]})
        assert only == [child]
    found = await rolling.keys_by_shard()
    for child in shards[4:]:  # an item's records are in the parent, then in the child of the same range
        assert found[child["ParentShardId"]] == found[child["ShardId"]]
    assert sorted(key for keys in found.values() for key in keys) == ["a", "a", "b", "b", "c", "c"]


async def test_an_iterator_ends_with_its_shard_and_the_child_goes_on(rolling: Rolling) -> None:
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    await rolling.table(BillingMode="PROVISIONED", ProvisionedThroughput=units)
    (parent,) = await rolling.shards()
    token = await rolling.streams.iterator(rolling.arn, parent["ShardId"])
    latest = await rolling.streams.iterator(rolling.arn, parent["ShardId"], "LATEST")
    await rolling.put("a")
    page = await rolling.streams.ask("GetRecords", ShardIterator=token)
    assert [len(page["Records"]), "NextShardIterator" in page] == [1, True]
    await rolling.clock.advance(60)  # shards that are too young stay
    await roll(rolling.region.here)
    assert len(await rolling.shards()) == 1
    rolling.region.here.running["dynamodb-stream-rates"] = {1: (rolling.clock.monotonic() - 1, -1500)}
    await roll(rolling.region.here)  # 1,500 writes a second are two partitions' work
    await rolling.put("b", "c", "d", "e")
    page = await rolling.streams.ask("GetRecords", ShardIterator=page["NextShardIterator"])
    assert page == {"Records": []}
    page = await rolling.streams.ask("GetRecords", ShardIterator=latest)
    assert (len(page["Records"]), "NextShardIterator" in page) == (1, False)
    children = [shard for shard in await rolling.shards() if shard.get("ParentShardId") == parent["ShardId"]]
    assert len(children) == 2
    found = await rolling.keys_by_shard()
    assert found[parent["ShardId"]] == ["a"]
    assert sorted(key for child in children for key in found[child["ShardId"]]) == ["b", "c", "d", "e"]


async def test_ended_shards_are_forgotten_after_a_day(rolling: Rolling) -> None:
    await rolling.table()
    await rolling.put("a")
    old = await rolling.shards()
    number = old[0]["SequenceNumberRange"]["StartingSequenceNumber"]
    await rolling.clock.advance(FOUR_HOURS_S)
    await roll(rolling.region.here)
    await rolling.clock.advance(23 * 3600)
    token = await rolling.streams.iterator(rolling.arn, old[0]["ShardId"])
    await trim(rolling.region.here)
    assert len(await rolling.shards()) == 8
    await rolling.clock.advance(3700)
    token = await rolling.streams.iterator(rolling.arn, old[0]["ShardId"])
    await trim(rolling.region.here)
    left = await rolling.shards()
    assert {shard["ParentShardId"] for shard in left} == {shard["ShardId"] for shard in old}
    said = await refusal(rolling.streams.ask("GetRecords", ShardIterator=token))
    assert said.startswith("TrimmedDataAccessException")
    asked = rolling.streams.iterator(rolling.arn, old[0]["ShardId"], "AT_SEQUENCE_NUMBER", SequenceNumber=number)
    assert (await refusal(asked)).startswith("ResourceNotFoundException")


async def test_a_disabled_stream_is_the_latest_until_it_is_forgotten(rolling: Rolling) -> None:
    await rolling.table()
    await rolling.put("a")
    await rolling.db.update_table(TableName="rolling", StreamSpecification={"StreamEnabled": False})
    await rolling.settle()
    table = (await rolling.db.describe_table(TableName="rolling"))["Table"]
    assert table["LatestStreamArn"] == rolling.arn
    assert "StreamSpecification" not in table
    assert sum(map(len, (await rolling.keys_by_shard()).values())) == 1
    await rolling.clock.advance(25 * 3600)
    await trim(rolling.region.here)
    table = (await rolling.db.describe_table(TableName="rolling"))["Table"]
    assert "LatestStreamArn" not in table
    assert "LatestStreamLabel" not in table


async def test_shards_are_described_in_pages(rolling: Rolling) -> None:
    await rolling.table()
    for _ in range(3):
        await rolling.clock.advance(FOUR_HOURS_S + 1)
        await roll(rolling.region.here)
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        asked = {"StreamArn": rolling.arn, "Limit": 3, **after}
        page = (await rolling.streams.ask("DescribeStream", **asked))["StreamDescription"]
        seen += [shard["ShardId"] for shard in page["Shards"]]
        if "LastEvaluatedShardId" not in page:
            break
        after = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}
    assert len(seen) == len(set(seen)) == 16
    assert seen == sorted(seen)


@given(st.integers(1, 9), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5)), max_size=8))
def test_open_shards_always_cover_all_places_once(first: int, steps: list[tuple[int, int]]) -> None:
    shards = [Shard(n, low, high, 0.0, 1) for n, (low, high, _) in enumerate(evenly(first))]
    for time, (wanted, ended_before) in enumerate(steps):
        ending, ranges = successors(shards, wanted, float(ended_before))
        assert sum(s.high - s.low for s in ending) == sum(high - low for low, high, _ in ranges)
        kept = [shard for shard in shards if shard not in ending]
        shards = kept + [Shard(100 * time + n, low, high, float(time), 1) for n, (low, high, _) in enumerate(ranges)]
        shards.sort(key=lambda shard: shard.low)
        assert [shards[0].low, shards[-1].high] == [0, PLACES]
        assert all(one.high == next_.low for one, next_ in pairwise(shards))
