"""Parts of templates that go beyond one table: what it begins with, and what other regions' replicas have."""

import json
from typing import Any

import pytest

from panregion.region import Region
from panregion.services.dynamodb.stack import TABLE
from panregion.services.dynamodb.stack_global import GLOBAL_TABLE
from panregion.services.dynamodb.stack_import import ImportFailed
from panregion.wire import AwsError
from tests.services.dynamodb.support import DynamoDb
from tests.services.dynamodb.test_global_tables import AWAY, HOME, TestWorld, until, world
from tests.services.dynamodb.test_stack import CONTEXT, KEY

__all__ = ["world"]

SOURCE: dict[str, Any] = {"S3BucketSource": {"S3Bucket": "seeds"}, "InputFormat": "DYNAMODB_JSON"}


async def test_a_table_begins_with_what_lies_in_s3(region: Region, db: DynamoDb) -> None:
    item = {"pk": {"S": "a"}, "v": {"N": "1"}}
    await region.ask("s3", "CreateBucket", {"Bucket": "seeds"})
    line = json.dumps({"Item": item}).encode()
    await region.ask("s3", "PutObject", {"Bucket": "seeds", "Key": "one.json", "Body": line})
    properties = {
        **KEY,
        "ImportSourceSpecification": {**SOURCE, "InputCompressionType": "NONE"},
        "StreamSpecification": {"StreamViewType": "KEYS_ONLY"},
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    }
    name = await TABLE.create(region.here, properties, CONTEXT)
    assert await TABLE.create(region.here, properties, CONTEXT) == name
    assert (await db.scan(TableName=name))["Items"] == [item]
    table = (await db.describe_table(TableName=name))["Table"]
    assert table["StreamSpecification"]["StreamViewType"] == "KEYS_ONLY"
    assert table["DeletionProtectionEnabled"] is True
    assert "ImportSourceSpecification" in TABLE.replaces_on


async def test_an_import_that_fails_fails_the_resource(region: Region, db: DynamoDb) -> None:
    with pytest.raises(ImportFailed, match="S3NoSuchBucket"):
        await TABLE.create(region.here, {**KEY, "ImportSourceSpecification": SOURCE}, CONTEXT)
    assert (await db.list_tables())["TableNames"] == []


async def test_each_replica_has_what_the_template_says_of_it(world: TestWorld) -> None:
    here = world.regions[HOME].here
    policy = {"PolicyDocument": {"Version": "2012-10-17", "Statement": []}}
    away = {
        "Region": AWAY,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "DeletionProtectionEnabled": True,
        "Tags": [{"Key": "team", "Value": "away"}],
        "ResourcePolicy": policy,
    }
    properties = {**KEY, "Replicas": [{"Region": HOME}, away]}
    name = await GLOBAL_TABLE.create(here, properties, CONTEXT)
    db = world.db[AWAY]
    described = (await db.describe_continuous_backups(TableName=name))["ContinuousBackupsDescription"]
    assert described["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    table = (await db.describe_table(TableName=name))["Table"]
    assert table["DeletionProtectionEnabled"] is True
    assert (await world.db[HOME].describe_table(TableName=name))["Table"]["DeletionProtectionEnabled"] is False
    tags = (await db.list_tags_of_resource(ResourceArn=table["TableArn"]))["Tags"]
    assert {"Key": "team", "Value": "away"} in tags
    assert json.loads((await db.get_resource_policy(ResourceArn=table["TableArn"]))["Policy"])["Statement"] == []
    changed = {**KEY, "Replicas": [{"Region": HOME}, {"Region": AWAY}]}
    assert GLOBAL_TABLE.update is not None
    await GLOBAL_TABLE.update(here, name, properties, changed, CONTEXT)
    assert (await db.describe_table(TableName=name))["Table"]["DeletionProtectionEnabled"] is False
    assert (await db.list_tags_of_resource(ResourceArn=table["TableArn"]))["Tags"] == []


async def test_replicas_override_what_the_table_has(world: TestWorld) -> None:
    here = world.regions[HOME].here
    scaling = {"MinCapacity": 4, "MaxCapacity": 9}
    base = {
        **KEY,
        "BillingMode": "PROVISIONED",
        "WriteProvisionedThroughputSettings": {"WriteCapacityAutoScalingSettings": scaling},
    }
    home = {"Region": HOME, "ReadProvisionedThroughputSettings": {"ReadCapacityUnits": 2}}
    away = {
        "Region": AWAY,
        "ReadProvisionedThroughputSettings": {"ReadCapacityUnits": 6},
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
    }
    properties = {**base, "Replicas": [home, away]}
    name = await GLOBAL_TABLE.create(here, properties, CONTEXT)

    async def told(region: str) -> tuple[int, int, str | None]:
        table = (await world.db[region].describe_table(TableName=name))["Table"]
        units = table["ProvisionedThroughput"]
        class_ = table.get("TableClassSummary", {}).get("TableClass")
        return units["ReadCapacityUnits"], units["WriteCapacityUnits"], class_

    assert await told(HOME) == (2, 4, None)
    assert await told(AWAY) == (6, 4, "STANDARD_INFREQUENT_ACCESS")
    more = {**away, "ReadProvisionedThroughputSettings": {"ReadCapacityUnits": 8}}
    assert GLOBAL_TABLE.update is not None
    await GLOBAL_TABLE.update(here, name, properties, {**base, "Replicas": [home, more]}, CONTEXT)
    await until(lambda: told(AWAY), lambda found: found == (8, 4, "STANDARD_INFREQUENT_ACCESS"))
    assert await told(HOME) == (2, 4, None)
    unknown = {**base, "Replicas": [home, {**away, "KinesisStreamSpecification": {"StreamArn": "arn"}}]}
    with pytest.raises(AwsError, match="KinesisStreamSpecification"):
        await GLOBAL_TABLE.create(here, unknown, CONTEXT)
