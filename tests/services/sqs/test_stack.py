"""Queues and their policies as CloudFormation makes, changes and deletes them."""

import asyncio
import json
from typing import Any

from panregion.region import Region

Json = dict[str, Any]

TEMPLATE: Json = {
    "Resources": {
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "VisibilityTimeout": 60,
                "DelaySeconds": 3,
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 5},
                "Tags": [{"Key": "team", "Value": "blue"}, {"Key": "old", "Value": "x"}],
            },
        },
        "Ordered": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"FifoQueue": True, "ContentBasedDeduplication": True},
        },
        "Policy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "Queue"}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": []},
            },
        },
    },
    "Outputs": {
        "Url": {"Value": {"Ref": "Queue"}},
        "Arn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}},
        "Name": {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}},
        "SameUrl": {"Value": {"Fn::GetAtt": ["Queue", "QueueUrl"]}},
        "Ordered": {"Value": {"Ref": "Ordered"}},
        "Dead": {"Value": {"Fn::GetAtt": ["Dead", "Arn"]}},
    },
}


async def deployed(region: Region, operation: str, template: Json) -> dict[str, str]:
    """Create or update the stack; its outputs."""
    await region.ask("cloudformation", operation, {"StackName": "s", "TemplateBody": json.dumps(template)})
    stack = await settled(region)
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


async def settled(region: Region) -> Json:
    async with asyncio.timeout(20):
        while True:
            (stack,) = (await region.ask("cloudformation", "DescribeStacks", {"StackName": "s"}))["Stacks"]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                found: Json = stack
                return found
            await region.here.world.clock.sleep(0.01)


async def attributes(region: Region, url: str) -> dict[str, str]:
    params = {"QueueUrl": url, "AttributeNames": ["All"]}
    found: dict[str, str] = (await region.ask("sqs", "GetQueueAttributes", params))["Attributes"]
    return found


async def test_a_stack_of_queues(region: Region) -> None:
    outputs = await deployed(region, "CreateStack", TEMPLATE)
    url = outputs["Url"]
    assert url == outputs["SameUrl"]
    assert outputs["Name"].startswith("s-Queue-")
    assert outputs["Arn"] == f"arn:aws:sqs:us-east-1:000000000000:{outputs['Name']}"
    assert outputs["Ordered"].endswith(".fifo")
    found = await attributes(region, url)
    assert (found["VisibilityTimeout"], found["DelaySeconds"]) == ("60", "3")
    assert json.loads(found["RedrivePolicy"]) == {"deadLetterTargetArn": outputs["Dead"], "maxReceiveCount": 5}
    assert json.loads(found["Policy"]) == {"Version": "2012-10-17", "Statement": []}
    assert (await attributes(region, outputs["Ordered"]))["ContentBasedDeduplication"] == "true"
    tags = (await region.ask("sqs", "ListQueueTags", {"QueueUrl": url}))["Tags"]
    assert (tags["team"], tags["old"]) == ("blue", "x")


async def test_what_an_update_no_longer_says_gets_its_default(region: Region) -> None:
    url = (await deployed(region, "CreateStack", TEMPLATE))["Url"]
    changed = json.loads(json.dumps(TEMPLATE))
    properties = {"VisibilityTimeout": 10, "Tags": [{"Key": "team", "Value": "red"}]}
    changed["Resources"]["Queue"]["Properties"] = properties
    del changed["Resources"]["Policy"]
    outputs = await deployed(region, "UpdateStack", changed)
    assert outputs["Url"] == url
    found = await attributes(region, url)
    assert (found["VisibilityTimeout"], found["DelaySeconds"]) == ("10", "0")
    assert not {"RedrivePolicy", "Policy"} & set(found)
    tags = (await region.ask("sqs", "ListQueueTags", {"QueueUrl": url}))["Tags"]
    assert tags["team"] == "red"
    assert "old" not in tags


async def test_another_name_is_another_queue(region: Region) -> None:
    url = (await deployed(region, "CreateStack", TEMPLATE))["Url"]
    changed = json.loads(json.dumps(TEMPLATE))
    changed["Resources"]["Queue"]["Properties"]["QueueName"] = "named"
    outputs = await deployed(region, "UpdateStack", changed)
    assert outputs["Name"] == "named"
    queues = (await region.ask("sqs", "ListQueues"))["QueueUrls"]
    assert outputs["Url"] in queues
    assert url not in queues


async def test_a_deleted_stack_leaves_no_queue(region: Region) -> None:
    await deployed(region, "CreateStack", TEMPLATE)
    await region.ask("cloudformation", "DeleteStack", {"StackName": "s"})
    async with asyncio.timeout(20):
        while "QueueUrls" in await region.ask("sqs", "ListQueues"):
            await region.here.world.clock.sleep(0.01)
