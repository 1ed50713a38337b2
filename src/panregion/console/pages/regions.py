"""All regions: how each is, and what it holds."""

import asyncio
from typing import Any

from panregion.console import words
from panregion.console.aws import Away, Refused
from panregion.console.kinds.regions import acts, mark
from panregion.console.kinds.section import Cell, Section, number
from panregion.console.site import Asked, Site
from panregion.world import Response

COLUMNS = (
    *("Region", "State", number("Up for"), number("Memory"), "Stacks", number("Work")),
    *(number("Dead letters"), "Endpoint", "Act"),
)


async def page(site: Site, _asked: Asked) -> Response:
    """The list."""
    regions = (await site.control.status())["regions"]
    names = await asyncio.gather(*(_stacks(site, region) for region in regions))
    rows = [_row(region, stacks) for region, stacks in zip(regions, names, strict=True)]
    found = [Section("Regions", "panregion status", COLUMNS, rows)]
    return site.page("things", title="Regions", trail=[], tabs=[], found=found)


async def _stacks(site: Site, region: dict[str, Any]) -> list[str] | None:
    """The names of a region's stacks; None where it does not answer."""
    if region["status"] != "running":
        return None
    try:
        stacks = await site.aws.all(region["region"], "cloudformation", "describe_stacks", "Stacks")
    except (Away, Refused):
        return None
    return [stack["StackName"] for stack in stacks]


def _row(region: dict[str, Any], stacks: list[str] | None) -> list[str | Cell]:
    name = region["region"]
    memory_mb, dead = region.get("memory_mb"), region.get("dead_letters")
    return [
        Cell.link(name, "regions", name),
        mark(region),
        words.seconds(region.get("uptime_s")),
        words.size(None if memory_mb is None else memory_mb * 1e6),
        words.NONE if stacks is None else ", ".join(stacks) or "none",
        words.count(region.get("work")),
        Cell(words.count(dead), state="failed" if dead else None),
        Cell(region["endpoint"], mono=True),
        Cell("", acts=acts(region)),
    ]
