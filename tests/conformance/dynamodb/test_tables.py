"""What tables are made of, told and refused, through boto3: written from AWS's documentation."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import ServedRegion

INVALID = "One or more parameter values were invalid: "
PK = {"AttributeName": "pk", "AttributeType": "S"}
SK = {"AttributeName": "sk", "AttributeType": "N"}
G = {"AttributeName": "g", "AttributeType": "S"}
KEY = [{"AttributeName": "pk", "KeyType": "HASH"}]
UNITS = {"ReadCapacityUnits": 2, "WriteCapacityUnits": 2}
DAY_S = 86_400

Make = Callable[..., dict[str, Any]]


def index(name: str, *names: str, projection: str = "ALL", **more: Any) -> dict[str, Any]:
    kinds = ("HASH", "RANGE")
    shape: dict[str, Any] = {"ProjectionType": projection}
    if "include" in more:
        shape["NonKeyAttributes"] = more.pop("include")
    keys = [{"AttributeName": n, "KeyType": kind} for n, kind in zip(names, kinds, strict=False)]
    return {"IndexName": name, "KeySchema": keys, "Projection": shape, **more}


@pytest.fixture(scope="module")
def db(served: ServedRegion) -> Any:
    return served.client("dynamodb", parameter_validation=False)


@pytest.fixture
def make(db: Any) -> Iterator[Make]:
    """Makes a table, ready; it goes with the test."""
    made: list[str] = []

    def make(**options: Any) -> dict[str, Any]:
        name = f"panregion-made-{len(made)}"
        given = {"AttributeDefinitions": [PK], "KeySchema": KEY, "BillingMode": "PAY_PER_REQUEST"}
        given |= options
        db.create_table(TableName=name, **{key: value for key, value in given.items() if value is not None})
        made.append(name)
        return settled(db, name)

    yield make
    for name in made:
        settled(db, name)
        db.delete_table(TableName=name)
        db.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def settled(db: Any, name: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        table: dict[str, Any] = db.describe_table(TableName=name)["Table"]
        states = {table["TableStatus"], *(i["IndexStatus"] for i in table.get("GlobalSecondaryIndexes", []))}
        if states == {"ACTIVE"}:
            return table
    raise AssertionError(f"{name} does not settle")


def refused(operation: Callable[..., Any], **params: Any) -> str:
    """What an operation is refused with: the error's code and message."""
    with pytest.raises(ClientError) as error:
        operation(**params)
    told = error.value.response["Error"]
    return f"{told['Code']}: {told['Message']}"


# What is told


def test_an_on_demand_table_is_described_whole(db: Any, make: Make) -> None:
    table = make()
    arn = table["TableArn"]
    assert set(table) == {
        *("AttributeDefinitions", "TableName", "KeySchema", "TableStatus", "CreationDateTime"),
        *("ProvisionedThroughput", "TableSizeBytes", "ItemCount", "TableArn", "TableId", "BillingModeSummary"),
        *("DeletionProtectionEnabled", "WarmThroughput"),
    }
    assert table["ProvisionedThroughput"] == {
        "NumberOfDecreasesToday": 0,
        "ReadCapacityUnits": 0,
        "WriteCapacityUnits": 0,
    }
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"] == table["CreationDateTime"]
    assert table["WarmThroughput"] == {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}
    assert table["DeletionProtectionEnabled"] is False
    assert db.describe_table(TableName=arn)["Table"]["TableId"] == table["TableId"]


def test_a_provisioned_table_has_no_summary_of_its_billing(make: Make) -> None:
    table = make(BillingMode=None, ProvisionedThroughput=UNITS)
    assert "BillingModeSummary" not in table
    assert table["WarmThroughput"]["WriteUnitsPerSecond"] == 2


def test_class_ceilings_and_warmth_are_told(db: Any, make: Make) -> None:
    table = make(
        AttributeDefinitions=[PK, G],
        TableClass="STANDARD_INFREQUENT_ACCESS",
        OnDemandThroughput={"MaxReadRequestUnits": 10},
        WarmThroughput={"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 5000},
        GlobalSecondaryIndexes=[index("by-g", "g", OnDemandThroughput={"MaxWriteRequestUnits": 5})],
    )
    name = table["TableName"]
    assert table["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 10}
    assert table["WarmThroughput"]["ReadUnitsPerSecond"] == 13_000
    assert table["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == {"MaxWriteRequestUnits": 5}
    assert table["GlobalSecondaryIndexes"][0]["WarmThroughput"]["Status"] == "ACTIVE"
    db.update_table(TableName=name, OnDemandThroughput={"MaxReadRequestUnits": -1}, TableClass="STANDARD")
    table = settled(db, name)
    assert "OnDemandThroughput" not in table
    assert table["TableClassSummary"]["TableClass"] == "STANDARD"
    assert "LastUpdateDateTime" in table["TableClassSummary"]
    assert refused(db.update_table, TableName=name, WarmThroughput={"ReadUnitsPerSecond": 12_500}) == (
        f"ValidationException: {INVALID}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than "
        "current WarmThroughput, decreasing WarmThroughput is not supported"
    )


def test_a_deleted_table_is_told_in_short(db: Any) -> None:
    name = "panregion-deleted"
    db.create_table(TableName=name, AttributeDefinitions=[PK], KeySchema=KEY, BillingMode="PAY_PER_REQUEST")
    table = settled(db, name)
    gone = db.delete_table(TableName=name)["TableDescription"]
    assert (gone["TableStatus"], gone["TableName"], gone["TableId"]) == ("DELETING", name, table["TableId"])
    assert (gone["ItemCount"], gone["TableSizeBytes"]) == (0, 0)
    assert not {"AttributeDefinitions", "KeySchema", "CreationDateTime"} & set(gone)
    assert refused(db.delete_table, TableName=name).startswith(("ResourceInUse", "ResourceNotFound"))


# Billing and capacity


def test_a_table_goes_from_one_billing_mode_to_the_other(db: Any, make: Make) -> None:
    table = make(
        AttributeDefinitions=[PK, G],
        GlobalSecondaryIndexes=[index("by-g", "g", OnDemandThroughput={"MaxReadRequestUnits": 9})],
        OnDemandThroughput={"MaxReadRequestUnits": 10},
    )
    name = table["TableName"]
    flip = {"TableName": name, "BillingMode": "PROVISIONED"}
    assert refused(db.update_table, **flip) == (
        f"ValidationException: {INVALID}ProvisionedThroughput must be specified when BillingMode is PROVISIONED"
    )
    flip["ProvisionedThroughput"] = UNITS
    assert refused(db.update_table, **flip) == (
        f"ValidationException: {INVALID}ProvisionedThroughput must be specified for index: by-g"
    )
    update = {"Update": {"IndexName": "by-g", "ProvisionedThroughput": UNITS}}
    db.update_table(**flip, GlobalSecondaryIndexUpdates=[update])
    table = settled(db, name)
    assert table["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 2
    assert "OnDemandThroughput" not in table
    assert "OnDemandThroughput" not in table["GlobalSecondaryIndexes"][0]
    assert refused(db.update_table, TableName=name, GlobalSecondaryIndexUpdates=[update]).startswith(
        "ValidationException: The provisioned throughput for the index by-g will not change. The requested value "
        "equals the current value. Current ReadCapacityUnits provisioned for index by-g: 2. Requested "
        "ReadCapacityUnits: 2."
    )
    assert refused(db.update_table, TableName=name, OnDemandThroughput={"MaxReadRequestUnits": 1}).startswith(
        f"ValidationException: {INVALID}MaxReadRequestUnits"
    )
    db.update_table(TableName=name, BillingMode="PAY_PER_REQUEST")
    table = settled(db, name)
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert refused(db.update_table, TableName=name, GlobalSecondaryIndexUpdates=[update]) == (
        f"ValidationException: {INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: "
        "by-g when BillingMode is PAY_PER_REQUEST"
    )


def test_four_decreases_a_day_are_free(db: Any, make: Make) -> None:
    if time.time() % DAY_S > DAY_S - 120:
        pytest.skip("midnight, UTC, would come between")
    name = make(BillingMode=None, ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 9})["TableName"]
    for units in (8, 7, 6, 5):
        db.update_table(TableName=name, ProvisionedThroughput={**UNITS, "ReadCapacityUnits": units})
        table = settled(db, name)
    assert table["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 4
    assert "LastDecreaseDateTime" in table["ProvisionedThroughput"]
    said = refused(db.update_table, TableName=name, ProvisionedThroughput={**UNITS, "ReadCapacityUnits": 1})
    assert said.startswith(
        "LimitExceededException: Subscriber limit exceeded: Provisioned throughput decreases are limited within a "
        "given UTC day. After the first 4 decreases, each subsequent decrease in the same UTC day can be performed at "
        "most once every 3600 seconds. Number of decreases today: 4. Last decrease at "
    )
    db.update_table(TableName=name, ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 9})


# Indexes


def test_indexes_are_refused_as_they_are_made(db: Any, make: Make) -> None:
    name = make(AttributeDefinitions=[PK, G], GlobalSecondaryIndexes=[index("by-g", "g")])["TableName"]

    def update(*actions: dict[str, Any], definitions: list[dict[str, str]] | None = None) -> str:
        return refused(
            db.update_table,
            TableName=name,
            AttributeDefinitions=definitions or [PK, G],
            GlobalSecondaryIndexUpdates=list(actions),
        )

    assert update({"Create": index("by-g", "g")}) == (
        "ValidationException: Attempting to create an index which already exists: by-g"
    )
    assert update({"Create": index("by-x", "x")}) == (
        f"ValidationException: {INVALID}Some index key attributes are not defined in AttributeDefinitions. "
        "Keys: [x], AttributeDefinitions: [pk, g]"
    )
    assert update({"Delete": {"IndexName": "no-such"}}).startswith("ResourceNotFoundException: ")
    assert update({"Delete": {"IndexName": "by-g"}}, {"Create": index("other", "g")}).startswith(
        "LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or deleted"
    )
    other_type = update({"Create": index("other", "pk")}, definitions=[{**PK, "AttributeType": "N"}])
    assert other_type.startswith(f"ValidationException: {INVALID}")
    many = [f"a{n}" for n in range(101)]
    assert update({"Create": index("wide", "g", projection="INCLUDE", include=many)}).startswith("ValidationException")
    assert db.describe_table(TableName=name)["Table"]["AttributeDefinitions"] == [G, PK]  # sorted


def test_a_provisioned_table_says_the_capacity_of_its_indexes(db: Any) -> None:
    given = {
        "TableName": "panregion-refused",
        "AttributeDefinitions": [PK, G],
        "KeySchema": KEY,
        "ProvisionedThroughput": UNITS,
        "GlobalSecondaryIndexes": [index("by-g", "g")],
    }
    assert refused(db.create_table, **given) == (
        f"ValidationException: {INVALID}ProvisionedThroughput is not specified for index: by-g"
    )
    given["OnDemandThroughput"] = {"MaxReadRequestUnits": 1}
    assert refused(db.create_table, **given).startswith(f"ValidationException: {INVALID}MaxReadRequestUnits")


# Time to live


def test_time_to_live_is_turned_on_and_off_once(db: Any, make: Make) -> None:
    name = make()["TableName"]

    def change(enabled: bool, attribute: str = "t") -> dict[str, Any]:
        return {
            "TableName": name,
            "TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": attribute},
        }

    assert refused(db.update_time_to_live, **change(False)) == "ValidationException: TimeToLive is already disabled"
    db.update_time_to_live(**change(True))
    told = db.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert told["AttributeName"] == "t"
    assert refused(db.update_time_to_live, **change(True)) == "ValidationException: TimeToLive is already enabled"
    for enabled in (True, False):
        assert refused(db.update_time_to_live, **change(enabled, "u")) == (
            "ValidationException: TimeToLive is active on a different AttributeName: current AttributeName is t"
        )
    gone = {**change(True), "TableName": "panregion-nowhere"}
    assert refused(db.update_time_to_live, **gone) == (
        "ResourceNotFoundException: Requested resource not found: Table: panregion-nowhere not found"
    )


# Names


def test_a_table_is_named_by_its_arn_everywhere(db: Any, make: Make) -> None:
    table = make()
    arn, name = table["TableArn"], table["TableName"]
    assert db.describe_time_to_live(TableName=arn)["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}
    assert db.describe_continuous_backups(TableName=arn)["ContinuousBackupsDescription"]
    assert db.describe_contributor_insights(TableName=arn)["TableName"] == name
    db.update_table(TableName=arn, DeletionProtectionEnabled=True)
    settled(db, name)
    assert refused(db.delete_table, TableName=arn) == (
        "ValidationException: Resource cannot be deleted as it is currently protected against deletion. "
        "Disable deletion protection first."
    )
    db.update_table(TableName=arn, DeletionProtectionEnabled=False)
    settled(db, name)
    parts = arn.split(":")
    elsewhere = ":".join([*parts[:3], "eu-west-3", *parts[4:]])
    assert refused(db.describe_table, TableName=elsewhere).startswith("ResourceNotFoundException: ")
    others = ":".join([*parts[:4], "999999999999", *parts[5:]])
    assert refused(db.describe_table, TableName=others).startswith("AccessDeniedException: ")
    assert refused(db.describe_table, TableName=":".join([*parts[:5], name])) == (
        f"ValidationException: Invalid TableArn: Invalid ResourceArn provided as input {':'.join([*parts[:5], name])}"
    )
