"""Topics, subscriptions and policies as CloudFormation makes, changes and deletes them."""

import asyncio
import json
from typing import Any

from panregion.region import Region

Json = dict[str, Any]

TEMPLATE: Json = {
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Topic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "DisplayName": "first",
                "Subscription": [{"Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}}],
                "Tags": [{"Key": "team", "Value": "blue"}],
            },
        },
        "Ordered": {
            "Type": "AWS::SNS::Topic",
            "Properties": {"FifoTopic": True, "ContentBasedDeduplication": True},
        },
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "lambda",
                "Endpoint": "arn:aws:lambda:us-east-1:000000000000:function:f",
                "FilterPolicy": {"kind": ["a"]},
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Queue", "Arn"]}},
            },
        },
        "Policy": {
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": {
                "Topics": [{"Ref": "Topic"}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": []},
            },
        },
    },
    "Outputs": {
        "Arn": {"Value": {"Ref": "Topic"}},
        "Same": {"Value": {"Fn::GetAtt": ["Topic", "TopicArn"]}},
        "Name": {"Value": {"Fn::GetAtt": ["Topic", "TopicName"]}},
        "Ordered": {"Value": {"Ref": "Ordered"}},
        "Subscription": {"Value": {"Ref": "Subscription"}},
    },
}


async def deployed(region: Region, operation: str, template: Json) -> dict[str, str]:
    """Create or update the stack; its outputs."""
    await region.ask("cloudformation", operation, {"StackName": "s", "TemplateBody": json.dumps(template)})
    async with asyncio.timeout(20):
        while True:
            (stack,) = (await region.ask("cloudformation", "DescribeStacks", {"StackName": "s"}))["Stacks"]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                break
            await region.here.world.clock.sleep(0.01)
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


async def topic_of(region: Region, arn: str) -> dict[str, str]:
    found: dict[str, str] = (await region.ask("sns", "GetTopicAttributes", {"TopicArn": arn}))["Attributes"]
    return found


async def subscription_of(region: Region, arn: str) -> dict[str, str]:
    asked = {"SubscriptionArn": arn}
    found: dict[str, str] = (await region.ask("sns", "GetSubscriptionAttributes", asked))["Attributes"]
    return found


async def test_a_stack_of_topics(region: Region) -> None:
    outputs = await deployed(region, "CreateStack", TEMPLATE)
    arn = outputs["Arn"]
    assert arn == outputs["Same"] == f"arn:aws:sns:us-east-1:000000000000:{outputs['Name']}"
    assert outputs["Name"].startswith("s-Topic-")
    found = await topic_of(region, arn)
    assert (found["DisplayName"], found["SubscriptionsConfirmed"]) == ("first", "2")
    assert json.loads(found["Policy"]) == {"Version": "2012-10-17", "Statement": []}
    assert outputs["Ordered"].endswith(".fifo")
    assert (await topic_of(region, outputs["Ordered"]))["ContentBasedDeduplication"] == "true"
    subscription = await subscription_of(region, outputs["Subscription"])
    assert json.loads(subscription["FilterPolicy"]) == {"kind": ["a"]}
    assert "deadLetterTargetArn" in subscription["RedrivePolicy"]


async def test_what_an_update_changes(region: Region) -> None:
    before = await deployed(region, "CreateStack", TEMPLATE)
    changed = json.loads(json.dumps(TEMPLATE))
    changed["Resources"]["Topic"]["Properties"] = {"SignatureVersion": 2}
    properties = changed["Resources"]["Subscription"]["Properties"]
    del properties["RedrivePolicy"]
    properties |= {"FilterPolicy": {"a": {"b": ["c"]}}, "FilterPolicyScope": "MessageBody"}
    del changed["Resources"]["Policy"]
    after = await deployed(region, "UpdateStack", changed)
    assert after == before
    found = await topic_of(region, after["Arn"])
    assert (found["DisplayName"], found["SignatureVersion"], found["SubscriptionsConfirmed"]) == ("", "2", "1")
    assert json.loads(found["Policy"])["Id"] == "__default_policy_ID"
    subscription = await subscription_of(region, after["Subscription"])
    assert (json.loads(subscription["FilterPolicy"]), subscription["FilterPolicyScope"]) == (
        {"a": {"b": ["c"]}},
        "MessageBody",
    )
    assert "RedrivePolicy" not in subscription
    back = await deployed(region, "UpdateStack", TEMPLATE)
    subscription = await subscription_of(region, back["Subscription"])
    assert subscription["FilterPolicyScope"] == "MessageAttributes"


async def test_another_endpoint_is_another_subscription(region: Region) -> None:
    before = await deployed(region, "CreateStack", TEMPLATE)
    changed = json.loads(json.dumps(TEMPLATE))
    changed["Resources"]["Subscription"]["Properties"]["Endpoint"] += "2"
    after = await deployed(region, "UpdateStack", changed)
    assert after["Subscription"] != before["Subscription"]
    assert (await topic_of(region, after["Arn"]))["SubscriptionsConfirmed"] == "2"


async def test_a_deleted_stack_leaves_nothing(region: Region) -> None:
    await deployed(region, "CreateStack", TEMPLATE)
    await region.ask("cloudformation", "DeleteStack", {"StackName": "s"})
    async with asyncio.timeout(20):
        while (await region.ask("sns", "ListTopics"))["Topics"]:
            await region.here.world.clock.sleep(0.01)
    assert (await region.ask("sns", "ListSubscriptions"))["Subscriptions"] == []
