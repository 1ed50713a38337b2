"""Load balancers of a region: what they listen for, and how their targets are."""

import asyncio
from typing import Any

from panregion.console import words
from panregion.console.kinds.queues import target
from panregion.console.kinds.section import Cell, Section, aws, beside, last
from panregion.console.site import Site

Json = dict[str, Any]
BALANCER_COLUMNS = ("Load balancer", "State", "Kind", "Listens for", "Name")
TARGET_COLUMNS = ("Target", "Health", "Reason", "Target group", "Load balancers")
HEALTH = {"healthy": "healthy", "unhealthy": "unhealthy", "initial": "starting", "draining": "behind"}


async def of_region(site: Site, region: str, _status: Json) -> list[Any]:
    """Load balancers, and the targets of all groups."""
    return await beside((balancers(region), _balancers(site, region)), (targets(region), _targets(site, region)))


def balancers(region: str, rows: Any = ()) -> Section:
    command = aws("elbv2", "describe-load-balancers", region)
    empty, suggest = "No load balancer is here.", "panregion deploy template.yaml"
    return Section("Load balancers", command, BALANCER_COLUMNS, rows, empty, suggest)


def targets(region: str, rows: Any = ()) -> Section:
    command = aws("elbv2", "describe-target-health", region, target_group_arn="ARN")
    return Section("Targets", command, TARGET_COLUMNS, rows, "No target is registered.")


async def _balancers(site: Site, region: str) -> Section:
    found = await site.aws.all(region, "elbv2", "describe_load_balancers", "LoadBalancers")
    listeners = await asyncio.gather(
        *(
            site.aws.all(region, "elbv2", "describe_listeners", "Listeners", LoadBalancerArn=each["LoadBalancerArn"])
            for each in found
        )
    )
    return balancers(region, [_balancer(*each) for each in zip(found, listeners, strict=True)])


def _balancer(balancer: Json, listeners: list[Json]) -> list[str | Cell]:
    state = balancer.get("State", {})
    heard = [f"{each.get('Protocol', '')} {each.get('Port', '')}".strip() for each in listeners]
    return [
        balancer["LoadBalancerName"],
        Cell(state.get("Code", ""), state="healthy" if state.get("Code") == "active" else "behind"),
        f"{balancer['Type']}, {balancer.get('Scheme', '')}",
        ", ".join(heard) or "nothing",
        Cell(balancer.get("DNSName", words.NONE), mono=True),
    ]


async def _targets(site: Site, region: str) -> Section:
    groups = await site.aws.all(region, "elbv2", "describe_target_groups", "TargetGroups")
    answers = await asyncio.gather(
        *(
            site.aws.ask(region, "elbv2", "describe_target_health", TargetGroupArn=group["TargetGroupArn"])
            for group in groups
        )
    )
    rows = [
        row_of(region, group, each)
        for group, answer in zip(groups, answers, strict=True)
        for each in answer["TargetHealthDescriptions"]
    ]
    return targets(region, rows)


def row_of(region: str, group: Json, described: Json) -> list[str | Cell]:
    """A target of a group, and how it is."""
    name, port, health = described["Target"]["Id"], described["Target"].get("Port"), described["TargetHealth"]
    shown = target(region, name) if name.startswith("arn:") else Cell(f"{name}:{port}" if port else name, mono=True)
    names = [arn.split("/")[-2] if arn.count("/") > 1 else last(arn) for arn in group.get("LoadBalancerArns", [])]
    return [
        shown,
        Cell(health["State"], state=HEALTH.get(health["State"], "unknown")),
        health.get("Description", health.get("Reason", "")),
        group["TargetGroupName"],
        ", ".join(names) or "none",
    ]
