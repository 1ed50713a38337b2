"""What a function's Events of queues, topics, streams and buses become, and what connectors become."""

import asyncio
import copy
import json
from typing import Any

import pytest

from panregion.region import Region
from panregion.wire import AwsError

Json = dict[str, Any]

ACCOUNT = "000000000000"
FUNCTION: Json = {
    "Type": "AWS::Serverless::Function",
    "Properties": {
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "InlineCode": "def handler(event, context):\n    return None\n",
    },
}
RESOURCES: Json = {
    "Queue": {"Type": "AWS::SQS::Queue"},
    "Ordered": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}},
    "Failed": {"Type": "AWS::SQS::Queue"},
    "Own": {"Type": "AWS::SQS::Queue"},
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}},
    "Table": {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        },
    },
}


def arn_of(name: str, attribute: str = "Arn") -> Json:
    return {"Fn::GetAtt": [name, attribute]}


def template(events: Json, **more: Json) -> Json:
    function = copy.deepcopy(FUNCTION)
    function["Properties"]["Events"] = events
    return {"Transform": "AWS::Serverless-2016-10-31", "Resources": {**RESOURCES, "Function": function, **more}}


async def deployed(region: Region, document: Json) -> dict[str, str]:
    """Physical ids by logical ids."""
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    params = {"StackName": "s", "TemplateBody": json.dumps(document), "Capabilities": capabilities}
    await region.ask("cloudformation", "CreateStack", params)
    async with asyncio.timeout(60):
        while True:
            (stack,) = (await region.ask("cloudformation", "DescribeStacks", {"StackName": "s"}))["Stacks"]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                break
            await region.here.world.clock.sleep(0.02)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        events = (await region.ask("cloudformation", "DescribeStackEvents", {"StackName": "s"}))["StackEvents"]
        raise AssertionError([event.get("ResourceStatusReason") for event in events])
    found = (await region.ask("cloudformation", "DescribeStackResources", {"StackName": "s"}))["StackResources"]
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}


async def mapping(region: Region, made: dict[str, str], event: str) -> Json:
    """The event source mapping that an event became."""
    return await region.ask("lambda", "GetEventSourceMapping", {"UUID": made[f"Function{event}"]})


async def subscriptions(region: Region, made: dict[str, str]) -> list[Json]:
    params = {"TopicArn": made["Topic"]}
    return list((await region.ask("sns", "ListSubscriptionsByTopic", params))["Subscriptions"])


async def test_queues(region: Region) -> None:
    events = {
        "Plain": {
            "Type": "SQS",
            "Properties": {
                "Queue": arn_of("Queue"),
                "BatchSize": 20,
                "MaximumBatchingWindowInSeconds": 2,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "FilterCriteria": {"Filters": [{"Pattern": '{"body": {"a": ["b"]}}'}]},
                "ScalingConfig": {"MaximumConcurrency": 3},
            },
        },
        "InOrder": {"Type": "SQS", "Properties": {"Queue": arn_of("Ordered"), "BatchSize": 5, "Enabled": False}},
    }
    made = await deployed(region, template(events))
    plain, ordered = await mapping(region, made, "Plain"), await mapping(region, made, "InOrder")
    assert (plain["BatchSize"], plain["MaximumBatchingWindowInSeconds"]) == (20, 2)
    assert plain["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert plain["FilterCriteria"]["Filters"] == [{"Pattern": '{"body": {"a": ["b"]}}'}]
    assert plain["ScalingConfig"] == {"MaximumConcurrency": 3}
    assert plain["EventSourceArn"].endswith(f":{made['Queue'].rpartition('/')[2]}")
    assert (ordered["BatchSize"], ordered["State"]) == (5, "Disabled")


async def test_a_topic(region: Region) -> None:
    filters = {"FilterPolicyScope": "MessageBody", "FilterPolicy": {"a": ["b"]}}
    topic = {"Topic": {"Ref": "Topic"}, **filters, "RedrivePolicy": {"deadLetterTargetArn": arn_of("Failed")}}
    made = await deployed(region, template({"Told": {"Type": "SNS", "Properties": topic}}))
    [subscription] = await subscriptions(region, made)
    assert subscription["Protocol"] == "lambda"
    assert subscription["Endpoint"].endswith(f":function:{made['Function']}")
    asked = {"SubscriptionArn": subscription["SubscriptionArn"]}
    attributes = (await region.ask("sns", "GetSubscriptionAttributes", asked))["Attributes"]
    assert json.loads(attributes["FilterPolicy"]) == {"a": ["b"]}
    assert attributes["FilterPolicyScope"] == "MessageBody"
    assert json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"].endswith(made["Failed"].rpartition("/")[2])
    policy = (await region.ask("lambda", "GetPolicy", {"FunctionName": made["Function"]}))["Policy"]
    assert json.loads(policy)["Statement"][0]["Principal"] == {"Service": "sns.amazonaws.com"}


@pytest.mark.parametrize(
    ("subscription", "queue"),
    [(True, None), ({"QueueArn": arn_of("Own"), "QueueUrl": {"Ref": "Own"}, "BatchSize": 7}, "Own")],
)
async def test_a_topic_by_way_of_a_queue(region: Region, subscription: Any, queue: str | None) -> None:
    topic = {"Topic": {"Ref": "Topic"}, "SqsSubscription": subscription}
    made = await deployed(region, template({"Told": {"Type": "SNS", "Properties": topic}}))
    [found] = await subscriptions(region, made)
    assert found["Protocol"] == "sqs"
    expected = queue or next(name for name in made if name.startswith("FunctionTold") and name.endswith("Queue"))
    name = made[expected].rpartition("/")[2]
    assert found["Endpoint"].endswith(f":{name}")
    mappings = (await region.ask("lambda", "ListEventSourceMappings", {}))["EventSourceMappings"]
    [one] = [each for each in mappings if each["EventSourceArn"].endswith(f":{name}")]
    assert one["BatchSize"] == (7 if queue else 10)
    asked = {"QueueUrl": made[expected], "AttributeNames": ["Policy"]}
    policy = (await region.ask("sqs", "GetQueueAttributes", asked))["Attributes"]["Policy"]
    assert json.loads(policy)["Statement"][0]["Action"] == "sqs:SendMessage"


async def test_a_stream(region: Region) -> None:
    stream = {
        "Stream": arn_of("Table", "StreamArn"),
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 50,
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 4,
        "MaximumRecordAgeInSeconds": 120,
        "ParallelizationFactor": 2,
        "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": arn_of("Failed")}},
    }
    made = await deployed(region, template({"Changed": {"Type": "DynamoDB", "Properties": stream}}))
    found = await mapping(region, made, "Changed")
    assert (found["BatchSize"], found["StartingPosition"], found["ParallelizationFactor"]) == (50, "TRIM_HORIZON", 2)
    assert (found["MaximumRetryAttempts"], found["MaximumRecordAgeInSeconds"]) == (4, 120)
    assert found["BisectBatchOnFunctionError"] is True
    assert found["DestinationConfig"]["OnFailure"]["Destination"].endswith(made["Failed"].rpartition("/")[2])


async def test_a_bus(region: Region) -> None:
    rule = {"EventBusName": {"Ref": "Bus"}, "Pattern": {"source": ["app"]}, "RetryPolicy": {"MaximumRetryAttempts": 5}}
    made = await deployed(
        region,
        template(
            {
                "Ruled": {"Type": "EventBridgeRule", "Properties": rule},
                "Ticking": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}},
            }
        ),
    )
    found = (await region.ask("events", "ListRules", {"EventBusName": "orders"}))["Rules"]
    assert [json.loads(one["EventPattern"]) for one in found] == [{"source": ["app"]}]
    asked = {"Rule": found[0]["Name"], "EventBusName": "orders"}
    [target] = (await region.ask("events", "ListTargetsByRule", asked))["Targets"]
    assert target["Arn"].endswith(f":function:{made['Function']}")
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 5}
    [ticking] = (await region.ask("events", "ListRules", {}))["Rules"]
    assert ticking["ScheduleExpression"] == "rate(1 day)"


@pytest.mark.parametrize(
    ("kind", "properties", "said"),
    [
        (
            "Kinesis",
            {"Stream": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s", "StartingPosition": "LATEST"},
            "event sources of kinesis",
        ),
        (
            "MSK",
            {"Stream": f"arn:aws:kafka:us-east-1:{ACCOUNT}:cluster/c/1", "StartingPosition": "LATEST"},
            "event sources of kafka",
        ),
    ],
)
async def test_sources_that_there_are_not_are_named(region: Region, kind: str, properties: Json, said: str) -> None:
    with pytest.raises((AssertionError, AwsError), match=said):
        await deployed(region, template({"Read": {"Type": kind, "Properties": properties}}))


async def test_connectors(region: Region) -> None:
    """A connector to a queue or a topic is a policy, of the function's role or of the queue."""
    writes = {"Type": "AWS::Serverless::Connector"}
    made = await deployed(
        region,
        template(
            {},
            ToQueue={
                **writes,
                "Properties": {
                    "Source": {"Id": "Function"},
                    "Destination": {"Id": "Queue"},
                    "Permissions": ["Write"],
                },
            },
            TopicToQueue={
                **writes,
                "Properties": {
                    "Source": {"Id": "Topic"},
                    "Destination": {"Id": "Own"},
                    "Permissions": ["Write"],
                },
            },
        ),
    )
    asked = {"QueueUrl": made["Own"], "AttributeNames": ["Policy"]}
    policy = (await region.ask("sqs", "GetQueueAttributes", asked))["Attributes"]["Policy"]
    assert json.loads(policy)["Statement"][0]["Principal"] == {"Service": "sns.amazonaws.com"}
    assert any(name.startswith("ToQueue") for name in made)
