"""Global tables: replicas added and removed, items and indexes that converge, regions that are away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from panregion.region import Region
from panregion.replication import conflicts
from panregion.services.dynamodb import expiry
from panregion.services.dynamodb.records import item_of_image
from panregion.store import MemoryEngine
from panregion.world import direct_dial
from panregion.world.settings import Time, WorldSettings
from tests.services.dynamodb.support import DynamoDb, index, refusal
from tests.services.dynamodb.test_streams import Streams

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
HOME, AWAY, THIRD = REGIONS
KEY = {"pk": {"S": "a"}}


class TestWorld:
    """Three regions that reach each other over sockets, unless they are cut off."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        settings = WorldSettings(folder=str(folder), regions=REGIONS, time=Time(table_transition_s=0.01))
        self.settings = settings
        self.ports: dict[str, int] = {}
        self.cut: set[str] = set()
        self.regions = {name: Region(name, settings, MemoryEngine(), lambda site: self.dial(site)) for name in REGIONS}
        self.db = {name: DynamoDb(region) for name, region in self.regions.items()}

    def dial(self, site: str) -> Callable[[str, int], Awaitable[Any]]:
        async def dial(_host: str, _port: int) -> Any:
            if site in self.cut or site not in self.ports:
                raise ConnectionRefusedError(f"{site} is cut off")
            return await direct_dial("127.0.0.1", self.ports[site])

        return dial

    async def start(self) -> None:
        for name, region in self.regions.items():
            await region.start()
            self.ports[name] = await region.serve("127.0.0.1", 0)

    async def lose_disk(self, name: str) -> None:
        """The region stops, its store is gone, and it comes back with an empty one on the same port."""
        port = self.ports.pop(name)
        region = self.regions[name]
        await region.here.running["dynamodb"].replicator.close()
        await region.stop()
        self.regions[name] = Region(name, self.settings, MemoryEngine(), lambda site: self.dial(site))
        self.db[name] = DynamoDb(self.regions[name])
        await self.regions[name].start()
        self.ports[name] = await self.regions[name].serve("127.0.0.1", port)

    async def stop(self) -> None:
        """Streams first: a server waits for those that are open."""
        for region in self.regions.values():
            await region.here.running["dynamodb"].replicator.close()
        await asyncio.gather(*(region.stop() for region in self.regions.values()))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TestWorld]:
    world = TestWorld(tmp_path)
    await world.start()
    yield world
    await world.stop()


async def until(ask: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool]) -> Any:
    """What `ask` answers once that is as wanted; fails after a while."""
    answer: Any = None
    for _ in range(1000):
        answer = await ask()
        if wanted(answer):
            return answer
        await asyncio.sleep(0.01)
    raise AssertionError(f"never as wanted: {answer}")


async def replicas(db: DynamoDb, table: str) -> dict[str, str]:
    description = (await db.describe_table(TableName=table))["Table"]
    return {replica["RegionName"]: replica["ReplicaStatus"] for replica in description.get("Replicas", [])}


async def spread(world: TestWorld, table: str, *regions: str) -> None:
    """Add replicas, one after another, and wait until every region says they are there."""
    for region in regions:
        await world.db[HOME].update_table(TableName=table, ReplicaUpdates=[{"Create": {"RegionName": region}}])
        await until(lambda: replicas(world.db[HOME], table), lambda found: set(found.values()) == {"ACTIVE"})
        await world.db[HOME].settled(table)


async def item_in(world: TestWorld, region: str, table: str, key: Any = KEY) -> Any:
    return (await world.db[region].get_item(TableName=table, Key=key)).get("Item")


async def test_a_replica_has_what_was_there_and_what_comes(world: TestWorld) -> None:
    home, away = world.db[HOME], world.db[AWAY]
    await home.table("items", "pk:S")
    await home.put_item(TableName="items", Item={**KEY, "v": {"N": "1"}})
    await spread(world, "items", AWAY, THIRD)
    assert await replicas(home, "items") == {AWAY: "ACTIVE", THIRD: "ACTIVE"}
    await until(lambda: replicas(away, "items"), lambda found: found == {HOME: "ACTIVE", THIRD: "ACTIVE"})
    assert await item_in(world, AWAY, "items") == {**KEY, "v": {"N": "1"}}
    description = (await away.describe_table(TableName="items"))["Table"]
    assert description["GlobalTableVersion"] == "2019.11.21"
    assert description["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"

    await away.update_item(
        TableName="items", Key=KEY, UpdateExpression="ADD v :one", ExpressionAttributeValues={":one": {"N": "1"}}
    )
    for region in (HOME, THIRD):
        await until(lambda r=region: item_in(world, r, "items"), lambda item: item == {**KEY, "v": {"N": "2"}})  # type: ignore[misc]
    await world.db[THIRD].delete_item(TableName="items", Key=KEY)
    for region in (HOME, AWAY):
        await until(lambda r=region: item_in(world, r, "items"), lambda item: item is None)  # type: ignore[misc]
    assert (await home.scan(TableName="items"))["Count"] == 0
    await home.put_item(TableName="items", Item={**KEY, "v": {"S": "again"}})
    await until(lambda: item_in(world, THIRD, "items"), lambda item: item == {**KEY, "v": {"S": "again"}})


async def test_indexes_follow_in_every_region(world: TestWorld) -> None:
    home, away = world.db[HOME], world.db[AWAY]
    await home.table("items", "pk:S", others=["g:S"], GlobalSecondaryIndexes=[index("by-g", "g")])
    for number in range(20):
        await home.put_item(TableName="items", Item={"pk": {"S": str(number)}, "g": {"S": str(number % 2)}})
    await spread(world, "items", AWAY)

    async def odd(db: DynamoDb, name: str) -> int:
        page = await db.query(
            TableName="items",
            IndexName=name,
            KeyConditionExpression="g = :g",
            ExpressionAttributeValues={":g": {"S": "1"}},
        )
        return int(page["Count"])

    assert await odd(away, "by-g") == 10
    await away.delete_item(TableName="items", Key={"pk": {"S": "1"}})
    await until(lambda: odd(home, "by-g"), lambda count: count == 9)

    made = {"Create": index("also-g", "g", projection="KEYS_ONLY")}
    await home.update_table(
        TableName="items",
        AttributeDefinitions=[{"AttributeName": "g", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[made],
    )
    await home.settled("items")
    assert await odd(home, "also-g") == 9

    async def names() -> set[str]:
        table = await away.settled("items")
        return {found["IndexName"] for found in table["GlobalSecondaryIndexes"]}

    await until(names, lambda found: found == {"by-g", "also-g"})
    assert await odd(away, "also-g") == 9


async def test_a_region_that_was_cut_off_catches_up_and_the_later_write_wins(world: TestWorld) -> None:
    await world.db[HOME].table("items", "pk:S")
    await spread(world, "items", AWAY)
    world.regions[HOME].here.running["dynamodb"].replicator.pause()
    world.regions[AWAY].here.running["dynamodb"].replicator.pause()
    await world.db[HOME].put_item(TableName="items", Item={**KEY, "from": {"S": HOME}})
    await asyncio.sleep(0.01)
    await world.db[AWAY].put_item(TableName="items", Item={**KEY, "from": {"S": AWAY}})
    for region in (HOME, AWAY):
        world.regions[region].here.running["dynamodb"].replicator.resume()
    for region in (HOME, AWAY):
        await until(
            lambda r=region: item_in(world, r, "items"),  # type: ignore[misc]
            lambda item: item is not None and item["from"]["S"] == AWAY,
        )


async def test_a_replica_is_made_once_its_region_can_be_reached(world: TestWorld) -> None:
    world.cut.add(AWAY)
    await world.db[HOME].table("items", "pk:S")
    await world.db[HOME].update_table(TableName="items", ReplicaUpdates=[{"Create": {"RegionName": AWAY}}])
    assert await replicas(world.db[HOME], "items") == {AWAY: "CREATING"}
    await world.db[HOME].put_item(TableName="items", Item=KEY)
    world.cut.clear()
    await until(lambda: replicas(world.db[HOME], "items"), lambda found: found == {AWAY: "ACTIVE"})
    assert await item_in(world, AWAY, "items") == KEY


async def test_a_replica_removed_is_gone_and_the_others_stay(world: TestWorld) -> None:
    await world.db[HOME].table("items", "pk:S")
    await world.db[HOME].put_item(TableName="items", Item=KEY)
    await spread(world, "items", AWAY, THIRD)
    await world.db[HOME].update_table(TableName="items", ReplicaUpdates=[{"Delete": {"RegionName": AWAY}}])
    await until(lambda: replicas(world.db[HOME], "items"), lambda found: found == {THIRD: "ACTIVE"})
    await until(lambda: replicas(world.db[THIRD], "items"), lambda found: found == {HOME: "ACTIVE"})
    assert "items" not in (await world.db[AWAY].list_tables())["TableNames"]
    await world.db[THIRD].delete_table(TableName="items")
    await until(lambda: replicas(world.db[HOME], "items"), lambda found: found == {})
    assert await item_in(world, HOME, "items") == KEY
    await world.db[HOME].settled("items")
    await world.db[HOME].put_item(TableName="items", Item={**KEY, "v": {"S": "alone"}})
    assert "Replicas" not in (await world.db[HOME].describe_table(TableName="items"))["Table"]


async def test_refusals(world: TestWorld) -> None:
    await world.db[HOME].table("items", "pk:S")
    create = [{"Create": {"RegionName": HOME}}]
    local = "ValidationException: Cannot add, delete, or update the local region through ReplicaUpdates."
    assert (await refusal(world.db[HOME].update_table(TableName="items", ReplicaUpdates=create))).startswith(local)
    unknown = [{"Create": {"RegionName": "mars-north-1"}}]
    said = await refusal(world.db[HOME].update_table(TableName="items", ReplicaUpdates=unknown))
    assert "mars-north-1 is not a region of this world" in said


async def test_a_name_that_is_taken_elsewhere(world: TestWorld) -> None:
    await world.db[AWAY].table("items", "pk:S")
    await world.db[HOME].table("items", "pk:S")
    await world.db[HOME].update_table(TableName="items", ReplicaUpdates=[{"Create": {"RegionName": AWAY}}])
    await until(lambda: replicas(world.db[HOME], "items"), lambda found: found == {AWAY: "CREATION_FAILED"})
    assert "Replicas" not in (await world.db[AWAY].describe_table(TableName="items"))["Table"]


async def test_time_to_live_is_one_setting_of_all_regions(world: TestWorld) -> None:
    await world.db[HOME].table("items", "pk:S")
    await spread(world, "items", AWAY)
    await world.db[HOME].update_time_to_live(
        TableName="items", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"}
    )

    async def status() -> Any:
        return (await world.db[AWAY].describe_time_to_live(TableName="items"))["TimeToLiveDescription"]

    await until(status, lambda found: found == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ends"})


async def test_a_replica_is_added_while_the_table_is_written(world: TestWorld) -> None:
    home = world.db[HOME]
    await home.table("items", "pk:S")
    for number in range(300):
        await home.put_item(TableName="items", Item={"pk": {"S": str(number)}, "v": {"N": "0"}})
    stop = asyncio.Event()

    async def keep_writing() -> None:
        round_ = 0
        while not stop.is_set():
            round_ += 1
            for number in range(0, 300, 7):
                key = {"pk": {"S": str(number)}}
                if (number + round_) % 3:
                    await home.put_item(TableName="items", Item={**key, "v": {"N": str(round_)}})
                else:
                    await home.delete_item(TableName="items", Key=key)
                await asyncio.sleep(0)

    writing = asyncio.create_task(keep_writing())
    await spread(world, "items", AWAY)
    stop.set()
    await writing

    async def content(region: str) -> dict[str, Any]:
        page = await world.db[region].scan(TableName="items")
        return {item["pk"]["S"]: item for item in page["Items"]}

    wanted = await content(HOME)
    await until(lambda: content(AWAY), lambda found: found == wanted)


async def test_concurrent_writes_leave_the_loser_in_the_ledger(world: TestWorld) -> None:
    await world.db[HOME].table("items", "pk:S")
    await spread(world, "items", AWAY)
    both = [world.regions[region].here.running["dynamodb"].replicator for region in (HOME, AWAY)]
    for replicator in both:
        replicator.pause()
    await world.db[HOME].put_item(TableName="items", Item={**KEY, "from": {"S": HOME}})
    await asyncio.sleep(0.01)
    await world.db[AWAY].put_item(TableName="items", Item={**KEY, "from": {"S": AWAY}})
    for replicator in both:
        replicator.resume()
    await until(lambda: item_in(world, HOME, "items"), lambda item: item["from"]["S"] == AWAY)
    lost = world.regions[HOME].store.read(lambda tx: list(conflicts(tx)))
    assert [(conflict.loser.origin, conflict.winner.origin) for conflict in lost] == [(HOME, AWAY)]
    assert lost[0].loser_value is not None
    assert item_of_image(lost[0].loser_value) == {**KEY, "from": {"S": HOME}}


async def test_every_replica_has_a_stream_that_shows_every_write(world: TestWorld) -> None:
    home, away = world.db[HOME], world.db[AWAY]
    await home.table("items", "pk:S")
    await home.update_time_to_live(
        TableName="items", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"}
    )
    await spread(world, "items", AWAY)
    await home.put_item(TableName="items", Item={**KEY, "ends": {"N": str(int(home.region.here.now()) - 5)}})
    there = Streams(away.region)
    arns = [(await db.describe_table(TableName="items"))["Table"]["LatestStreamArn"] for db in (home, away)]
    told = await until(lambda: there.records(arns[1]), lambda found: len(found) == 1)
    assert (told[0]["eventName"], told[0]["awsRegion"]) == ("INSERT", AWAY)
    assert await expiry.expire(away.region.here) == 0, "the region that wrote it deletes it"
    assert await expiry.expire(home.region.here) == 1
    told = await until(lambda: there.records(arns[1]), lambda found: len(found) == 2)
    assert told[1]["eventName"] == "REMOVE"
    assert "userIdentity" not in told[1]
    assert "userIdentity" in (await Streams(home.region).records(arns[0]))[1]


async def described(db: DynamoDb, name: str) -> dict[str, Any]:
    table: dict[str, Any] = (await db.describe_table(TableName=name))["Table"]
    return table


async def test_a_replica_has_settings_of_its_own(world: TestWorld) -> None:
    home, away, third = (world.db[region] for region in REGIONS)
    await home.table("items", "pk:S")
    await spread(world, "items", AWAY, THIRD)
    change = {"Update": {"RegionName": AWAY, "TableClassOverride": "STANDARD_INFREQUENT_ACCESS"}}
    await home.update_table(TableName="items", ReplicaUpdates=[change])

    async def told(db: DynamoDb) -> Any:
        known = {replica["RegionName"]: replica for replica in (await described(db, "items"))["Replicas"]}
        return known[AWAY].get("ReplicaTableClassSummary")

    async def class_of(db: DynamoDb) -> Any:
        return (await described(db, "items")).get("TableClassSummary", {}).get("TableClass")

    summary = {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    await until(lambda: told(home), lambda found: found == summary)
    await until(lambda: told(third), lambda found: found == summary)
    await until(lambda: class_of(away), lambda found: found == "STANDARD_INFREQUENT_ACCESS")
    assert await class_of(third) is None
    missing = {"Update": {"RegionName": HOME, "TableClassOverride": "STANDARD"}}
    assert (await refusal(home.update_table(TableName="items", ReplicaUpdates=[missing]))).startswith("Validation")
    await home.settled("items")
    await third.update_table(TableName="items", TableClass="STANDARD")  # of all, but where it is overridden
    await until(lambda: class_of(home), lambda found: found == "STANDARD")
    assert await class_of(away) == "STANDARD_INFREQUENT_ACCESS"


async def test_capacity_is_shared_and_reads_are_overridden(world: TestWorld) -> None:
    home, away, third = (world.db[region] for region in REGIONS)
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    await home.table(
        "items",
        "pk:S",
        others=["g:S"],
        BillingMode="PROVISIONED",
        ProvisionedThroughput=units,
        GlobalSecondaryIndexes=[{**index("by-g", "g"), "ProvisionedThroughput": units}],
        SSESpecification={"Enabled": True, "KMSMasterKeyId": "home-key"},
    )
    own = {
        "RegionName": AWAY,
        "KMSMasterKeyId": "away-key",
        "ProvisionedThroughputOverride": {"ReadCapacityUnits": 7},
        "GlobalSecondaryIndexes": [{"IndexName": "by-g", "ProvisionedThroughputOverride": {"ReadCapacityUnits": 9}}],
    }
    await spread(world, "items", THIRD)
    await home.update_table(TableName="items", ReplicaUpdates=[{"Create": own}])
    await home.settled("items")
    await until(lambda: replicas(home, "items"), lambda found: set(found.values()) == {"ACTIVE"})

    async def capacity(db: DynamoDb) -> list[int]:
        table = await described(db, "items")
        parts = [table["ProvisionedThroughput"], table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]]
        return [part[f"{kind}CapacityUnits"] for part in parts for kind in ("Read", "Write")]

    assert [await capacity(db) for db in (home, away, third)] == [[5, 5, 5, 5], [7, 5, 9, 5], [5, 5, 5, 5]]
    keys = [(await described(db, "items"))["SSEDescription"]["KMSMasterKeyArn"] for db in (home, away, third)]
    assert [key.split(":")[3] for key in keys] == list(REGIONS)
    assert [key.rpartition(":")[2] for key in keys] == ["key/home-key", "key/away-key", "alias/aws/dynamodb"]
    by_region = {replica["RegionName"]: replica for replica in (await described(third, "items"))["Replicas"]}
    assert by_region[AWAY]["ProvisionedThroughputOverride"] == {"ReadCapacityUnits": 7}
    assert by_region[AWAY]["KMSMasterKeyId"] == "away-key"

    more = {"ReadCapacityUnits": 6, "WriteCapacityUnits": 8}
    update = {"Update": {"IndexName": "by-g", "ProvisionedThroughput": more}}
    await home.update_table(TableName="items", ProvisionedThroughput=more, GlobalSecondaryIndexUpdates=[update])
    await until(lambda: capacity(third), lambda found: found == [6, 8, 6, 8])
    await until(lambda: capacity(away), lambda found: found == [7, 8, 9, 8])
    await home.settled("items")
    await home.update_table(TableName="items", BillingMode="PAY_PER_REQUEST")
    for db in (away, third):
        await until(lambda db=db: capacity(db), lambda found: found == [0, 0, 0, 0])  # type: ignore[misc]
    refused = {"Update": {"RegionName": AWAY, "ProvisionedThroughputOverride": {"ReadCapacityUnits": 7}}}
    await home.settled("items")
    assert (await refusal(home.update_table(TableName="items", ReplicaUpdates=[refused]))).endswith(
        "ProvisionedThroughputOverride cannot be specified when BillingMode is PAY_PER_REQUEST"
    )


async def test_a_region_that_lost_its_disk_gets_its_replicas_back(world: TestWorld) -> None:
    home, away, third = (world.db[region] for region in REGIONS)
    await home.table("items", "pk:S", others=["g:S"], GlobalSecondaryIndexes=[index("by-g", "g")])
    await spread(world, "items", AWAY, THIRD)
    for n in range(30):
        await away.put_item(TableName="items", Item={"pk": {"S": str(n)}, "g": {"S": "x"}})
    for db in (home, third):
        await until(lambda db=db: db.scan(TableName="items"), lambda page: page["Count"] == 30)  # type: ignore[misc]
    await world.lose_disk(AWAY)
    away = world.db[AWAY]
    await home.put_item(TableName="items", Item={"pk": {"S": "meanwhile"}})

    async def there() -> int:
        if "items" not in (await away.list_tables())["TableNames"]:
            return 0
        table = await described(away, "items")
        return int((await away.scan(TableName="items"))["Count"]) if table["TableStatus"] == "ACTIVE" else 0

    await until(there, lambda count: count == 31)
    assert (await away.scan(TableName="items", IndexName="by-g"))["Count"] == 30
    assert set(await replicas(away, "items")) == {HOME, THIRD}
    # Its feed is a new one: what it writes now must not be taken for what the others have read of the old one.
    for n in range(40):
        await away.put_item(TableName="items", Item={"pk": {"S": f"new{n}"}})
    await away.delete_item(TableName="items", Key={"pk": {"S": "0"}})
    for db in (home, third):
        await until(lambda db=db: db.scan(TableName="items"), lambda page: page["Count"] == 70)  # type: ignore[misc]
    await home.put_item(TableName="items", Item={"pk": {"S": "last"}})
    await until(lambda: away.scan(TableName="items"), lambda page: page["Count"] == 71)
