"""Global tables of the first version: tables that exist become one."""

from typing import Any

import pytest

from tests.services.dynamodb.support import DynamoDb, index, refusal
from tests.services.dynamodb.test_global_tables import AWAY, HOME, KEY, REGIONS, THIRD, TestWorld, until, world

__all__ = ["world"]

STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


async def tables(world: TestWorld, name: str, *regions: str, **options: Any) -> None:
    for region in regions:
        await world.db[region].table(name, "pk:S", **{"StreamSpecification": STREAM, **options})


async def create(world: TestWorld, *regions: str, name: str = "orders") -> dict[str, Any]:
    group = [{"RegionName": region} for region in regions]
    output = await world.db[HOME].create_global_table(GlobalTableName=name, ReplicationGroup=group)
    described: dict[str, Any] = output["GlobalTableDescription"]
    return described


async def value(db: DynamoDb) -> str | None:
    item = (await db.get_item(TableName="orders", Key=KEY)).get("Item")
    return None if item is None else str(item["v"]["S"])


async def test_tables_become_one_and_items_go_both_ways(world: TestWorld) -> None:
    await tables(world, "orders", *REGIONS)
    described = await create(world, HOME, AWAY)
    assert described["GlobalTableStatus"] == "ACTIVE"
    assert [replica["RegionName"] for replica in described["ReplicationGroup"]] == [HOME, AWAY]
    await world.db[AWAY].put_item(TableName="orders", Item={**KEY, "v": {"S": "away"}})
    await until(lambda: value(world.db[HOME]), lambda found: found == "away")
    await world.db[HOME].put_item(TableName="orders", Item={**KEY, "v": {"S": "home"}})
    await until(lambda: value(world.db[AWAY]), lambda found: found == "home")
    table = (await world.db[AWAY].describe_table(TableName="orders"))["Table"]
    assert table["GlobalTableVersion"] == "2017.11.29"
    listed = await world.db[AWAY].list_global_tables()
    assert [found["GlobalTableName"] for found in listed["GlobalTables"]] == ["orders"]
    assert (await world.db[THIRD].list_global_tables())["GlobalTables"] == []


async def test_regions_join_with_a_copy_and_leave_with_theirs(world: TestWorld) -> None:
    await tables(world, "orders", *REGIONS)
    await create(world, HOME, AWAY)
    await world.db[HOME].put_item(TableName="orders", Item={**KEY, "v": {"S": "before"}})
    joining = [{"Create": {"RegionName": THIRD}}]
    await world.db[HOME].update_global_table(GlobalTableName="orders", ReplicaUpdates=joining)
    await until(lambda: value(world.db[THIRD]), lambda found: found == "before")
    await world.db[THIRD].put_item(TableName="orders", Item={**KEY, "v": {"S": "third"}})
    for region in (HOME, AWAY):
        await until(lambda region=region: value(world.db[region]), lambda found: found == "third")  # type: ignore[misc]
    leaving = [{"Delete": {"RegionName": THIRD}}]
    output = await world.db[HOME].update_global_table(GlobalTableName="orders", ReplicaUpdates=leaving)
    assert len(output["GlobalTableDescription"]["ReplicationGroup"]) == 2
    await world.db[HOME].put_item(TableName="orders", Item={**KEY, "v": {"S": "after"}})
    await until(lambda: value(world.db[AWAY]), lambda found: found == "after")
    assert await value(world.db[THIRD]) == "third"
    gone = world.db[HOME].update_global_table(GlobalTableName="orders", ReplicaUpdates=leaving)
    assert (await refusal(gone)).startswith("ReplicaNotFoundException")
    again = world.db[HOME].update_global_table(
        GlobalTableName="orders", ReplicaUpdates=[{"Create": {"RegionName": AWAY}}]
    )
    assert (await refusal(again)).startswith("ReplicaAlreadyExistsException")


@pytest.mark.parametrize(
    ("options", "code"),
    [({}, "TableNotFoundException"), ({"StreamSpecification": None}, "ValidationException")],
)
async def test_only_tables_that_fit(world: TestWorld, options: dict[str, Any], code: str) -> None:
    await tables(world, "orders", HOME)
    if options:
        await world.db[AWAY].table("orders", "pk:S")
    assert (await refusal(create(world, HOME, AWAY))).startswith(code)


async def test_tables_must_be_empty_and_alike(world: TestWorld) -> None:
    await tables(world, "orders", HOME)
    await world.db[AWAY].table("orders", "other:S", StreamSpecification=STREAM)
    assert "same KeySchema" in await refusal(create(world, HOME, AWAY))
    await tables(world, "orders", THIRD)
    await world.db[THIRD].put_item(TableName="orders", Item=KEY)
    assert "must be empty" in await refusal(create(world, HOME, THIRD))


async def test_settings_of_all_regions(world: TestWorld) -> None:
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    await tables(world, "orders", HOME, AWAY, BillingMode="PROVISIONED", ProvisionedThroughput=units)
    await create(world, HOME, AWAY)
    assert (await refusal(create(world, HOME, AWAY))).startswith("GlobalTableAlreadyExistsException")
    output = await world.db[HOME].update_global_table_settings(
        GlobalTableName="orders",
        GlobalTableProvisionedWriteCapacityUnits=7,
        ReplicaSettingsUpdate=[{"RegionName": AWAY, "ReplicaProvisionedReadCapacityUnits": 9}],
    )
    found = {
        replica["RegionName"]: (
            replica["ReplicaProvisionedReadCapacityUnits"],
            replica["ReplicaProvisionedWriteCapacityUnits"],
        )
        for replica in output["ReplicaSettings"]
    }
    assert found == {HOME: (1, 7), AWAY: (9, 7)}
    none = world.db[HOME].describe_global_table_settings(GlobalTableName="none")
    assert await refusal(none) == "GlobalTableNotFoundException: Global table with name: 'none' does not exist."


async def test_settings_of_indexes_and_of_another_billing_mode(world: TestWorld) -> None:
    await tables(world, "orders", HOME, AWAY, others=["g:S"], GlobalSecondaryIndexes=[index("by-g", "g")])
    await create(world, HOME, AWAY)

    async def change(**params: Any) -> dict[str, list[int]]:
        output = await world.db[HOME].update_global_table_settings(GlobalTableName="orders", **params)
        for region in (HOME, AWAY):
            await world.db[region].settled("orders")
        return {
            replica["RegionName"]: [
                part[f"{prefix}Provisioned{kind}CapacityUnits"]
                for part, prefix in (
                    (replica, "Replica"),
                    (replica["ReplicaGlobalSecondaryIndexSettings"][0], ""),
                )
                for kind in ("Read", "Write")
            ]
            for replica in output["ReplicaSettings"]
        }

    writes = [{"IndexName": "by-g", "ProvisionedWriteCapacityUnits": 5}]
    found = await change(
        GlobalTableBillingMode="PROVISIONED",
        GlobalTableProvisionedWriteCapacityUnits=4,
        GlobalTableGlobalSecondaryIndexSettingsUpdate=writes,
    )
    assert found == {HOME: [1, 4, 1, 5], AWAY: [1, 4, 1, 5]}
    reads = [{"IndexName": "by-g", "ProvisionedReadCapacityUnits": 8}]
    own = {"RegionName": AWAY, "ReplicaGlobalSecondaryIndexSettingsUpdate": reads}
    assert await change(ReplicaSettingsUpdate=[own]) == {HOME: [1, 4, 1, 5], AWAY: [1, 4, 8, 5]}
    unknown = [{"IndexName": "none", "ProvisionedWriteCapacityUnits": 5}]
    asked = world.db[HOME].update_global_table_settings(
        GlobalTableName="orders", GlobalTableGlobalSecondaryIndexSettingsUpdate=unknown
    )
    assert (await refusal(asked)).startswith("IndexNotFoundException")
