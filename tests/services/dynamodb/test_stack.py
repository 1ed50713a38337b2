"""The CloudFormation resource types, as CloudFormation calls them."""

from typing import Any

import msgspec
import pytest

from panregion.region import Region
from panregion.services import Context
from panregion.services.dynamodb.stack import TABLE
from panregion.services.dynamodb.stack_global import GLOBAL_TABLE
from panregion.wire import AwsError
from tests.services.dynamodb.support import DynamoDb, index, refusal
from tests.services.dynamodb.test_global_tables import AWAY, HOME, THIRD, TestWorld, replicas, world

__all__ = ["world"]

CONTEXT = Context(
    stack_name="shop",
    stack_id="arn:aws:cloudformation:us-east-1:000000000000:stack/shop/1",
    logical_id="Orders",
    suffix="ABCDEFGHIJKL",
    tags={"team": "a"},
)
KEY: dict[str, Any] = {
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


async def test_a_table_is_made_once_and_has_its_settings(region: Region, db: DynamoDb) -> None:
    properties = {
        **KEY,
        "Tags": [{"Key": "owner", "Value": "b"}],
        "TimeToLiveSpecification": {"AttributeName": "ends", "Enabled": "true"},
        "StreamSpecification": {"StreamViewType": "KEYS_ONLY"},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    }
    name = await TABLE.create(region.here, properties, CONTEXT)
    assert name == "shop-Orders-ABCDEFGHIJKL"
    assert await TABLE.create(region.here, properties, CONTEXT) == name
    found = await TABLE.attributes(region.here, name, properties)
    assert found["Arn"] == f"arn:aws:dynamodb:us-east-1:000000000000:table/{name}"
    assert found["StreamArn"].startswith(found["Arn"] + "/stream/")
    tags = (await db.list_tags_of_resource(ResourceArn=found["Arn"]))["Tags"]
    assert {"Key": "owner", "Value": "b"} in tags
    assert {"Key": "team", "Value": "a"} in tags
    ttl = (await db.describe_time_to_live(TableName=name))["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ends"}
    backups = (await db.describe_continuous_backups(TableName=name))["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


async def test_what_has_operations_of_its_own_comes_and_goes(region: Region, db: DynamoDb) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {
        **KEY,
        "ContributorInsightsSpecification": {"Enabled": "true"},
        "ResourcePolicy": {"PolicyDocument": policy},
        "WarmThroughput": {"ReadUnitsPerSecond": "13000", "WriteUnitsPerSecond": 4000},
    }
    name = await TABLE.create(region.here, properties, CONTEXT)
    arn = (await TABLE.attributes(region.here, name, properties))["Arn"]
    table = (await db.describe_table(TableName=name))["Table"]
    assert table["WarmThroughput"] == {
        "ReadUnitsPerSecond": 13000,
        "WriteUnitsPerSecond": 4000,
        "Status": "ACTIVE",
    }
    insights = await db.describe_contributor_insights(TableName=name)
    assert insights["ContributorInsightsStatus"] == "ENABLED"
    assert msgspec.json.decode((await db.get_resource_policy(ResourceArn=arn))["Policy"]) == policy
    assert TABLE.update is not None
    await TABLE.update(region.here, name, properties, KEY, CONTEXT)
    insights = await db.describe_contributor_insights(TableName=name)
    assert insights["ContributorInsightsStatus"] == "DISABLED"
    assert (await refusal(db.get_resource_policy(ResourceArn=arn))).startswith("PolicyNotFoundException")


async def test_a_table_that_somebody_else_made_is_not_taken_over(region: Region, db: DynamoDb) -> None:
    await db.table("orders", "pk:S")
    with pytest.raises(AwsError, match="orders already exists"):
        await TABLE.create(region.here, {**KEY, "TableName": "orders"}, CONTEXT)


async def test_updates_change_what_differs(region: Region, db: DynamoDb) -> None:
    name = await TABLE.create(region.here, KEY, CONTEXT)
    await db.put_item(TableName=name, Item={"pk": {"S": "a"}, "g": {"S": "x"}})
    new = {
        **KEY,
        "AttributeDefinitions": [*KEY["AttributeDefinitions"], {"AttributeName": "g", "AttributeType": "S"}],
        "GlobalSecondaryIndexes": [index("by-g", "g")],
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
        "Tags": [{"Key": "owner", "Value": "b"}],
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    }
    assert TABLE.update is not None
    await TABLE.update(region.here, name, KEY, new, CONTEXT)
    table = (await db.describe_table(TableName=name))["Table"]
    assert table["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert (await db.scan(TableName=name, IndexName="by-g"))["Count"] == 1
    await TABLE.update(region.here, name, new, KEY, CONTEXT)
    assert "GlobalSecondaryIndexes" not in (await db.describe_table(TableName=name))["Table"]


async def test_deleting_what_is_gone_is_fine(region: Region, db: DynamoDb) -> None:
    name = await TABLE.create(region.here, KEY, CONTEXT)
    await TABLE.delete(region.here, name, KEY, CONTEXT)
    assert (await db.list_tables())["TableNames"] == []
    await TABLE.delete(region.here, name, KEY, CONTEXT)


async def test_a_global_table_spreads_and_goes(world: TestWorld) -> None:
    here = world.regions[HOME].here
    properties = {**KEY, "Replicas": [{"Region": HOME}, {"Region": AWAY}]}
    name = await GLOBAL_TABLE.create(here, properties, CONTEXT)
    assert await replicas(world.db[HOME], name) == {AWAY: "ACTIVE"}
    grown = {**KEY, "Replicas": [{"Region": HOME}, {"Region": THIRD}]}
    assert GLOBAL_TABLE.update is not None
    await GLOBAL_TABLE.update(here, name, properties, grown, CONTEXT)
    assert await replicas(world.db[HOME], name) == {THIRD: "ACTIVE"}
    await GLOBAL_TABLE.delete(here, name, grown, CONTEXT)
    for db in world.db.values():
        assert (await db.list_tables())["TableNames"] == []
