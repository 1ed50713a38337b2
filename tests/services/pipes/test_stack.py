"""AWS::Pipes::Pipe as CloudFormation makes, changes and deletes it."""

import asyncio
import copy
import json
from typing import Any

from panregion.region import Region

Json = dict[str, Any]

TEMPLATE: Json = {
    "Resources": {
        "In": {"Type": "AWS::SQS::Queue"},
        "Out": {"Type": "AWS::SQS::Queue"},
        "Pipe": {
            "Type": "AWS::Pipes::Pipe",
            "Properties": {
                "RoleArn": "arn:aws:iam::000000000000:role/pipe",
                "Source": {"Fn::GetAtt": ["In", "Arn"]},
                "SourceParameters": {"SqsQueueParameters": {"BatchSize": "2"}},
                "Target": {"Fn::GetAtt": ["Out", "Arn"]},
                "TargetParameters": {"InputTemplate": "<$.body>"},
                "Description": "first",
                "Tags": {"team": "a"},
            },
        },
    },
    "Outputs": {
        "Name": {"Value": {"Ref": "Pipe"}},
        "Arn": {"Value": {"Fn::GetAtt": ["Pipe", "Arn"]}},
        "State": {"Value": {"Fn::GetAtt": ["Pipe", "CurrentState"]}},
        "In": {"Value": {"Ref": "In"}},
        "Out": {"Value": {"Ref": "Out"}},
    },
}


async def settled(region: Region) -> Json:
    async with asyncio.timeout(20):
        while True:
            stack: Json
            (stack,) = (await region.ask("cloudformation", "DescribeStacks", {"StackName": "s"}))["Stacks"]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                return stack
            await region.here.world.clock.sleep(0.01)


async def deployed(region: Region, operation: str, template: Json) -> dict[str, str]:
    """Create or update the stack; its outputs."""
    await region.ask("cloudformation", operation, {"StackName": "s", "TemplateBody": json.dumps(template)})
    stack = await settled(region)
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


async def passed(region: Region, outputs: dict[str, str], body: str) -> str:
    await region.ask("sqs", "SendMessage", {"QueueUrl": outputs["In"], "MessageBody": body})
    answer = await region.ask("sqs", "ReceiveMessage", {"QueueUrl": outputs["Out"], "WaitTimeSeconds": 10})
    return str(answer["Messages"][0]["Body"])


async def test_a_pipe_of_a_stack(region: Region) -> None:
    made = await deployed(region, "CreateStack", TEMPLATE)
    assert made["Name"].startswith("s-Pipe-")
    assert made["Arn"].endswith(f":pipe/{made['Name']}")
    assert made["State"] == "RUNNING"
    found = await region.ask("pipes", "DescribePipe", {"Name": made["Name"]})
    assert found["SourceParameters"]["SqsQueueParameters"]["BatchSize"] == 2
    assert found["Tags"]["team"] == "a"
    assert await passed(region, made, '{"n":1}') == '{"n":1}'

    template = copy.deepcopy(TEMPLATE)
    properties = template["Resources"]["Pipe"]["Properties"]
    del properties["Description"], properties["TargetParameters"]
    properties["Tags"] = {"owner": "b"}
    properties["SourceParameters"]["SqsQueueParameters"]["BatchSize"] = 5
    changed = await deployed(region, "UpdateStack", template)
    assert changed["Name"] == made["Name"]
    found = await region.ask("pipes", "DescribePipe", {"Name": made["Name"]})
    assert found["SourceParameters"]["SqsQueueParameters"]["BatchSize"] == 5
    assert (found.get("Description"), found.get("TargetParameters")) == (None, None)
    assert "team" not in found["Tags"]
    assert found["Tags"]["owner"] == "b"
    assert json.loads(await passed(region, changed, "plain"))["body"] == "plain"

    await region.ask("cloudformation", "DeleteStack", {"StackName": made["Name"].partition("-")[0]})
    async with asyncio.timeout(20):
        while (await region.ask("pipes", "ListPipes", {}))["Pipes"]:
            await region.here.world.clock.sleep(0.01)


async def test_a_pipe_needs_no_tags(region: Region) -> None:
    template = copy.deepcopy(TEMPLATE)
    del template["Resources"]["Pipe"]["Properties"]["Tags"]
    made = await deployed(region, "CreateStack", template)
    found = await region.ask("pipes", "DescribePipe", {"Name": made["Name"]})
    assert found["Tags"]["aws:cloudformation:stack-name"] == "s"
    assert found["Tags"]["aws:cloudformation:logical-id"] == "Pipe"


async def test_a_pipe_that_cannot_read_its_source_fails_the_stack(region: Region) -> None:
    template = copy.deepcopy(TEMPLATE)
    template["Resources"]["Pipe"]["Properties"]["Source"] = "arn:aws:sqs:us-east-1:000000000000:none"
    await region.ask("cloudformation", "CreateStack", {"StackName": "s", "TemplateBody": json.dumps(template)})
    assert (await settled(region))["StackStatus"] == "ROLLBACK_COMPLETE"
    events = (await region.ask("cloudformation", "DescribeStackEvents", {"StackName": "s"}))["StackEvents"]
    assert any("does not exist" in event.get("ResourceStatusReason", "") for event in events)
    assert (await region.ask("pipes", "ListPipes", {}))["Pipes"] == []
