"""Backups, point in time recovery, restored tables: exact copies of a moment, while writes go on."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.services.dynamodb import backups, work
from panregion.store import MemoryEngine, Work
from panregion.world import ManualClock, World
from tests.services.dynamodb.support import DynamoDb, index, refusal
from tests.support import region_in

Item = dict[str, dict[str, Any]]
INVALID = "ValidationException: One or more parameter values were invalid: "
DEFINITION: dict[str, Any] = {
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
async def table(db: DynamoDb) -> str:
    return await db.table(
        "orders", "pk:S", others=("g:S",), GlobalSecondaryIndexes=[index("by-g", "g", "pk", projection="KEYS_ONLY")]
    )


async def put(db: DynamoDb, table: str, pk: int, value: str) -> None:
    await db.put_item(TableName=table, Item={"pk": {"S": f"{pk:04d}"}, "g": {"S": "x"}, "v": {"S": value}})


async def contents(db: DynamoDb, table: str, **options: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    page: dict[str, Any] = {}
    while True:
        page = await db.scan(TableName=table, **options, **page)
        found |= {item["pk"]["S"]: item.get("v", {"S": ""})["S"] for item in page["Items"]}
        if "LastEvaluatedKey" not in page:
            return found
        page = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


async def available(db: DynamoDb, arn: str) -> dict[str, Any]:
    for _ in range(500):
        described: dict[str, Any] = (await db.describe_backup(BackupArn=arn))["BackupDescription"]
        if described["BackupDetails"]["BackupStatus"] == "AVAILABLE":
            return described
        await db.region.here.world.clock.sleep(0.01)
    raise AssertionError("the backup does not become available")


async def restored(db: DynamoDb, arn: str, name: str, **options: Any) -> dict[str, str]:
    await db.restore_table_from_backup(TargetTableName=name, BackupArn=arn, **options)
    await db.settled(name)
    return await contents(db, name)


async def test_a_backup_is_the_table_of_one_moment(db: DynamoDb, table: str) -> None:
    for pk in range(350):
        await put(db, table, pk, "before")
    expected = await contents(db, table)
    details = (await db.create_backup(TableName=table, BackupName="daily"))["BackupDetails"]
    assert details["BackupStatus"] == "CREATING"
    writes = [put(db, table, pk, "after") for pk in range(0, 700, 3)]
    deletes = [db.delete_item(TableName=table, Key={"pk": {"S": f"{pk:04d}"}}) for pk in range(1, 350, 3)]
    await asyncio.gather(*writes, *deletes)
    described = await available(db, details["BackupArn"])
    assert described["SourceTableDetails"]["ItemCount"] == 350
    assert await restored(db, details["BackupArn"], "copy") == expected
    assert (await contents(db, "copy", IndexName="by-g")).keys() == expected.keys()
    summary = (await db.describe_table(TableName="copy"))["Table"]["RestoreSummary"]
    assert summary["SourceBackupArn"] == details["BackupArn"]
    assert summary["RestoreInProgress"] is False
    assert await contents(db, table) != expected


async def test_the_journal_ends_with_the_backup(db: DynamoDb, table: str) -> None:
    arn = (await db.create_backup(TableName=table, BackupName="one"))["BackupDetails"]["BackupArn"]
    await available(db, arn)
    await put(db, table, 1, "x")
    store = db.region.here.store
    feeds = store.read(lambda tx: [key for key, _ in tx.prefix(("feeds",)) if "journal" in str(key[1])])
    assert len(feeds) <= 1


async def test_backups_are_listed_and_deleted(db: DynamoDb, table: str) -> None:
    arns = [
        (await db.create_backup(TableName=table, BackupName=f"num{n}"))["BackupDetails"]["BackupArn"] for n in (1, 2)
    ]
    for arn in arns:
        await available(db, arn)
    page = await db.list_backups(Limit=1)
    assert [summary["BackupName"] for summary in page["BackupSummaries"]] == ["num1"]
    rest = await db.list_backups(ExclusiveStartBackupArn=page["LastEvaluatedBackupArn"], TableName=table)
    assert [summary["BackupArn"] for summary in rest["BackupSummaries"]] == [arns[1]]
    gone = await db.delete_backup(BackupArn=arns[0])
    assert gone["BackupDescription"]["BackupDetails"]["BackupStatus"] == "DELETED"
    missing = f"BackupNotFoundException: Backup not found: {arns[0]}"
    assert await refusal(db.describe_backup(BackupArn=arns[0])) == missing
    assert await refusal(db.delete_backup(BackupArn=arns[0])) == missing
    target = {"TargetTableName": "copy", "BackupArn": arns[0]}
    assert await refusal(db.restore_table_from_backup(**target)) == missing


async def test_refusals(db: DynamoDb, table: str) -> None:
    none = "TableNotFoundException: Table not found: none"
    assert await refusal(db.create_backup(TableName="none", BackupName="one")) == none
    arn = (await db.create_backup(TableName=table, BackupName="one"))["BackupDetails"]["BackupArn"]
    assert (await refusal(db.delete_table(TableName=table))).startswith("ResourceInUseException")
    await available(db, arn)
    exists = "TableAlreadyExistsException: Table already exists: orders"
    assert await refusal(db.restore_table_from_backup(TargetTableName=table, BackupArn=arn)) == exists
    point = {"SourceTableName": table, "TargetTableName": "copy", "UseLatestRestorableTime": True}
    unavailable = "PointInTimeRecoveryUnavailableException: Point in time recovery is not enabled for table 'orders'"
    assert await refusal(db.restore_table_to_point_in_time(**point)) == unavailable


async def test_indexes_and_billing_can_be_left_out_or_changed(db: DynamoDb, table: str) -> None:
    await put(db, table, 1, "x")
    arn = (await db.create_backup(TableName=table, BackupName="one"))["BackupDetails"]["BackupArn"]
    await available(db, arn)
    await restored(
        db,
        arn,
        "copy",
        GlobalSecondaryIndexOverride=[],
        BillingModeOverride="PROVISIONED",
        ProvisionedThroughputOverride={"ReadCapacityUnits": 1, "WriteCapacityUnits": 2},
    )
    copy = (await db.describe_table(TableName="copy"))["Table"]
    assert "GlobalSecondaryIndexes" not in copy
    assert copy["AttributeDefinitions"] == [{"AttributeName": "pk", "AttributeType": "S"}]
    assert copy["ProvisionedThroughput"]["WriteCapacityUnits"] == 2


async def recovering(db: DynamoDb, table: str) -> dict[str, Any]:
    specification = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}
    output = await db.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=specification)
    described: dict[str, Any] = output["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return described


async def test_every_moment_can_be_restored(db: DynamoDb, table: str) -> None:
    await put(db, table, 0, "old")
    described = await recovering(db, table)
    assert described["PointInTimeRecoveryStatus"] == "ENABLED"
    assert described["RecoveryPeriodInDays"] == 7
    clock = db.region.here.world.clock
    moments: list[tuple[float, dict[str, str]]] = []
    for step in range(4):
        await put(db, table, 0, f"v{step}")
        await put(db, table, step, f"v{step}")
        if step == 2:
            await db.delete_item(TableName=table, Key={"pk": {"S": "0000"}})
        moments.append((clock.now(), await contents(db, table)))
        await clock.sleep(0.01)
    for number, (moment, expected) in enumerate(moments):
        target = {"SourceTableName": table, "TargetTableName": f"copy{number}", "RestoreDateTime": moment}
        await db.restore_table_to_point_in_time(**target)
        await put(db, table, number, "meanwhile")
        await db.settled(f"copy{number}")
        assert await contents(db, f"copy{number}") == expected
    latest = {"SourceTableName": table, "TargetTableName": "latest", "UseLatestRestorableTime": True}
    await db.restore_table_to_point_in_time(**latest)
    await db.settled("latest")
    assert await contents(db, "latest") == await contents(db, table)


async def test_moments_outside_the_window_are_refused(db: DynamoDb, table: str) -> None:
    described = await recovering(db, table)
    early = described["EarliestRestorableDateTime"] - 60
    target = {"SourceTableName": table, "TargetTableName": "copy"}
    asked = db.restore_table_to_point_in_time(**target, RestoreDateTime=early)
    assert (await refusal(asked)).startswith("InvalidRestoreTimeException")
    asked = db.restore_table_to_point_in_time(**target, RestoreDateTime=early, UseLatestRestorableTime=True)
    assert (await refusal(asked)).startswith("ValidationException")
    off = {"PointInTimeRecoveryEnabled": False}
    await db.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=off)
    asked = db.restore_table_to_point_in_time(**target, UseLatestRestorableTime=True)
    assert (await refusal(asked)).startswith("PointInTimeRecoveryUnavailableException")


async def test_a_region_that_stops_meanwhile_goes_on_with_the_copy(tmp_path: Path) -> None:
    engine = MemoryEngine()
    region = region_in(tmp_path, engine=engine)
    await region.start()
    db = DynamoDb(region)
    await db.table("orders", "pk:S")
    for pk in range(300):
        await put(db, "orders", pk, "before")
    arn = (await db.create_backup(TableName="orders", BackupName="daily"))["BackupDetails"]["BackupArn"]
    for pk in range(0, 600, 2):
        await put(db, "orders", pk, "after")
    await region.stop()
    again = region_in(tmp_path, engine=engine)
    await again.start()
    db = DynamoDb(again)
    await put(db, "orders", 1, "later")
    await available(db, arn)
    assert await restored(db, arn, "copy") == {f"{pk:04d}": "before" for pk in range(300)}
    await again.stop()


async def test_a_deleted_table_that_could_be_recovered_leaves_a_backup(tmp_path: Path) -> None:
    clock = ManualClock(1_700_000_000.0)
    region = region_in(tmp_path, world=World(clock=clock))
    db = DynamoDb(region)
    table = (await db.create_table(TableName="orders", **DEFINITION))["TableDescription"]
    named = {"name": "orders", "id": table["TableId"]}
    await work.activate(region.here, named)
    recovery = {"PointInTimeRecoveryEnabled": True}
    await db.update_continuous_backups(TableName="orders", PointInTimeRecoverySpecification=recovery)
    for pk in range(60):
        await put(db, "orders", pk, "kept")
    await db.delete_table(TableName="orders")
    await region.here.transact(lambda here: work._delete_definition(here, named))
    (told,) = (await db.list_backups(BackupType="SYSTEM"))["BackupSummaries"]
    assert (told["BackupName"], told["BackupStatus"]) == ("orders$DeletedTableBackup", "CREATING")
    assert told["BackupExpiryDateTime"] == clock.now() + 35 * 86_400
    assert (await db.list_backups())["BackupSummaries"] == []
    done = region.store.read(lambda tx: [msgspec.json.decode(data, type=Work) for data in tx.values(("work",))])
    (made,) = (one for one in done if one.kind == "dynamodb.backup")
    await backups.backup_work(region.here, msgspec.json.decode(made.payload))
    described = (await db.describe_backup(BackupArn=told["BackupArn"]))["BackupDescription"]
    assert described["BackupDetails"]["BackupStatus"] == "AVAILABLE"
    assert described["SourceTableDetails"]["ItemCount"] == 60
    assert not region.here.read(backups.expired)
    await clock.advance(36 * 86_400)
    await region.here.transact(backups.drop_expired)
    assert (await db.list_backups(BackupType="ALL"))["BackupSummaries"] == []
    await region.stop()


async def test_a_restored_table_has_another_billing_mode(db: DynamoDb, table: str) -> None:
    arn = (await db.create_backup(TableName=table, BackupName="daily"))["BackupDetails"]["BackupArn"]
    await available(db, arn)
    units = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
    flip = {"BillingModeOverride": "PROVISIONED", "ProvisionedThroughputOverride": units}
    asked = db.restore_table_from_backup(TargetTableName="flipped", BackupArn=arn, **flip)
    assert await refusal(asked) == f"{INVALID}ProvisionedThroughput is not specified for index: by-g"
    given = [{**index("by-g", "g", "pk", projection="KEYS_ONLY"), "ProvisionedThroughput": units}]
    await restored(db, arn, "flipped", **flip, GlobalSecondaryIndexOverride=given)
    made = (await db.describe_table(TableName="flipped"))["Table"]
    for part in (made, made["GlobalSecondaryIndexes"][0]):
        assert part["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    asked = db.restore_table_from_backup(TargetTableName="other", BackupArn=arn, ProvisionedThroughputOverride=units)
    assert (await refusal(asked)).startswith(f"{INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits")
