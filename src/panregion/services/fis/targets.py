"""Which resources a target stands for: by ARN, or by tag among those that the region has; all of them or some."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from panregion.services.fis import catalogue
from panregion.services.fis.model import Experiment, Target
from panregion.services.here import Here

Tagged = list[tuple[str, dict[str, str]]]
"""ARN and tags of each resource."""


class NotThere(Exception):
    """A resource that a target names does not exist; the text names it."""


async def resolve(here: Here, experiment: Experiment) -> dict[str, tuple[str, ...]]:
    """Target -> the ARNs that it stands for. Raises NotThere."""
    return {name: await _resolve(here, target) for name, target in experiment.template.targets.items()}


async def _resolve(here: Here, target: Target) -> tuple[str, ...]:
    look = LOOKS.get(target.resource_type)
    if look is None:  # a kind that this world does not have: there is nothing to find, or to miss
        found = list(target.arns)
    else:
        known = dict(await look(here))
        for arn in target.arns:
            if arn not in known:
                raise NotThere(f"{arn} does not exist, or is no {target.resource_type}")
        wanted = target.tags.items()
        found = list(target.arns) or sorted(arn for arn, tags in known.items() if wanted <= tags.items())
    return tuple(_selected(here, found, target.selection_mode))


def _selected(here: Here, found: list[str], mode: str) -> list[str]:
    """`mode`: ALL, COUNT(n) or PERCENT(n), at random, rounded down."""
    number = re.search(r"\d+", mode)
    if number is None:
        return found
    count = int(number[0]) if mode.startswith("COUNT") else len(found) * int(number[0]) // 100
    left = list(found)
    return [left.pop(here.world.chance.randrange(len(left))) for _ in range(min(count, len(found)))]


async def _functions(here: Here) -> Tagged:
    found = await _pages(here, "lambda", "ListFunctions", "Functions", "Marker", "NextMarker")
    arns = [function["FunctionArn"] for function in found]
    return [(arn, (await here.request("lambda", "ListTags", {"Resource": arn}))["Tags"]) for arn in arns]


async def _roles(here: Here) -> Tagged:
    roles = await _pages(here, "iam", "ListRoles", "Roles", "Marker", "Marker")
    tagged = []
    for role in roles:
        tags = (await here.request("iam", "ListRoleTags", {"RoleName": role["RoleName"]}))["Tags"]
        tagged.append((role["Arn"], _pairs(tags)))
    return tagged


async def _tables(here: Here) -> Tagged:
    """Global tables only."""
    names = await _pages(
        here, "dynamodb", "ListTables", "TableNames", "ExclusiveStartTableName", "LastEvaluatedTableName"
    )
    tagged = []
    for name in names:
        table = (await here.request("dynamodb", "DescribeTable", {"TableName": name}))["Table"]
        if table.get("Replicas"):
            tags = await here.request("dynamodb", "ListTagsOfResource", {"ResourceArn": table["TableArn"]})
            tagged.append((table["TableArn"], _pairs(tags["Tags"])))
    return tagged


async def _subnets(here: Here) -> Tagged:
    subnets = (await here.request("ec2", "DescribeSubnets", {}))["Subnets"]
    return [(here.arn("ec2", f"subnet/{each['SubnetId']}"), _pairs(each.get("Tags", []))) for each in subnets]


def _pairs(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


async def _pages(here: Here, service: str, operation: str, member: str, ask: str, told: str) -> list[Any]:
    found: list[Any] = []
    marker: dict[str, Any] = {}
    while True:
        answer = await here.request(service, operation, marker)
        found += answer[member]
        if not answer.get(told):
            return found
        marker = {ask: answer[told]}


LOOKS: dict[str, Callable[[Here], Awaitable[Tagged]]] = {
    catalogue.FUNCTION: _functions,
    catalogue.ROLE: _roles,
    catalogue.SUBNET: _subnets,
    catalogue.TABLE: _tables,
}
