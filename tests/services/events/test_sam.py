"""What a function's events of EventBridge and Scheduler become when a SAM template is deployed."""

import asyncio
import json
from pathlib import Path
from typing import Any

from panregion.region import Region

Json = dict[str, Any]

TEMPLATE = (Path(__file__).parent / "sam.yaml").read_text()


async def deployed(region: Region) -> dict[str, str]:
    """Physical ids by logical ones."""
    capabilities = ["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM"]
    given = {"StackName": "s", "TemplateBody": TEMPLATE, "Capabilities": capabilities}
    await region.ask("cloudformation", "CreateStack", given)
    async with asyncio.timeout(60):
        while True:
            (stack,) = (await region.ask("cloudformation", "DescribeStacks", {"StackName": "s"}))["Stacks"]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                break
            await region.here.world.clock.sleep(0.02)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    resources = await region.ask("cloudformation", "DescribeStackResources", {"StackName": "s"})
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources["StackResources"]}


async def rule(region: Region, name: str, bus: str = "default") -> tuple[Json, Json]:
    """A rule and its only target."""
    named = {"Name": name, "EventBusName": bus}
    found = await region.ask("events", "DescribeRule", named)
    targets = await region.ask("events", "ListTargetsByRule", {"Rule": name, "EventBusName": bus})
    (target,) = targets["Targets"]
    return found, target


async def test_every_kind_of_event_of_a_function(region: Region) -> None:
    made = await deployed(region)
    function = (await region.ask("lambda", "GetFunction", {"FunctionName": made["F"]}))["Configuration"]["FunctionArn"]
    letters = "arn:aws:sqs:us-east-1:000000000000:"
    dead = letters + made["Dead"].rpartition("/")[2]

    ticking, target = await rule(region, "ticking")
    assert (ticking["ScheduleExpression"], ticking["State"], ticking["Description"]) == (
        "rate(1 day)",
        "DISABLED",
        "tick",
    )
    assert (target["Arn"], target["Input"]) == (function, '{"tick": true}')
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 5, "MaximumEventAgeInSeconds": 900}
    assert target["DeadLetterConfig"] == {"Arn": letters + made["TickingLetters"].rpartition("/")[2]}
    plain, _ = await rule(region, made["FPlain"])
    assert (plain["ScheduleExpression"], plain["State"]) == ("cron(0 12 * * ? *)", "ENABLED")

    paid, target = await rule(region, "paid", "orders")
    assert json.loads(paid["EventPattern"]) == {"source": ["app"], "detail-type": ["paid"]}
    assert (paid["State"], target["Id"], target["InputPath"]) == ("DISABLED", "function", "$.detail")
    assert (target["RetryPolicy"], target["DeadLetterConfig"]) == ({"MaximumRetryAttempts": 3}, {"Arn": dead})
    _, target = await rule(region, made["FShaped"])
    assert target["InputTransformer"]["InputTemplate"] == '{"who": <who>}'
    seen, target = await rule(region, made["FSeen"])
    assert (seen["State"], target["Input"]) == ("DISABLED", '{"seen": true}')

    planned = await region.ask("scheduler", "GetSchedule", {"Name": "planned", "GroupName": "g"})
    assert {name: planned[name] for name in ("ScheduleExpressionTimezone", "State", "Description")} == {
        "ScheduleExpressionTimezone": "Europe/Berlin",
        "State": "DISABLED",
        "Description": "plan",
    }
    assert planned["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10}
    target = planned["Target"]
    assert (target["Arn"], target["Input"]) == (function, '{"plan": true}')
    assert (target["RetryPolicy"], target["DeadLetterConfig"]) == ({"MaximumRetryAttempts": 4}, {"Arn": dead})
    assert target["RoleArn"].startswith("arn:aws:iam::000000000000:role/")
    later = await region.ask("scheduler", "GetSchedule", {"Name": made["FLater"]})
    assert later["ScheduleExpression"] == "rate(1 day)"
    policy = json.loads((await region.ask("lambda", "GetPolicy", {"FunctionName": made["F"]}))["Policy"])
    sources = {statement["Principal"]["Service"] for statement in policy["Statement"]}
    assert sources == {"events.amazonaws.com"}

    # The schedule that began at once, and a rule with a transformer, run the function for real.
    entry = {"Source": "app", "DetailType": "t", "Detail": '{"who": "ada"}'}
    await region.ask("events", "PutEvents", {"Entries": [entry]})
    wanted, said = {'{"who": "ada"}', '"source": "aws.scheduler"'}, ""
    async with asyncio.timeout(60):
        while not all(text in said for text in wanted):
            await region.here.world.clock.sleep(0.05)
            said = await printed(region, made["F"])


async def printed(region: Region, name: str) -> str:
    """What the function has printed; nothing before its first call."""
    groups = await region.ask("logs", "DescribeLogGroups", {"logGroupNamePrefix": f"/aws/lambda/{name}"})
    if not groups["logGroups"]:
        return ""
    found = await region.ask("logs", "FilterLogEvents", {"logGroupName": f"/aws/lambda/{name}"})
    return "".join(event["message"] for event in found["events"])
