"""Backups and point in time recovery through boto3, whose timestamps are dates."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support import AGAINST_AWS, ServedRegion

NAME = "panregion-recovered"
WAIT = {"Delay": 10 if AGAINST_AWS else 1, "MaxAttempts": 120}


@pytest.fixture(scope="module")
def db(served: ServedRegion) -> Any:
    db = served.client("dynamodb")
    db.create_table(
        TableName=NAME,
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    db.get_waiter("table_exists").wait(TableName=NAME, WaiterConfig=WAIT)
    yield db
    db.get_waiter("table_exists").wait(TableName=NAME, WaiterConfig=WAIT)
    db.delete_table(TableName=NAME)


@pytest.mark.skipif(AGAINST_AWS, reason="AWS restores no moment of the last five minutes")
def test_a_moment_is_a_date(db: Any) -> None:
    on = {"PointInTimeRecoveryEnabled": True}
    db.update_continuous_backups(TableName=NAME, PointInTimeRecoverySpecification=on)
    described = db.describe_continuous_backups(TableName=NAME)["ContinuousBackupsDescription"]
    recovery = described["PointInTimeRecoveryDescription"]
    assert recovery["EarliestRestorableDateTime"] <= recovery["LatestRestorableDateTime"]
    db.put_item(TableName=NAME, Item={"pk": {"S": "before"}})
    moment = int(time.time()) + 1
    while time.time() < moment + 0.01:
        time.sleep(0.01)
    db.put_item(TableName=NAME, Item={"pk": {"S": "after"}})
    db.restore_table_to_point_in_time(
        SourceTableName=NAME, TargetTableName=NAME + "-then", RestoreDateTime=datetime.fromtimestamp(moment, UTC)
    )
    db.get_waiter("table_exists").wait(TableName=NAME + "-then", WaiterConfig=WAIT)
    assert db.scan(TableName=NAME + "-then")["Items"] == [{"pk": {"S": "before"}}]
    summary = db.describe_table(TableName=NAME + "-then")["Table"]["RestoreSummary"]
    assert summary["RestoreDateTime"] == datetime.fromtimestamp(moment, UTC)
    db.delete_table(TableName=NAME + "-then")
    for refused in (
        {"RestoreDateTime": datetime.now(UTC) - timedelta(days=2)},
        {"RestoreDateTime": datetime(2100, 1, 1, tzinfo=UTC)},
    ):
        with pytest.raises(db.exceptions.InvalidRestoreTimeException):
            db.restore_table_to_point_in_time(SourceTableName=NAME, TargetTableName=NAME + "-never", **refused)


def test_backups_are_found_by_date(db: Any) -> None:
    arn = db.create_backup(TableName=NAME, BackupName="by-date")["BackupDetails"]["BackupArn"]
    for _ in range(300):
        details = db.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]
        if details["BackupStatus"] == "AVAILABLE":
            break
        time.sleep(WAIT["Delay"] / 50)
    created = details["BackupCreationDateTime"]
    day = timedelta(days=1)
    around = db.list_backups(TableName=NAME, TimeRangeLowerBound=created - day, TimeRangeUpperBound=created + day)
    assert [summary["BackupArn"] for summary in around["BackupSummaries"]] == [arn]
    assert db.list_backups(TableName=NAME, TimeRangeUpperBound=created - day)["BackupSummaries"] == []
    db.delete_backup(BackupArn=arn)
    with pytest.raises(db.exceptions.BackupNotFoundException) as refused:
        db.describe_backup(BackupArn=arn)
    assert refused.value.response["Error"]["Message"] == f"Backup not found: {arn}"
