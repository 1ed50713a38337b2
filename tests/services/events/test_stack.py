"""Buses and rules as CloudFormation makes, changes and deletes them."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from panregion.region import Region
from panregion.services import Context
from panregion.services.events.stack.buses import EVENT_BUS
from panregion.wire import AwsError

Json = dict[str, Any]

TEMPLATE: Json = {
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders", "Description": "first"}},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventBusName": {"Ref": "Bus"},
                "EventPattern": {"source": ["app"]},
                "Targets": [
                    {
                        "Id": "queue",
                        "Arn": {"Fn::GetAtt": ["Queue", "Arn"]},
                        "RetryPolicy": {"MaximumRetryAttempts": 4},
                    },
                    {"Id": "other", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "Input": "{}"},
                ],
            },
        },
        "Ticking": {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 day)"}},
        "Policy": {
            "Type": "AWS::Events::EventBusPolicy",
            "Properties": {
                "EventBusName": {"Ref": "Bus"},
                "StatementId": "s",
                "Action": "events:PutEvents",
                "Principal": "*",
            },
        },
    },
    "Outputs": {
        "Bus": {"Value": {"Fn::GetAtt": ["Bus", "Arn"]}},
        "Rule": {"Value": {"Ref": "Rule"}},
        "Arn": {"Value": {"Fn::GetAtt": ["Rule", "Arn"]}},
        "Ticking": {"Value": {"Ref": "Ticking"}},
        "Url": {"Value": {"Ref": "Queue"}},
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


async def test_a_stack_of_rules(region: Region) -> None:
    outputs = await deployed(region, "CreateStack", TEMPLATE)
    bus, _, name = outputs["Rule"].partition("|")
    assert bus == "orders"
    assert outputs["Arn"] == f"arn:aws:events:us-east-1:000000000000:rule/orders/{name}"
    described = await region.ask("events", "DescribeEventBus", {"Name": "orders"})
    assert (described["Arn"], described["Description"]) == (outputs["Bus"], "first")
    assert json.loads(described["Policy"])["Statement"][0]["Sid"] == "s"
    ticking = await region.ask("events", "DescribeRule", {"Name": outputs["Ticking"]})
    assert ticking["ScheduleExpression"] == "rate(1 day)"
    entry = {"Source": "app", "DetailType": "t", "Detail": "{}", "EventBusName": "orders"}
    await region.ask("events", "PutEvents", {"Entries": [entry]})
    received = await region.ask("sqs", "ReceiveMessage", {"QueueUrl": outputs["Url"], "MaxNumberOfMessages": 10})
    assert len(received["Messages"]) == 2


async def test_what_an_update_changes(region: Region) -> None:
    before = await deployed(region, "CreateStack", TEMPLATE)
    changed = json.loads(json.dumps(TEMPLATE))
    properties = changed["Resources"]["Rule"]["Properties"]
    properties["EventPattern"] = {"source": ["else"]}
    properties["Targets"].pop()
    properties["State"] = "DISABLED"
    del changed["Resources"]["Bus"]["Properties"]["Description"]
    after = await deployed(region, "UpdateStack", changed)
    assert after == before
    name = after["Rule"].partition("|")[2]
    rule = await region.ask("events", "DescribeRule", {"Name": name, "EventBusName": "orders"})
    assert (json.loads(rule["EventPattern"]), rule["State"]) == ({"source": ["else"]}, "DISABLED")
    targets = await region.ask("events", "ListTargetsByRule", {"Rule": name, "EventBusName": "orders"})
    assert [target["Id"] for target in targets["Targets"]] == ["queue"]


async def test_a_deleted_stack_leaves_nothing(region: Region) -> None:
    await deployed(region, "CreateStack", TEMPLATE)
    await region.ask("cloudformation", "DeleteStack", {"StackName": "s"})
    async with asyncio.timeout(20):
        while len((await region.ask("events", "ListEventBuses"))["EventBuses"]) > 1:
            await region.here.world.clock.sleep(0.01)
    assert (await region.ask("events", "ListRules"))["Rules"] == []


async def test_a_step_that_is_repeated_finds_its_own_bus(region: Region) -> None:
    context, properties = Context(stack_name="s", stack_id="i", logical_id="Bus", suffix="X"), {"Name": "orders"}
    assert await EVENT_BUS.create(region.here, properties, context) == "orders"
    assert await EVENT_BUS.create(region.here, properties, context) == "orders"
    with pytest.raises(AwsError, match="orders already exists"):
        await EVENT_BUS.create(region.here, properties, replace(context, stack_id="another"))
