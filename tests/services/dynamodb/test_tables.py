"""Tables: made, described, changed, listed, deleted; tags and limits."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.services.dynamodb import work as tables
from panregion.store import Work
from panregion.world import ManualClock, World
from panregion.world.settings import Time
from tests.services.dynamodb.support import DynamoDb, index, refusal, schema
from tests.support import region_in

INVALID = "ValidationException: One or more parameter values were invalid: "
PK = {"AttributeName": "pk", "AttributeType": "S"}
G = {"AttributeName": "g", "AttributeType": "N"}
BASE: dict[str, Any] = {
    "TableName": "table",
    "AttributeDefinitions": [PK],
    "KeySchema": schema("pk"),
    "BillingMode": "PAY_PER_REQUEST",
}


async def test_a_description_says_what_was_asked_for(db: DynamoDb) -> None:
    made = await db.create_table(
        **{**BASE, "AttributeDefinitions": [PK, G]},
        GlobalSecondaryIndexes=[index("by-g", "g", projection="INCLUDE", include=("a",))],
        Tags=[{"Key": "k", "Value": "v"}],
    )
    assert made["TableDescription"]["TableStatus"] == "CREATING"
    assert made["TableDescription"]["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    await db.settled("table")
    table = (await db.describe_table(TableName="table"))["Table"]
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/table"
    assert table["TableArn"] == arn
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["GlobalSecondaryIndexes"][0] == {
        "IndexName": "by-g",
        "KeySchema": schema("g"),
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]},
        "IndexStatus": "ACTIVE",
        "ProvisionedThroughput": {
            "NumberOfDecreasesToday": 0,
            "ReadCapacityUnits": 0,
            "WriteCapacityUnits": 0,
        },
        "WarmThroughput": {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"},
        "IndexSizeBytes": 0,
        "ItemCount": 0,
        "IndexArn": arn + "/index/by-g",
    }
    assert (await db.list_tags_of_resource(ResourceArn=arn))["Tags"] == [{"Key": "k", "Value": "v"}]
    await db.tag_resource(ResourceArn=arn, Tags=[{"Key": "l", "Value": "w"}])
    await db.untag_resource(ResourceArn=arn, TagKeys=["k"])
    assert (await db.list_tags_of_resource(ResourceArn=arn))["Tags"] == [{"Key": "l", "Value": "w"}]


async def test_a_small_table_is_counted(db: DynamoDb) -> None:
    await db.table("table", "pk:S")
    await db.put_item(TableName="table", Item={"pk": {"S": "abc"}})
    table = (await db.describe_table(TableName="table"))["Table"]
    assert (table["ItemCount"], table["TableSizeBytes"]) == (1, 5)


async def test_a_deleted_table_is_gone_with_its_items(db: DynamoDb) -> None:
    await db.table("table", "pk:S")
    await db.put_item(TableName="table", Item={"pk": {"S": "a"}})
    gone = await db.delete_table(TableName="table")
    assert gone["TableDescription"]["TableStatus"] == "DELETING"
    for _ in range(200):
        if not (await db.list_tables())["TableNames"]:
            break
        await db.region.here.world.clock.sleep(0.01)
    said = "ResourceNotFoundException: Requested resource not found: Table: table not found"
    assert await refusal(db.describe_table(TableName="table")) == said
    await db.table("table", "pk:S")
    assert (await db.scan(TableName="table"))["Count"] == 0


async def test_names_are_listed_in_pages(db: DynamoDb) -> None:
    for name in ("bbb", "aaa", "ccc"):
        await db.table(name, "pk:S")
    first = await db.list_tables(Limit=2)
    assert first == {"TableNames": ["aaa", "bbb"], "LastEvaluatedTableName": "bbb"}
    assert await db.list_tables(ExclusiveStartTableName="bbb") == {"TableNames": ["ccc"]}


async def test_an_index_is_added_to_a_live_table_and_removed(db: DynamoDb) -> None:
    await db.table("table", "pk:S")
    for number in range(5):
        item = {"pk": {"S": str(number)}} | ({"g": {"N": "1"}} if number % 2 else {"g": {"S": "no number"}})
        await db.put_item(TableName="table", Item=item)
    update = {"Create": index("by-g", "g")}
    await db.update_table(TableName="table", AttributeDefinitions=[PK, G], GlobalSecondaryIndexUpdates=[update])
    await db.settled("table")
    assert (await db.scan(TableName="table", IndexName="by-g"))["Count"] == 2
    await db.update_table(TableName="table", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-g"}}])
    await db.settled("table")
    table = (await db.describe_table(TableName="table"))["Table"]
    assert table["AttributeDefinitions"] == [PK]


async def test_throughput_and_protection(db: DynamoDb) -> None:
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    await db.table("table", "pk:S", BillingMode="PROVISIONED", ProvisionedThroughput=units)
    same = db.update_table(TableName="table", ProvisionedThroughput=units)
    assert (await refusal(same)).startswith(
        "ValidationException: The provisioned throughput for the table will not change."
    )
    more = {"ReadCapacityUnits": 9, "WriteCapacityUnits": 5}
    await db.update_table(TableName="table", ProvisionedThroughput=more, DeletionProtectionEnabled=True)
    table = await db.settled("table")
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 9
    assert "LastIncreaseDateTime" in table["ProvisionedThroughput"]
    said = await refusal(db.delete_table(TableName="table"))
    assert said.startswith("ValidationException: Resource cannot be deleted as it is currently protected")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"TableName": "ab"},
            "ValidationException: 1 validation error detected: Value 'ab' at 'tableName' failed to satisfy "
            "constraint: Member must have length greater than or equal to 3",
        ),
        (
            {"BillingMode": "PROVISIONED"},
            INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        ),
        (
            {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
            INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
            "when BillingMode is PAY_PER_REQUEST",
        ),
        (
            {"KeySchema": schema("x")},
            INVALID + "Some index key attributes are not defined in AttributeDefinitions. "
            "Keys: [x], AttributeDefinitions: [pk]",
        ),
        (
            {"AttributeDefinitions": [PK, G]},
            INVALID + "Number of attributes in KeySchema does not exactly match number of attributes "
            "defined in AttributeDefinitions",
        ),
        (
            {"AttributeDefinitions": [PK, G], "KeySchema": schema("pk", "pk")},
            "ValidationException: Both the Hash Key and the Range Key element in the KeySchema have the same name",
        ),
        (
            {"KeySchema": [{"AttributeName": "pk", "KeyType": "RANGE"}]},
            "ValidationException: Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ),
        (
            {"LocalSecondaryIndexes": [index("by-pk", "pk")]},
            INVALID + "Table KeySchema does not have a range key, which is required "
            "when specifying a LocalSecondaryIndex",
        ),
        ({"GlobalSecondaryIndexes": []}, INVALID + "List of GlobalSecondaryIndexes is empty"),
        (
            {"GlobalSecondaryIndexes": [index("twice", "pk"), index("twice", "pk")]},
            INVALID + "Duplicate index name: twice",
        ),
    ],
)
async def test_refused_definitions(db: DynamoDb, changes: dict[str, Any], expected: str) -> None:
    assert await refusal(db.create_table(**{**BASE, **changes})) == expected


async def test_states_stand_in_the_way(tmp_path: Path) -> None:
    region = region_in(tmp_path)  # not started: a table stays CREATING
    db = DynamoDb(region)
    await db.create_table(**BASE)
    assert await refusal(db.create_table(**BASE)) == "ResourceInUseException: Table already exists: table"
    said = "ResourceNotFoundException: Requested resource not found"
    assert await refusal(db.put_item(TableName="table", Item={"pk": {"S": "a"}})) == said
    busy = "ResourceInUseException: Attempt to change a resource which is still in use: Table is being created: table"
    assert await refusal(db.delete_table(TableName="table")) == busy
    await region.stop()


async def test_how_long_states_last_is_the_world_files(tmp_path: Path) -> None:
    time = Time(table_transition_s=1, table_creating_s=5, table_deleting_s=0.5, index_transition_s=60)
    clock = ManualClock(1_700_000_000.0)
    region = region_in(tmp_path, time=time, world=World(clock=clock))
    db = DynamoDb(region)

    def due() -> list[tuple[str, float]]:
        works = region.store.read(lambda tx: [msgspec.json.decode(w, type=Work) for w in tx.values(("work",))])
        return [(work.kind, work.due - clock.now()) for work in works]

    table = (await db.create_table(**BASE))["TableDescription"]
    assert due() == [("dynamodb.activate", 5)]
    named = {"name": "table", "id": table["TableId"]}
    await clock.advance(5)
    await tables.activate(region.here, named)
    update = {"Create": index("by-g", "g")}
    await db.update_table(TableName="table", AttributeDefinitions=[PK, G], GlobalSecondaryIndexUpdates=[update])
    assert due()[1:] == [("dynamodb.activate", 1), ("dynamodb.backfill", 60)]
    await tables.activate(region.here, named)
    await tables.backfill(region.here, {**named, "index": 1})
    await db.delete_table(TableName="table")
    assert ("dynamodb.delete", 0.5) in due()
    await region.stop()


async def test_what_the_account_may_have(db: DynamoDb) -> None:
    assert (await db.describe_limits())["TableMaxReadCapacityUnits"] == 40_000
    endpoint = (await db.describe_endpoints())["Endpoints"][0]
    assert endpoint == {"Address": "127.0.1.1:4566", "CachePeriodInMinutes": 1440}
