"""The CloudFormation resource types, as CloudFormation calls them."""

from typing import Any

import msgspec
import pytest

from panregion.region import Region
from panregion.services import Context
from panregion.services.cloudformation.steps import replaces
from panregion.services.dynamodb.stack import TABLE
from panregion.services.dynamodb.stack_changes import index_changes
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
    assert set(found) == {"Arn", "StreamArn"}
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


INDEXED: dict[str, Any] = {
    **KEY,
    "AttributeDefinitions": [*KEY["AttributeDefinitions"], {"AttributeName": "g", "AttributeType": "S"}],
    "GlobalSecondaryIndexes": [index("by-g", "g")],
}


@pytest.mark.parametrize(
    ("indexes", "said"),
    [
        (
            [index("by-g", "g", projection="KEYS_ONLY")],
            "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights Specification. "
            "You can create a new GSI with a different name.",
        ),
        (
            [index("by-g", "g"), index("by-h", "g"), index("by-i", "g")],
            "Cannot perform more than one GSI creation or deletion in a single update",
        ),
        ([index("by-h", "g")], "Cannot perform more than one GSI creation or deletion in a single update"),
    ],
)
def test_what_cloudformation_does_not_do_with_indexes(indexes: list[Any], said: str) -> None:
    with pytest.raises(AwsError) as refused:
        index_changes(INDEXED, {**INDEXED, "GlobalSecondaryIndexes": indexes})
    assert refused.value.message == said


def test_a_keys_new_type_takes_another_table() -> None:
    retyped = {**KEY, "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "N"}]}
    assert replaces(TABLE, KEY, retyped)
    assert replaces(GLOBAL_TABLE, {**KEY, "Replicas": []}, {**retyped, "Replicas": []})
    assert not replaces(TABLE, KEY, INDEXED)


async def test_a_billing_mode_changes_with_the_capacity_of_all_indexes(region: Region, db: DynamoDb) -> None:
    name = await TABLE.create(region.here, INDEXED, CONTEXT)
    units = {"ReadCapacityUnits": "3", "WriteCapacityUnits": "4"}
    provisioned = {
        **INDEXED,
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": units,
        "GlobalSecondaryIndexes": [{**index("by-g", "g"), "ProvisionedThroughput": units}],
    }
    assert TABLE.update is not None
    await TABLE.update(region.here, name, INDEXED, provisioned, CONTEXT)
    table = (await db.describe_table(TableName=name))["Table"]
    for part in (table, table["GlobalSecondaryIndexes"][0]):
        assert part["ProvisionedThroughput"]["WriteCapacityUnits"] == 4
    capped = {
        **INDEXED,
        "GlobalSecondaryIndexes": [{**index("by-g", "g"), "OnDemandThroughput": {"MaxReadRequestUnits": 7}}],
    }
    await TABLE.update(region.here, name, provisioned, INDEXED, CONTEXT)
    await TABLE.update(region.here, name, INDEXED, capped, CONTEXT)
    table = (await db.describe_table(TableName=name))["Table"]
    assert table["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == {"MaxReadRequestUnits": 7}
    await TABLE.update(region.here, name, capped, INDEXED, CONTEXT)
    table = (await db.describe_table(TableName=name))["Table"]
    assert "OnDemandThroughput" not in table["GlobalSecondaryIndexes"][0]


async def test_an_index_and_a_stream_have_settings_of_their_own(region: Region, db: DynamoDb) -> None:
    policy = {"PolicyDocument": {"Version": "2012-10-17", "Statement": []}}
    properties = {
        **INDEXED,
        "GlobalSecondaryIndexes": [{**index("by-g", "g"), "ContributorInsightsSpecification": {"Enabled": True}}],
        "StreamSpecification": {"StreamViewType": "KEYS_ONLY", "ResourcePolicy": policy},
    }
    name = await TABLE.create(region.here, properties, CONTEXT)
    told = await db.describe_contributor_insights(TableName=name, IndexName="by-g")
    assert told["ContributorInsightsStatus"] == "ENABLED"
    found = await TABLE.attributes(region.here, name, properties)
    assert "Statement" in (await db.get_resource_policy(ResourceArn=found["StreamArn"]))["Policy"]


async def test_deleting_what_is_gone_is_fine(region: Region, db: DynamoDb) -> None:
    name = await TABLE.create(region.here, KEY, CONTEXT)
    await TABLE.delete(region.here, name, KEY, CONTEXT)
    assert (await db.list_tables())["TableNames"] == []
    await TABLE.delete(region.here, name, KEY, CONTEXT)


async def test_a_global_table_spreads_and_goes(world: TestWorld) -> None:
    here = world.regions[HOME].here
    properties = {**KEY, "Replicas": [{"Region": HOME}, {"Region": AWAY}]}
    name = await GLOBAL_TABLE.create(here, properties, CONTEXT)
    assert set(await GLOBAL_TABLE.attributes(here, name, properties)) == {"Arn", "StreamArn", "TableId"}
    assert await replicas(world.db[HOME], name) == {AWAY: "ACTIVE"}
    grown = {**KEY, "Replicas": [{"Region": HOME}, {"Region": THIRD}]}
    assert GLOBAL_TABLE.update is not None
    await GLOBAL_TABLE.update(here, name, properties, grown, CONTEXT)
    assert await replicas(world.db[HOME], name) == {THIRD: "ACTIVE"}
    await GLOBAL_TABLE.delete(here, name, grown, CONTEXT)
    for db in world.db.values():
        assert (await db.list_tables())["TableNames"] == []
