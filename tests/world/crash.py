"""A region that is killed under load, what its writers know, and a checker that walks all it has kept.

Every writer owns its items, so it knows what each must hold: what was answered last, or, of the one request that had no
answer when the region died, either what was before or what would have been after (whole: a transaction is in or not).
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.world import ClientError, HttpClient, WorldSettings, direct_dial
from panregion.world.process import PYTHON, Process, spawn
from panregion.world.settings import Ports, Time
from panregion.world.tls import make_authority

REGION = "us-east-1"
TABLE = "items"
SLOTS = 12
SCOPE = f"AWS4-HMAC-SHA256 Credential=test/20261121/{REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=0"

Item = dict[str, Any]
Place = tuple[str, str]
"""An item's partition and sort key."""


class Victim:
    """A region's process, and DynamoDB requests to it."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.settings = WorldSettings(
            regions=(REGION,),
            folder=str(folder),
            ports=ports,
            time=Time(table_transition_s=0.01),
        )
        make_authority(folder)
        self._world = folder / "world.json"
        self._world.write_bytes(msgspec.json.encode(self.settings))
        self._log = folder / "region.log"
        self.process: Process | None = None
        self.client = HttpClient(direct_dial)

    async def start(self) -> None:
        argv = [PYTHON, "-m", "panregion.region", "--world", str(self._world), "--region", REGION]
        self.process = await spawn(argv, log_path=self._log)
        for _ in range(1000):
            assert self.process.exit_code is None, self._log.read_text()
            try:
                await self.client.send("GET", self.settings.endpoint(REGION), timeout_s=1)
            except ClientError:
                await asyncio.sleep(0.02)
            else:
                return
        pytest.fail("the region did not answer")

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def ask(self, operation: str, *, service: str = "DynamoDB", **params: Any) -> dict[str, Any]:
        headers = [("Authorization", SCOPE), ("X-Amz-Target", f"{service}_20120810.{operation}")]
        body = msgspec.json.encode(params)
        response = await self.client.send("POST", self.settings.endpoint(REGION) + "/", headers, body, timeout_s=20)
        assert isinstance(response.body, bytes)
        assert response.status == 200, response.body
        answer: dict[str, Any] = msgspec.json.decode(response.body)
        return answer

    async def make_table(self) -> None:
        """With a local index, a global one of everything (sparse), one of keys alone, and a stream of both images."""
        kinds = {"pk": "S", "sk": "S", "hits": "N", "team": "S", "v": "N"}
        await self.ask(
            "CreateTable",
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()],
            KeySchema=_schema("pk", "sk"),
            LocalSecondaryIndexes=[_index("by-hits", "pk", "hits", ProjectionType="INCLUDE", NonKeyAttributes=["v"])],
            GlobalSecondaryIndexes=[
                _index("by-team", "team", "sk", ProjectionType="ALL"),
                _index("by-v", "v", None, ProjectionType="KEYS_ONLY"),
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            BillingMode="PAY_PER_REQUEST",
        )
        while (await self.ask("DescribeTable", TableName=TABLE))["Table"]["TableStatus"] != "ACTIVE":
            await asyncio.sleep(0.01)

    async def scan(self, index: str | None = None) -> list[Item]:
        params: dict[str, Any] = {"TableName": TABLE, **({"IndexName": index} if index else {"ConsistentRead": True})}
        found: list[Item] = []
        while True:
            page = await self.ask("Scan", **params)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                return found
            params["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _schema(partition: str, sort: str | None) -> list[dict[str, str]]:
    names = [(partition, "HASH"), *([(sort, "RANGE")] if sort else [])]
    return [{"AttributeName": name, "KeyType": kind} for name, kind in names]


def _index(name: str, partition: str, sort: str | None, **projection: Any) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": _schema(partition, sort), "Projection": projection}


def place_of(item: Item) -> Place:
    return item["pk"]["S"], item["sk"]["S"]


def key_of(place: Place) -> Item:
    return {"pk": {"S": place[0]}, "sk": {"S": place[1]}}


@dataclass
class Pending:
    """A request without an answer: what it would make of which items, and whether all of them or none."""

    after: dict[Place, Item | None]
    whole: bool


@dataclass
class Writer:
    """Writes its items one request after another, and remembers what was answered."""

    name: str
    chance: random.Random
    items: dict[Place, Item] = field(default_factory=dict)
    pending: Pending | None = None
    answered: list[tuple[Place, int]] = field(default_factory=list)
    """Item and version of each write that was acknowledged since the last check."""
    count: int = 0

    async def write_until_killed(self, victim: Victim) -> None:
        while True:
            operation, params, self.pending = self._next()
            try:
                await victim.ask(operation, **params)
            except ClientError:
                return
            for place, item in self.pending.after.items():
                self._now(place, item)
                if item is not None:
                    self.answered.append((place, int(item["v"]["N"])))
            self.pending = None

    def _now(self, place: Place, item: Item | None) -> None:
        if item is None:
            self.items.pop(place, None)
        else:
            self.items[place] = item

    def _place(self) -> Place:
        return self.name, f"s{self.chance.randrange(SLOTS):02}"

    def _item(self, place: Place) -> Item:
        """A new item, two of three times in a team, and so in the sparse index."""
        self.count += 1
        item = {**key_of(place), "v": {"N": str(self.count)}, "text": {"S": "x" * self.chance.randrange(400)}}
        if self.chance.randrange(3):
            item["team"] = {"S": f"t{self.chance.randrange(5)}"}
        if self.chance.randrange(4):
            item["hits"] = {"N": str(self.chance.randrange(3))}
        return item

    def _next(self) -> tuple[str, dict[str, Any], Pending]:
        kind = self.chance.randrange(10)
        places = list({self._place(): None for _ in range(3)})
        if kind < 3:
            item = self._item(places[0])
            return "PutItem", {"TableName": TABLE, "Item": item}, Pending({places[0]: item}, True)
        if kind < 6:
            return self._update(places[0])
        if kind < 7:
            return "DeleteItem", {"TableName": TABLE, "Key": key_of(places[0])}, Pending({places[0]: None}, True)
        after: dict[Place, Item | None] = {}
        requests: list[Item] = []
        for place in places:
            item = self._item(place)
            after[place] = item if self.chance.randrange(4) else None
            requests.append(item)
        if kind < 9:
            actions = [
                {"Put": {"TableName": TABLE, "Item": item}}
                if after[place] is not None
                else {"Delete": {"TableName": TABLE, "Key": key_of(place)}}
                for place, item in zip(places, requests, strict=True)
            ]
            return "TransactWriteItems", {"TransactItems": actions}, Pending(after, True)
        batch = [
            {"PutRequest": {"Item": item}} if after[place] is not None else {"DeleteRequest": {"Key": key_of(place)}}
            for place, item in zip(places, requests, strict=True)
        ]
        return "BatchWriteItem", {"RequestItems": {TABLE: batch}}, Pending(after, False)

    def _update(self, place: Place) -> tuple[str, dict[str, Any], Pending]:
        self.count += 1
        before = self.items.get(place, key_of(place))
        hits = int(before.get("hits", {"N": "0"})["N"]) + 1
        after = {**before, "v": {"N": str(self.count)}, "hits": {"N": str(hits)}}
        after.pop("team", None)
        params = {
            "TableName": TABLE,
            "Key": key_of(place),
            "UpdateExpression": "SET v = :v ADD hits :one REMOVE team",
            "ExpressionAttributeValues": {":v": after["v"], ":one": {"N": "1"}},
        }
        return "UpdateItem", params, Pending({place: after}, True)

    def check(self, found: dict[Place, Item]) -> None:
        """Whether that may be what this writer's items are; from now on, it is."""
        mine = {place: item for place, item in found.items() if place[0] == self.name}
        expected = dict(self.items)
        if self.pending is not None:
            taken = {place for place, item in self.pending.after.items() if mine.get(place) == item}
            unlike = {p for p, item in self.pending.after.items() if self.items.get(p) != item}
            if self.pending.whole:
                assert taken >= unlike or not taken & unlike, f"half of a request is in: {self.pending}"
            for place in taken:
                item = self.pending.after[place]
                expected.pop(place, None)
                if item is not None:
                    expected[place] = item
        assert mine == expected, f"{self.name}: {_difference(expected, mine)}"
        self.items, self.pending = mine, None


def _difference(expected: dict[Place, Item], found: dict[Place, Item]) -> str:
    places = [place for place in {**expected, **found} if expected.get(place) != found.get(place)]
    return "; ".join(f"{place} is {found.get(place)} and should be {expected.get(place)}" for place in places[:3])


@dataclass
class Checker:
    """Walks the items, every index and the stream, and holds them to each other and to what the writers know."""

    victim: Victim
    writers: list[Writer]
    told: dict[Place, Item] = field(default_factory=dict)
    """The items as the stream has told of them."""
    read: dict[str, str] = field(default_factory=dict)
    """Shard -> the last sequence number that was read."""
    records: int = 0

    async def check(self) -> None:
        scanned = await self.victim.scan()
        found = {place_of(item): item for item in scanned}
        assert len(found) == len(scanned), "an item was scanned twice"
        for writer in self.writers:
            writer.check(found)
        await self._check_indexes(scanned)
        versions = await self._follow_stream()
        assert self.told == found, f"the stream tells of other items: {_difference(found, self.told)}"
        for writer in self.writers:
            missing = [write for write in writer.answered if write not in versions]
            assert not missing, f"acknowledged, and not in the stream: {missing[:3]}"
            writer.answered.clear()

    async def _check_indexes(self, items: list[Item]) -> None:
        wanted = {
            "by-hits": [_only(item, "pk", "sk", "hits", "v") for item in items if "hits" in item],
            "by-team": [item for item in items if "team" in item],
            "by-v": [_only(item, "pk", "sk", "v") for item in items],
        }
        for index, entries in wanted.items():
            assert _sorted(await self.victim.scan(index)) == _sorted(entries), f"the index {index} differs"

    async def _follow_stream(self) -> set[tuple[Place, int]]:
        """Replay what is new; every record must follow from the one before. Items and versions that were told of."""
        table = (await self.victim.ask("DescribeTable", TableName=TABLE))["Table"]
        arn = table["LatestStreamArn"]
        described = await self._streams("DescribeStream", StreamArn=arn)
        versions: set[tuple[Place, int]] = set()
        for shard in described["StreamDescription"]["Shards"]:
            name = shard["ShardId"]
            start = {"ShardIteratorType": "TRIM_HORIZON"}
            if name in self.read:
                start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self.read[name]}
            iterator = (await self._streams("GetShardIterator", StreamArn=arn, ShardId=name, **start))["ShardIterator"]
            while (page := await self._streams("GetRecords", ShardIterator=iterator))["Records"]:
                versions |= {version for record in page["Records"] for version in self._replay(record)}
                self.read[name] = page["Records"][-1]["dynamodb"]["SequenceNumber"]
                iterator = page["NextShardIterator"]
        return versions

    async def _streams(self, operation: str, **params: Any) -> dict[str, Any]:
        return await self.victim.ask(operation, service="DynamoDBStreams", **params)

    def _replay(self, record: dict[str, Any]) -> Iterator[tuple[Place, int]]:
        self.records += 1
        change = record["dynamodb"]
        place = place_of(change["Keys"])
        old, new = change.get("OldImage"), change.get("NewImage")
        assert self.told.get(place) == old, f"the stream leaves something out before {record}"
        name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        assert record["eventName"] == name
        if new is None:
            del self.told[place]
        else:
            self.told[place] = new
            yield place, int(new["v"]["N"])


def _only(item: Item, *names: str) -> Item:
    return {name: item[name] for name in names if name in item}


def _sorted(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (*place_of(item), msgspec.json.encode(item, order="deterministic")))
