"""Schedules and groups as CloudFormation makes, changes and deletes them."""

import asyncio
import json
from typing import Any

from panregion.region import Region
from tests.services.events.test_stack import deployed
from tests.services.scheduler.conftest import ROLE

Json = dict[str, Any]

TEMPLATE: Json = {
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Tags": [{"Key": "a", "Value": "b"}]}},
        "Schedule": {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "GroupName": {"Ref": "Group"},
                "ScheduleExpression": "rate(1 day)",
                "StartDate": "2190-01-01T00:00:00Z",
                "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": "5"},
                "Target": {
                    "Arn": {"Fn::GetAtt": ["Queue", "Arn"]},
                    "RoleArn": ROLE,
                    "Input": "x",
                    "RetryPolicy": {"MaximumRetryAttempts": "3"},
                },
            },
        },
    },
    "Outputs": {
        "Group": {"Value": {"Ref": "Group"}},
        "GroupArn": {"Value": {"Fn::GetAtt": ["Group", "Arn"]}},
        "Name": {"Value": {"Ref": "Schedule"}},
        "Arn": {"Value": {"Fn::GetAtt": ["Schedule", "Arn"]}},
    },
}


async def test_a_stack_of_schedules(region: Region) -> None:
    outputs = await deployed(region, "CreateStack", TEMPLATE)
    named = {"Name": outputs["Name"], "GroupName": outputs["Group"]}
    found = await region.ask("scheduler", "GetSchedule", named)
    assert (found["Arn"], found["StartDate"]) == (outputs["Arn"], 6942585600.0)
    assert found["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}
    assert found["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 3}
    tags = (await region.ask("scheduler", "ListTagsForResource", {"ResourceArn": outputs["GroupArn"]}))["Tags"]
    assert {"Key": "a", "Value": "b"} in tags

    changed = json.loads(json.dumps(TEMPLATE))
    changed["Resources"]["Schedule"]["Properties"] |= {"State": "DISABLED", "ScheduleExpression": "rate(2 days)"}
    del changed["Resources"]["Group"]["Properties"]["Tags"]
    assert await deployed(region, "UpdateStack", changed) == outputs
    found = await region.ask("scheduler", "GetSchedule", named)
    assert (found["State"], found["ScheduleExpression"]) == ("DISABLED", "rate(2 days)")
    tags = (await region.ask("scheduler", "ListTagsForResource", {"ResourceArn": outputs["GroupArn"]}))["Tags"]
    assert {"Key": "a", "Value": "b"} not in tags

    await region.ask("cloudformation", "DeleteStack", {"StackName": "s"})
    async with asyncio.timeout(20):
        while len((await region.ask("scheduler", "ListScheduleGroups"))["ScheduleGroups"]) > 1:
            await region.here.world.clock.sleep(0.01)
    assert (await region.ask("scheduler", "ListSchedules"))["Schedules"] == []
