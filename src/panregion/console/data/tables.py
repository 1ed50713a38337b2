"""The tables of a world: which regions hold each, and how far their replication is."""

import asyncio
from typing import Any

from panregion.console.aws import Away, Refused
from panregion.console.site import Site


async def tables(site: Site) -> list[dict[str, Any]]:
    """By name: {name, regions: {region: description, as DescribeTable has it}, lag: [...]}, of regions that answer."""
    status = await site.control.status()
    found: dict[str, dict[str, Any]] = {}
    regions = [region["region"] for region in status["regions"] if region["status"] == "running"]
    for region, described in zip(regions, await asyncio.gather(*(_of(site, each) for each in regions)), strict=True):
        for table in described:
            found.setdefault(table["TableName"], {})[region] = table
    return [
        {"name": name, "regions": found[name], "lag": lag(status, name), **_kind(found[name])} for name in sorted(found)
    ]


async def _of(site: Site, region: str) -> list[dict[str, Any]]:
    """A region's tables; of one that went away meanwhile none."""
    try:
        names = await site.aws.all(region, "dynamodb", "list_tables", "TableNames")
        return [table for table in await asyncio.gather(*(_one(site, region, name) for name in names)) if table]
    except Away:
        return []


async def _one(site: Site, region: str, name: str) -> dict[str, Any] | None:
    """None where it was deleted meanwhile."""
    try:
        table: dict[str, Any] = (await site.aws.ask(region, "dynamodb", "describe_table", TableName=name))["Table"]
    except Refused:
        return None
    return table


def _kind(described: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """How it is replicated, and its stream, as any of its regions tells."""
    some = next(iter(described.values()))
    replicas = [each["RegionName"] for each in some.get("Replicas", [])]
    strong = some.get("MultiRegionConsistency") == "STRONG"
    kind = ("strong" if strong else "eventual") if replicas else None
    return {"replication": kind, "stream": some.get("StreamSpecification", {}).get("StreamViewType")}


def lag(status: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """Each replica of a table that a region keeps: {region, peer, state, lag_ms, backlog}. Pure."""
    return [
        {"region": region["region"], "peer": peer, **_replica(following, figures)}
        for region in status["regions"]
        for peer, following in region.get("replication", {}).items()
        for feed, figures in following["feeds"].items()
        if region["replicated_tables"].get(feed) == table
    ]


def _replica(following: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    if figures["refused"]:
        state = f"refused: {figures['refused']}"
    elif figures["copying"] or figures["paused"]:
        state = "copying" if figures["copying"] else "paused"
    elif following["state"] != "following":
        return {"state": "cut", "why": following["reason"], "lag_ms": None, "backlog": None}
    else:
        state = "behind" if figures["backlog"] else "following"
    return {"state": state, "why": "", "lag_ms": figures["lag"]["last_ms"], "backlog": figures["backlog"]}
