"""Strong tables (MRSC): three regions over sockets agree on every item; one may be lost, not two."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from panregion.region import Region
from panregion.replication import acceptor
from panregion.replication.forgetting import Forgetter
from panregion.replication.proposer import RegisterSettings
from panregion.replication.registers import Registers
from panregion.services import Context
from panregion.services.dynamodb import layout, recall
from panregion.services.dynamodb.stack_global import GLOBAL_TABLE
from panregion.store import MemoryEngine
from panregion.wire import AwsError
from panregion.world import World, direct_dial
from panregion.world.settings import Time, WorldSettings
from tests.services.dynamodb.support import DynamoDb, index, plain, refusal
from tests.services.dynamodb.test_versions import told

REGIONS = ("us-east-1", "us-east-2", "us-west-2", "eu-west-1")
HOME, NEAR, FAR, OVERSEAS = REGIONS
KEY = {"pk": {"S": "a"}}
QUICK = RegisterSettings(deadline_s=2.0, wait_for_third_s=0.05, catch_up_every_s=0.1)
PATIENT = RegisterSettings(deadline_s=20.0, wait_for_third_s=0.05, catch_up_every_s=0.1)
HANGS_S = 30.0
"""Not how long an operation takes, but when a busy machine is no excuse any more."""

IMPATIENT = RegisterSettings(deadline_s=0.4, wait_for_third_s=0.05, catch_up_every_s=0.1)


class StrongWorld:
    """Regions that reach each other over sockets, unless they are cut off."""

    def __init__(self, folder: Path) -> None:
        self.settings = WorldSettings(folder=str(folder), regions=REGIONS, time=Time(table_transition_s=0.01))
        self.ports: dict[str, int] = {}
        self.cut: set[str] = set()
        self.engines = {name: MemoryEngine() for name in REGIONS}
        self.regions: dict[str, Region] = {}
        self.db: dict[str, DynamoDb] = {}

    async def start(self, *names: str) -> None:
        for name in names:
            region = Region(name, self.settings, self.engines[name], lambda site, name=name: self.dial(name, site))  # type: ignore[misc]
            self.regions[name] = region
            self.db[name] = DynamoDb(region)
            await region.start()
            self.settle_within(QUICK, name)
            self.ports[name] = await region.serve("127.0.0.1", 0)

    def settle_within(self, settings: RegisterSettings, *names: str) -> None:
        for name in names:
            self.registers(name)._settings = settings
            self.registers(name)._proposer._settings = settings

    def registers(self, name: str) -> Registers:
        registers: Registers = self.regions[name].here.running["dynamodb"].strong.registers
        return registers

    def dial(self, origin: str, site: str) -> Callable[[str, int], Awaitable[Any]]:
        async def dial(_host: str, _port: int) -> Any:
            if {origin, site} & self.cut or site not in self.ports:
                raise ConnectionRefusedError(f"{site} is cut off")
            return await direct_dial("127.0.0.1", self.ports[site])

        return dial

    async def isolate(self, *names: str) -> None:
        """Cut regions off: no new connections, and those that are open are let go of."""
        self.cut = set(names)
        for region in self.regions.values():
            await region.dispatch.close()
            region.dispatch._clients.clear()

    async def strong(self, name: str, *, witness: bool = False, **options: Any) -> None:
        await self.db[HOME].table(name, "pk:S", **options)
        creates = [{"Create": {"RegionName": region}} for region in ((NEAR,) if witness else (NEAR, FAR))]
        extra = {"GlobalTableWitnessUpdates": [{"Create": {"RegionName": FAR}}]} if witness else {}
        await self.db[HOME].update_table(
            TableName=name, ReplicaUpdates=creates, MultiRegionConsistency="STRONG", **extra
        )
        for region in (HOME, NEAR) if witness else (HOME, NEAR, FAR):
            await until(lambda region=region: status(self.db[region], name), lambda found: found == "ACTIVE")  # type: ignore[misc]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[StrongWorld]:
    world = StrongWorld(tmp_path)
    await world.start(*REGIONS)
    yield world
    for region in world.regions.values():
        await region.here.running["dynamodb"].replicator.close()
    await asyncio.gather(*(region.stop() for region in world.regions.values()))


async def until(ask: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool]) -> Any:
    answer: Any = None
    for _ in range(1000):
        answer = await ask()
        if wanted(answer):
            return answer
        await asyncio.sleep(0.01)
    raise AssertionError(f"never as wanted: {answer}")


async def status(db: DynamoDb, table: str) -> str | None:
    try:
        return str((await db.describe_table(TableName=table))["Table"]["TableStatus"])
    except AwsError:
        return None


async def latest(db: DynamoDb, key: dict[str, Any] = KEY, **params: Any) -> Any:
    answer = await db.get_item(TableName="items", Key=key, **{"ConsistentRead": True, **params})
    return answer.get("Item")


async def increment(db: DynamoDb, times: int) -> None:
    """Increments that are conditional on what was read: each must come after the one that it saw."""
    made = 0
    while made < times:
        item = await latest(db)
        count = int(item["n"]["N"]) if item else 0
        condition = "n = :seen" if item else "attribute_not_exists(n)"
        values = {":new": {"N": str(count + 1)}, **({":seen": {"N": str(count)}} if item else {})}
        try:
            await db.update_item(
                TableName="items",
                Key=KEY,
                UpdateExpression="SET n = :new",
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
            made += 1
        except AwsError as error:
            if error.code not in ("ConditionalCheckFailedException", "ReplicatedWriteConflictException"):
                raise
            await asyncio.sleep(0.002 * made % 0.01)


async def test_a_strong_table_is_described_in_every_region(world: StrongWorld) -> None:
    await world.strong("items")
    for region, others in ((HOME, {NEAR, FAR}), (NEAR, {HOME, FAR}), (FAR, {HOME, NEAR})):
        table = (await world.db[region].describe_table(TableName="items"))["Table"]
        assert table["MultiRegionConsistency"] == "STRONG"
        assert {replica["RegionName"] for replica in table["Replicas"]} == others
        assert {replica["ReplicaStatus"] for replica in table["Replicas"]} == {"ACTIVE"}
        assert "StreamSpecification" not in table


async def test_a_write_is_read_from_every_region_at_once(world: StrongWorld) -> None:
    await world.strong("items")
    for number, region in enumerate((HOME, NEAR, FAR, NEAR, HOME)):
        item = {**KEY, "v": {"N": str(number)}}
        old = await world.db[region].put_item(TableName="items", Item=item, ReturnValues="ALL_OLD")
        assert old == ({"Attributes": {**KEY, "v": {"N": str(number - 1)}}} if number else {})
        for reader in (HOME, NEAR, FAR):
            assert await latest(world.db[reader]) == item
            found = await world.db[reader].query(
                TableName="items",
                ConsistentRead=True,
                KeyConditionExpression="pk = :a",
                ExpressionAttributeValues={":a": KEY["pk"]},
            )
            assert found["Items"] == [item]
    await world.db[FAR].delete_item(TableName="items", Key=KEY)
    for reader in (HOME, NEAR, FAR):
        assert await latest(world.db[reader]) is None
        assert (await world.db[reader].scan(TableName="items", ConsistentRead=True))["Count"] == 0


async def test_increments_from_three_regions_lose_nothing(world: StrongWorld) -> None:
    await world.strong("items")
    await asyncio.gather(*(increment(world.db[region], 10) for region in (HOME, NEAR, FAR)))
    for region in (HOME, NEAR, FAR):
        assert await latest(world.db[region]) == {**KEY, "n": {"N": "30"}}


async def test_other_regions_show_a_write_and_its_index_entry_soon(world: StrongWorld) -> None:
    await world.strong("items", others=("g:S",), GlobalSecondaryIndexes=[index("by-g", "g")])
    await world.db[HOME].put_item(TableName="items", Item={**KEY, "g": {"S": "x"}})

    async def found(region: str) -> int:
        answer = await world.db[region].query(
            TableName="items",
            IndexName="by-g",
            KeyConditionExpression="g = :x",
            ExpressionAttributeValues={":x": {"S": "x"}},
        )
        return int(answer["Count"])

    for region in (HOME, NEAR, FAR):
        await until(lambda region=region: found(region), lambda count: count == 1)  # type: ignore[misc]
        assert await latest(world.db[region], ConsistentRead=False) == {**KEY, "g": {"S": "x"}}


async def test_batches(world: StrongWorld) -> None:
    await world.strong("items")
    await world.db[HOME].table("plain", "pk:S")
    keys = [{"pk": {"S": str(number)}} for number in range(10)]
    puts = [{"PutRequest": {"Item": {**key, "v": {"S": "1"}}}} for key in keys]
    output = await world.db[HOME].batch_write_item(RequestItems={"items": puts, "plain": puts[:2]})
    assert output["UnprocessedItems"] == {}
    assert (await world.db[HOME].scan(TableName="plain"))["Count"] == 2
    await world.db[NEAR].batch_write_item(RequestItems={"items": [{"DeleteRequest": {"Key": keys[0]}}]})
    wish = {"items": {"Keys": keys, "ConsistentRead": True}}
    answer = await world.db[FAR].batch_get_item(RequestItems=wish)
    assert {item["pk"]["S"] for item in answer["Responses"]["items"]} == {str(number) for number in range(1, 10)}


async def test_statements(world: StrongWorld) -> None:
    await world.strong("items")
    insert = "INSERT INTO items VALUE {'pk': 'a', 'v': 1}"
    await world.db[HOME].execute_statement(Statement=insert)
    said = await refusal(world.db[NEAR].execute_statement(Statement=insert))
    assert said.startswith("DuplicateItemException")
    update = "UPDATE items SET v = v + 1 WHERE pk = 'a' RETURNING ALL NEW *"
    changed = await world.db[FAR].execute_statement(Statement=update)
    assert changed["Items"] == [{**KEY, "v": {"N": "2"}}]
    select = "SELECT * FROM items WHERE pk = 'a'"
    found = await world.db[NEAR].execute_statement(Statement=select, ConsistentRead=True)
    assert found["Items"] == [{**KEY, "v": {"N": "2"}}]
    two = [{"Statement": update.partition(" RETURNING")[0]}, {"Statement": "DELETE FROM items"}]
    responses = (await world.db[HOME].batch_execute_statement(Statements=two))["Responses"]
    assert ["Error" in response for response in responses] == [False, True]
    one = [{"Statement": select, "ConsistentRead": True}]
    assert (await world.db[FAR].batch_execute_statement(Statements=one))["Responses"][0]["Item"]["v"] == {"N": "3"}
    said = await refusal(world.db[HOME].execute_transaction(TransactStatements=two[:1]))
    assert said.endswith("ExecuteTransaction is not supported on a table with multi-Region strong consistency")


async def test_one_region_lost_the_others_go_on_and_it_catches_up(world: StrongWorld) -> None:
    await world.strong("items")
    await world.db[HOME].put_item(TableName="items", Item={**KEY, "v": {"S": "before"}})
    await until(lambda: latest(world.db[FAR], ConsistentRead=False), lambda item: item is not None)
    await world.isolate(FAR)
    await world.db[NEAR].put_item(TableName="items", Item={**KEY, "v": {"S": "during"}})
    assert (await latest(world.db[HOME]))["v"]["S"] == "during"
    assert (await world.db[HOME].scan(TableName="items", ConsistentRead=True))["Items"][0]["v"]["S"] == "during"
    said = await refusal(latest(world.db[FAR]))
    assert said.startswith("InternalServerError: ")
    assert (await latest(world.db[FAR], ConsistentRead=False))["v"]["S"] == "before"
    await world.isolate()
    assert (await latest(world.db[FAR]))["v"]["S"] == "during"
    scanned = await world.db[FAR].scan(TableName="items", ConsistentRead=True)
    assert scanned["Items"][0]["v"]["S"] == "during"


async def test_a_region_that_returns_learns_by_itself(world: StrongWorld) -> None:
    await world.strong("items")
    await world.isolate(FAR)
    keys = [{"pk": {"S": str(number)}} for number in range(50)]
    await asyncio.gather(*(world.db[HOME].put_item(TableName="items", Item=key) for key in keys))
    assert (await world.db[FAR].scan(TableName="items"))["Count"] == 0
    await world.isolate()
    await until(lambda: world.db[FAR].scan(TableName="items"), lambda page: page["Count"] == 50)


async def test_two_regions_lost_writes_and_strong_reads_fail_in_time_and_others_go_on(world: StrongWorld) -> None:
    await world.strong("items")
    await world.db[HOME].put_item(TableName="items", Item={**KEY, "v": {"S": "before"}})
    await world.isolate(NEAR, FAR)
    world.settle_within(IMPATIENT, *REGIONS)
    async with asyncio.timeout(HANGS_S):
        said = await refusal(world.db[HOME].put_item(TableName="items", Item={**KEY, "v": {"S": "after"}}))
        assert said.startswith("InternalServerError: No majority of the table's regions took the write in time")
        assert (await refusal(latest(world.db[HOME]))).startswith("InternalServerError: ")
        scan = world.db[HOME].scan(TableName="items", ConsistentRead=True)
        assert (await refusal(scan)).startswith("InternalServerError")
    assert (await latest(world.db[HOME], ConsistentRead=False))["v"]["S"] == "before"
    await world.isolate()
    world.settle_within(PATIENT, *REGIONS)
    await world.db[FAR].put_item(TableName="items", Item={**KEY, "v": {"S": "again"}})
    assert (await latest(world.db[HOME]))["v"]["S"] == "again"


async def test_a_region_that_restarts_keeps_its_promises(world: StrongWorld) -> None:
    await world.strong("items")
    await world.db[HOME].put_item(TableName="items", Item={**KEY, "v": {"S": "1"}})
    await world.isolate(HOME)
    await world.regions[NEAR].stop()
    world.regions.pop(NEAR)
    world.ports.pop(NEAR)
    await world.start(NEAR)
    await world.isolate(HOME)
    assert (await latest(world.db[NEAR]))["v"]["S"] == "1"
    await world.db[NEAR].put_item(TableName="items", Item={**KEY, "v": {"S": "2"}})
    await world.isolate(NEAR)
    assert (await latest(world.db[HOME]))["v"]["S"] == "2"


async def test_a_witness_serves_nobody_and_counts(world: StrongWorld) -> None:
    await world.strong("items", witness=True)
    table = (await world.db[HOME].describe_table(TableName="items"))["Table"]
    assert table["GlobalTableWitnesses"] == [{"RegionName": FAR, "WitnessStatus": "ACTIVE"}]
    assert [replica["RegionName"] for replica in table["Replicas"]] == [NEAR]
    assert (await refusal(latest(world.db[FAR]))).startswith("ResourceNotFoundException")
    assert (await refusal(world.db[FAR].put_item(TableName="items", Item=KEY))).startswith("ResourceNotFoundException")
    await world.isolate(NEAR)
    await world.db[HOME].put_item(TableName="items", Item={**KEY, "v": {"S": "1"}})
    await world.isolate(HOME)
    assert (await latest(world.db[NEAR]))["v"]["S"] == "1"
    scanned = await world.db[NEAR].scan(TableName="items", ConsistentRead=True)
    assert scanned["Items"][0]["v"]["S"] == "1"


async def test_what_strong_tables_are_refused(world: StrongWorld) -> None:
    await world.strong("items")
    home = world.db[HOME]
    put = {"Put": {"TableName": "items", "Item": KEY}}
    said = await refusal(home.transact_write_items(TransactItems=[put]))
    assert said == (
        "ValidationException: TransactWriteItems is not supported on a table with multi-Region strong consistency"
    )
    said = await refusal(home.transact_get_items(TransactItems=[{"Get": {"TableName": "items", "Key": KEY}}]))
    assert said.startswith("ValidationException: TransactGetItems is not supported")
    ttl = {"Enabled": True, "AttributeName": "ends"}
    said = await refusal(home.update_time_to_live(TableName="items", TimeToLiveSpecification=ttl))
    assert said == "ValidationException: Time to Live is not supported with multi-Region strong consistency"
    assert (await refusal(home.delete_table(TableName="items"))).startswith("ValidationException: Table items cannot")
    more = [{"Create": {"RegionName": OVERSEAS}}]
    said = await refusal(home.update_table(TableName="items", ReplicaUpdates=more))
    assert "no other can be added to table items" in said
    fewer = [{"Delete": {"RegionName": NEAR}}]
    said = await refusal(home.update_table(TableName="items", ReplicaUpdates=fewer))
    assert "all Regions but one must be deleted in the same request" in said
    assert (await refusal(home.put_item(TableName="items", Item={"x": {"S": "1"}}))).startswith("ValidationException")


@pytest.mark.parametrize(
    ("regions", "witness", "text"),
    [
        ((NEAR,), None, "must have exactly three Regions"),
        ((NEAR, FAR), OVERSEAS, "must have exactly three Regions"),
        ((NEAR, OVERSEAS), None, "must be of one Region set"),
        ((NEAR, NEAR), None, "must have exactly three Regions"),
        ((HOME, NEAR), None, "Cannot add, delete, or update the local region"),
    ],
)
async def test_regions_that_cannot_be_together(
    world: StrongWorld, regions: tuple[str, ...], witness: str | None, text: str
) -> None:
    await world.db[HOME].table("items", "pk:S")
    creates = [{"Create": {"RegionName": region}} for region in regions]
    extra = {"GlobalTableWitnessUpdates": [{"Create": {"RegionName": witness}}]} if witness else {}
    asked = world.db[HOME].update_table(
        TableName="items", ReplicaUpdates=creates, MultiRegionConsistency="STRONG", **extra
    )
    said = await refusal(asked)
    assert said.startswith("ValidationException: ")
    assert text in said


async def test_tables_that_cannot_become_strong(world: StrongWorld) -> None:
    home = world.db[HOME]
    creates = [{"Create": {"RegionName": region}} for region in (NEAR, FAR)]

    async def said(name: str) -> str:
        return await refusal(home.update_table(TableName=name, ReplicaUpdates=creates, MultiRegionConsistency="STRONG"))

    await home.table("full", "pk:S")
    await home.put_item(TableName="full", Item=KEY)
    assert "Table must be empty" in await said("full")
    local = [index("by-x", "pk", "x")]
    await home.table("local", "pk:S", "sk:S", others=("x:S",), LocalSecondaryIndexes=local)
    assert "Local secondary indexes are not supported" in await said("local")
    await home.table("eventual", "pk:S")
    await home.update_table(TableName="eventual", ReplicaUpdates=creates[:1])
    await until(lambda: status(home, "eventual"), lambda found: found == "ACTIVE")
    assert "is a global table with EVENTUAL consistency already" in await said("eventual")


async def test_a_name_that_is_taken_elsewhere_undoes_the_creation(world: StrongWorld) -> None:
    await world.db[FAR].table("items", "pk:S")
    await world.db[HOME].table("items", "pk:S")
    creates = [{"Create": {"RegionName": region}} for region in (NEAR, FAR)]
    await world.db[HOME].update_table(TableName="items", ReplicaUpdates=creates, MultiRegionConsistency="STRONG")
    table = await world.db[HOME].settled("items")
    assert {replica["ReplicaStatus"] for replica in table["Replicas"]} == {"CREATION_FAILED"}
    await world.db[HOME].put_item(TableName="items", Item=KEY)
    await until(lambda: status(world.db[NEAR], "items"), lambda found: found is None)


async def test_a_stack_makes_and_removes_a_strong_table(world: StrongWorld) -> None:
    here = world.regions[HOME].here
    properties = {
        "TableName": "items",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "MultiRegionConsistency": "STRONG",
        "Replicas": [{"Region": HOME}, {"Region": FAR}],
        "GlobalTableWitnesses": [{"Region": NEAR}],
    }
    context = Context(stack_name="shop", stack_id="arn:aws:cloudformation:::stack/shop/1", logical_id="A", suffix="B")
    name = await GLOBAL_TABLE.create(here, properties, context)
    table = (await world.db[HOME].describe_table(TableName=name))["Table"]
    assert (table["MultiRegionConsistency"], table["Replicas"][0]["RegionName"]) == ("STRONG", FAR)
    assert table["GlobalTableWitnesses"][0]["RegionName"] == NEAR
    await world.db[HOME].put_item(TableName=name, Item=KEY)
    await GLOBAL_TABLE.delete(here, name, properties, context)
    for region in (HOME, FAR):
        await until(lambda region=region: status(world.db[region], name), lambda found: found is None)  # type: ignore[misc]


async def test_every_region_has_a_stream_of_all_writes(world: StrongWorld) -> None:
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    await world.strong("items", StreamSpecification=stream)
    for number, region in enumerate((HOME, NEAR, FAR)):
        await world.db[region].put_item(TableName="items", Item={**KEY, "v": {"N": str(number)}})
        for reader in (HOME, NEAR, FAR):
            await until(
                lambda reader=reader: latest(world.db[reader], ConsistentRead=False),  # type: ignore[misc]
                lambda item, number=number: item == {**KEY, "v": {"N": str(number)}},  # type: ignore[misc]
            )
    for region in (HOME, NEAR, FAR):
        records = await streamed(world.regions[region])
        images = [record["dynamodb"].get("NewImage", {})["v"]["N"] for record in records]
        assert images == ["0", "1", "2"]
        assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "MODIFY"]


async def streamed(region: Region) -> list[Any]:
    """All records of the table's stream."""
    arn = (await region.ask("dynamodb", "DescribeTable", {"TableName": "items"}))["Table"]["LatestStreamArn"]
    described = await region.ask("dynamodbstreams", "DescribeStream", {"StreamArn": arn})
    found: list[Any] = []
    for shard in described["StreamDescription"]["Shards"]:
        asked = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = (await region.ask("dynamodbstreams", "GetShardIterator", asked))["ShardIterator"]
        answer = await region.ask("dynamodbstreams", "GetRecords", {"ShardIterator": iterator})
        found += plain(answer["Records"])
    return found


async def test_a_region_that_cannot_be_reached_delays_the_creation_and_nothing_else(world: StrongWorld) -> None:
    await world.isolate(FAR)
    await world.db[HOME].table("items", "pk:S")
    creates = [{"Create": {"RegionName": region}} for region in (NEAR, FAR)]
    await world.db[HOME].update_table(TableName="items", ReplicaUpdates=creates, MultiRegionConsistency="STRONG")
    await asyncio.sleep(3 * QUICK.catch_up_every_s)
    assert await status(world.db[HOME], "items") == "UPDATING"
    assert (await refusal(world.db[HOME].put_item(TableName="items", Item=KEY))).startswith("InternalServerError")
    await world.isolate()
    await until(lambda: status(world.db[NEAR], "items"), lambda found: found == "ACTIVE")
    keys = [{"pk": {"S": str(number)}} for number in range(5)]
    await world.isolate(NEAR)
    await asyncio.gather(*(world.db[FAR].put_item(TableName="items", Item=key) for key in keys))
    await world.isolate()
    await until(lambda: world.db[NEAR].scan(TableName="items"), lambda page: page["Count"] == 5)
    await until(lambda: world.db[HOME].scan(TableName="items"), lambda page: page["Count"] == 5)


async def test_deleting_all_regions_but_one_leaves_an_ordinary_table(world: StrongWorld) -> None:
    await world.strong("items")
    await world.db[NEAR].put_item(TableName="items", Item={**KEY, "v": {"S": "1"}})
    deletes = [{"Delete": {"RegionName": region}} for region in (NEAR, FAR)]
    await world.db[HOME].update_table(TableName="items", ReplicaUpdates=deletes)
    table = await world.db[HOME].settled("items")
    assert "Replicas" not in table
    assert await latest(world.db[HOME]) == {**KEY, "v": {"S": "1"}}
    for region in (NEAR, FAR):
        await until(lambda region=region: status(world.db[region], "items"), lambda found: found is None)  # type: ignore[misc]
    await world.db[HOME].put_item(TableName="items", Item=KEY)
    await world.db[HOME].delete_table(TableName="items")


async def lose_disk(world: StrongWorld, name: str, *cut: str) -> None:
    """The region's store is gone, and it starts with an empty one, while those in `cut` are cut off."""
    await world.isolate(*REGIONS)
    world.ports.pop(name)
    region = world.regions.pop(name)
    await region.here.running["dynamodb"].replicator.close()
    await region.stop()
    world.engines[name] = MemoryEngine()
    await world.isolate(*cut)
    await world.start(name)


@pytest.mark.parametrize("witness", [False, True])
async def test_a_region_that_lost_its_disk_is_taken_back_in(world: StrongWorld, witness: bool) -> None:
    await world.strong("items", witness=witness)
    for n in range(30):
        await world.db[HOME].put_item(TableName="items", Item={"pk": {"S": str(n)}, "v": {"S": "before"}})
    await world.isolate(NEAR)
    await world.db[HOME].put_item(TableName="items", Item={**KEY, "v": {"S": "only home and far have it"}})
    await lose_disk(world, FAR)
    if not witness:
        await until(lambda: status(world.db[FAR], "items"), lambda found: found == "ACTIVE")
        assert (await world.db[FAR].scan(TableName="items", ConsistentRead=True))["Count"] == 31

    async def answers() -> bool:
        group = str(world.regions[HOME].store.read(lambda tx: layout.read_table(tx, "items")).table.global_id)  # type: ignore[union-attr]
        return world.regions[FAR].store.read(lambda tx: tx.get((acceptor.GROUPS, group))) is not None

    await until(answers, bool)
    await world.isolate(HOME)  # whoever is left has to be right without it
    assert (await latest(world.db[NEAR]))["v"]["S"] == "only home and far have it"
    await world.db[NEAR].put_item(TableName="items", Item={**KEY, "v": {"S": "again"}})
    await world.isolate()
    assert (await latest(world.db[HOME]))["v"]["S"] == "again"
    assert (await world.db[HOME].scan(TableName="items", ConsistentRead=True))["Count"] == 31


async def test_a_region_that_lost_its_disk_waits_for_both_others(world: StrongWorld) -> None:
    await world.strong("items")
    await world.db[HOME].put_item(TableName="items", Item=KEY)
    await lose_disk(world, FAR, NEAR)
    await until(lambda: status(world.db[FAR], "items"), lambda found: found == "CREATING")
    await asyncio.sleep(0.3)
    assert await status(world.db[FAR], "items") == "CREATING"
    assert (await refusal(world.db[HOME].put_item(TableName="items", Item=KEY))).startswith("InternalServerError")
    await world.isolate()
    await until(lambda: status(world.db[FAR], "items"), lambda found: found == "ACTIVE")


async def test_registers_of_deleted_items_are_forgotten(world: StrongWorld) -> None:
    await world.strong("items")
    for n in range(10):
        await world.db[HOME].put_item(TableName="items", Item={"pk": {"S": str(n)}})
    for n in range(9):
        await world.db[NEAR].delete_item(TableName="items", Key={"pk": {"S": str(n)}})
    group = str(world.regions[HOME].store.read(lambda tx: layout.read_table(tx, "items")).table.global_id)  # type: ignore[union-attr]

    def rows(name: str) -> int:
        return world.regions[name].store.read(lambda tx: sum(1 for _ in tx.prefix((acceptor.ROWS, group))))

    async def deleted_everywhere() -> list[int]:
        return [
            world.regions[name].store.read(lambda tx: sum(1 for _ in tx.prefix((acceptor.DELETED, group))))
            for name in (HOME, NEAR, FAR)
        ]

    await until(deleted_everywhere, lambda found: found == [9, 9, 9])
    registers = world.registers(HOME)
    forgetter = Forgetter(world.regions[HOME].store, World(), registers._ask, registers._groups, 1.0, 0.0)
    await world.isolate(FAR)
    with pytest.raises(TimeoutError):
        await forgetter.tend(group)
    assert [rows(name) for name in (HOME, NEAR, FAR)] == [10, 10, 10]
    await world.isolate()
    await forgetter.tend(group)
    assert [rows(name) for name in (HOME, NEAR, FAR)] == [1, 1, 1]
    for region in (HOME, NEAR, FAR):
        assert await latest(world.db[region], {"pk": {"S": "3"}}) is None
    await world.db[FAR].put_item(TableName="items", Item={"pk": {"S": "3"}, "v": {"S": "anew"}})
    for region in (HOME, NEAR, FAR):
        assert (await latest(world.db[region], {"pk": {"S": "3"}}))["v"]["S"] == "anew"

        async def shown(region: str = region) -> Any:
            return await latest(world.db[region], {"pk": {"S": "3"}}, ConsistentRead=False)

        await until(shown, bool)
    assert (await world.db[NEAR].scan(TableName="items", ConsistentRead=True))["Count"] == 2


async def test_a_group_that_was_dissolved_meanwhile_is_not_joined(world: StrongWorld) -> None:
    await world.strong("items")
    group = str(world.regions[HOME].store.read(lambda tx: layout.read_table(tx, "items")).table.global_id)  # type: ignore[union-attr]
    await lose_disk(world, FAR, NEAR)
    await until(lambda: status(world.db[FAR], "items"), lambda found: found == "CREATING")
    here = world.regions[FAR].here
    payload = {"global_id": group, "members": [HOME, NEAR, FAR]}
    assert await recall._wanted(here, payload)
    await world.isolate()
    deletes = [{"Delete": {"RegionName": region}} for region in (NEAR, FAR)]
    await world.db[HOME].update_table(TableName="items", ReplicaUpdates=deletes)
    for region in (NEAR, FAR):
        await until(lambda region=region: status(world.db[region], "items"), lambda found: found is None)  # type: ignore[misc]
    assert not await recall._wanted(here, payload)


async def test_an_item_tells_the_number_of_its_changes_and_who_made_the_last(world: StrongWorld) -> None:
    world.settle_within(PATIENT, *REGIONS)
    await world.strong("agreed")
    for text in ("first", "second"):
        await world.db[HOME].put_item(TableName="agreed", Item={**KEY, "text": {"S": text}})
    asking = lambda: told(world.regions[HOME], table="agreed", key='{"pk":{"S":"a"}}')  # noqa: E731
    _, page = await until(asking, lambda found: found[1]["items"][0]["version"] == "2")
    (image,) = page["items"]
    assert (page["replication"], image["region"], image["written_ms"]) == ("strong", HOME, None)
    assert image["item"]["text"] == {"S": "second"}
