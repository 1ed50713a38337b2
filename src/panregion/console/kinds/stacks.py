"""CloudFormation's stacks: what they made, and how that went."""

import asyncio
from typing import Any

from panregion.console import words
from panregion.console.kinds.section import Cell, Facts, Section, aws
from panregion.console.site import Site

Json = dict[str, Any]
EVENTS_MAX = 200


def listed(region: str, stacks: list[Json] | None = None) -> Section:
    """A region's stacks; without an answer yet, what stands where the list would."""
    rows = [
        [
            Cell.link(stack["StackName"], "regions", region, "stacks", stack["StackName"]),
            Cell(stack["StackStatus"], state=mark(stack["StackStatus"]), note=stack.get("StackStatusReason", "")),
            words.date((stack.get("LastUpdatedTime") or stack["CreationTime"]).timestamp()),
            stack.get("Description", ""),
        ]
        for stack in stacks or []
    ]
    return Section(
        "Stacks",
        aws("cloudformation", "describe-stacks", region),
        ("Stack", "Status", "Changed (UTC)", "Description"),
        rows,
        "No stack is here.",
        "panregion deploy template.yaml",
    )


def mark(status: str) -> str:
    """The form that a status has: failed, under way, or well."""
    if "FAILED" in status or "ROLLBACK" in status:
        return "failed"
    return "behind" if status.endswith("_IN_PROGRESS") else "healthy"


async def of_region(site: Site, region: str, _status: Json) -> Section:
    """The list of them."""
    return listed(region, await site.aws.all(region, "cloudformation", "describe_stacks", "Stacks"))


async def one(site: Site, region: str, name: str, _status: Json) -> list[Facts | Section]:
    """A stack with its outputs, resources and events. Raises Refused where there is none."""
    ask = site.aws.all
    stacks, resources, events = await asyncio.gather(
        ask(region, "cloudformation", "describe_stacks", "Stacks", StackName=name),
        ask(region, "cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=name),
        ask(region, "cloudformation", "describe_stack_events", "StackEvents", StackName=name, most=EVENTS_MAX),
    )
    stack = stacks[0]
    return [
        _facts(region, stack),
        _outputs(region, stack),
        resources_of(region, stack["StackName"], resources),
        events_of(region, stack["StackName"], events),
    ]


def _facts(region: str, stack: Json) -> Facts:
    name, status = stack["StackName"], stack["StackStatus"]
    updated = stack.get("LastUpdatedTime")
    facts: list[tuple[str, str | Cell]] = [
        ("Status", Cell(status, state=mark(status), note=stack.get("StackStatusReason", ""))),
        ("Made (UTC)", words.date(stack["CreationTime"].timestamp())),
        ("Updated (UTC)", words.date(updated.timestamp() if updated else None)),
        ("Id", Cell(stack["StackId"], mono=True)),
    ]
    facts += [
        (f"Parameter {each['ParameterKey']}", each.get("ParameterValue", "")) for each in stack.get("Parameters", [])
    ]
    if stack.get("Description"):
        facts.append(("Description", stack["Description"]))
    return Facts("Stack", aws("cloudformation", "describe-stacks", region, stack_name=name), facts)


def _outputs(region: str, stack: Json) -> Section:
    command = aws(
        "cloudformation", "describe-stacks", region, stack_name=stack["StackName"], query="Stacks[].Outputs[]"
    )
    rows = [
        [each["OutputKey"], Cell(each["OutputValue"], mono=True), each.get("Description", "")]
        for each in stack.get("Outputs", [])
    ]
    return Section("Outputs", command, ("Output", "Value", "Description"), rows, "The template gives none.")


WHERE: dict[str, tuple[str, ...]] = {
    "AWS::Lambda::Function": ("functions",),
    "AWS::SQS::Queue": ("queues",),
    "AWS::ApiGateway::RestApi": ("apis",),
    "AWS::ApiGatewayV2::Api": ("apis",),
    "AWS::Events::Rule": ("events",),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("balancers",),
}
"""The part of a region's pages that shows a type of resource."""
GLOBAL = {
    "AWS::Route53::HostedZone": "zones",
    "AWS::Route53::HealthCheck": "checks",
    "AWS::CloudFront::Distribution": "distributions",
}
TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
NAMED_BY_ID = ("AWS::Lambda::Function", "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")


def resources_of(region: str, name: str, resources: list[Json]) -> Section:
    """What a stack made; what the console has a page for leads there."""
    rows = [
        [
            each["LogicalResourceId"],
            each["ResourceType"],
            _physical(region, each["ResourceType"], each.get("PhysicalResourceId", "")),
            Cell(
                each["ResourceStatus"],
                state=mark(each["ResourceStatus"]),
                note=each.get("ResourceStatusReason", ""),
            ),
        ]
        for each in resources
    ]
    command = aws("cloudformation", "list-stack-resources", region, stack_name=name)
    return Section("Resources", command, ("Resource", "Type", "Made as", "Status"), rows, "It has no resources.")


def _physical(region: str, type: str, id: str) -> Cell:
    if not id:
        return Cell(words.NONE)
    if type in NAMED_BY_ID:
        return Cell.link(id, "regions", region, WHERE[type][0], id)
    if type == "AWS::SQS::Queue":
        return Cell.link(id.rpartition("/")[2], "regions", region, "queues", id.rpartition("/")[2])
    if type == "AWS::CloudFormation::Stack":
        return Cell.link(id, "regions", region, "stacks", id)
    if type in WHERE:
        return Cell.link(id, "regions", region, *WHERE[type])
    if type in GLOBAL:
        return Cell.link(id, GLOBAL[type], id)
    return Cell.link(id, "data", id) if type in TABLES else Cell(id, mono=True)


def events_of(region: str, name: str, events: list[Json]) -> Section:
    """What happened to a stack, the latest first."""
    rows = [
        [
            words.date(each["Timestamp"].timestamp()),
            each["LogicalResourceId"],
            each["ResourceType"],
            Cell(each["ResourceStatus"], state=mark(each["ResourceStatus"])),
            each.get("ResourceStatusReason", ""),
        ]
        for each in events
    ]
    columns = ("When (UTC)", "Resource", "Type", "Status", "Reason")
    note = f"The last {EVENTS_MAX}; the command has them all." if len(events) >= EVENTS_MAX else ""
    command = aws("cloudformation", "describe-stack-events", region, stack_name=name)
    return Section("Events", command, columns, rows, "Nothing has happened to it.", note=note)
