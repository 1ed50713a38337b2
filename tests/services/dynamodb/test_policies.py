"""Resource policies and contributor insights: kept, with revisions, and told."""

import json

import pytest

from tests.services.dynamodb.support import DynamoDb, refusal

POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
OTHER = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*"}]})


@pytest.fixture
async def arn(db: DynamoDb) -> str:
    await db.table("orders", "pk:S")
    return str((await db.describe_table(TableName="orders"))["Table"]["TableArn"])


async def test_a_policy_has_revisions(db: DynamoDb, arn: str) -> None:
    none = f"PolicyNotFoundException: Resource-based policy not found for the provided ResourceArn: {arn}"
    assert await refusal(db.get_resource_policy(ResourceArn=arn)) == none
    assert await db.delete_resource_policy(ResourceArn=arn) == {}
    first = await db.put_resource_policy(ResourceArn=arn, Policy=POLICY, ExpectedRevisionId="NO_POLICY")
    assert await db.put_resource_policy(ResourceArn=arn, Policy=POLICY) == first
    second = await db.put_resource_policy(ResourceArn=arn, Policy=OTHER)
    assert second != first
    assert await db.get_resource_policy(ResourceArn=arn) == {"Policy": OTHER, **second}
    stale = db.put_resource_policy(ResourceArn=arn, Policy=POLICY, ExpectedRevisionId=first["RevisionId"])
    assert (await refusal(stale)).startswith("PolicyNotFoundException")
    assert await db.delete_resource_policy(ResourceArn=arn) == second
    assert await refusal(db.get_resource_policy(ResourceArn=arn)) == none


async def test_a_policy_can_come_with_the_table(db: DynamoDb) -> None:
    await db.table("made", "pk:S", ResourcePolicy=POLICY)
    arn = (await db.describe_table(TableName="made"))["Table"]["TableArn"]
    assert (await db.get_resource_policy(ResourceArn=arn))["Policy"] == POLICY
    await db.delete_resource_policy(ResourceArn=arn)
    assert (await refusal(db.get_resource_policy(ResourceArn=arn))).startswith("PolicyNotFoundException")


async def test_what_is_no_policy_or_no_table(db: DynamoDb, arn: str) -> None:
    assert (await refusal(db.put_resource_policy(ResourceArn=arn, Policy="{"))).startswith("ValidationException")
    missing = db.put_resource_policy(ResourceArn=arn + "x", Policy=POLICY)
    assert (await refusal(missing)).startswith("ResourceNotFoundException")
    stream = db.get_resource_policy(ResourceArn=arn + "/stream/none")
    assert (await refusal(stream)).startswith("ResourceNotFoundException")


async def test_contributor_insights_are_kept(db: DynamoDb, arn: str) -> None:
    described = await db.describe_contributor_insights(TableName="orders")
    assert described == {"TableName": "orders", "ContributorInsightsStatus": "DISABLED"}
    await db.update_contributor_insights(
        TableName="orders", ContributorInsightsAction="ENABLE", ContributorInsightsMode="THROTTLED_KEYS"
    )
    described = await db.describe_contributor_insights(TableName="orders")
    assert described["ContributorInsightsStatus"] == "ENABLED"
    listed = await db.list_contributor_insights(TableName="orders")
    assert listed["ContributorInsightsSummaries"] == [
        {
            "TableName": "orders",
            "ContributorInsightsStatus": "ENABLED",
            "ContributorInsightsMode": "THROTTLED_KEYS",
        }
    ]
    await db.update_contributor_insights(TableName="orders", ContributorInsightsAction="DISABLE")
    listed = await db.list_contributor_insights(TableName="orders")
    assert [one["ContributorInsightsStatus"] for one in listed["ContributorInsightsSummaries"]] == ["DISABLED"]
    await db.table("parts", "pk:S")
    await db.update_contributor_insights(TableName="parts", ContributorInsightsAction="ENABLE")
    page = await db.list_contributor_insights(MaxResults=1)
    assert [one["TableName"] for one in page["ContributorInsightsSummaries"]] == ["orders"]
    page = await db.list_contributor_insights(MaxResults=1, NextToken=page["NextToken"])
    assert [one["TableName"] for one in page["ContributorInsightsSummaries"]] == ["parts"]
    assert "NextToken" not in page
    missing = db.describe_contributor_insights(TableName="orders", IndexName="none")
    assert (await refusal(missing)).startswith("ResourceNotFoundException")


async def test_what_is_not_here_says_so(db: DynamoDb, arn: str) -> None:
    asked = db.describe_table_replica_auto_scaling(TableName="orders")
    assert "DescribeTableReplicaAutoScaling" in await refusal(asked)
    stream = "arn:aws:kinesis:us-east-1:000000000000:stream/orders"
    asked = db.enable_kinesis_streaming_destination(TableName="orders", StreamArn=stream)
    assert "EnableKinesisStreamingDestination" in await refusal(asked)
    assert await db.describe_kinesis_streaming_destination(TableName="orders") == {
        "TableName": "orders",
        "KinesisDataStreamDestinations": [],
    }
