"""One function: its figures, what sets it going, and its log as it is written."""

import asyncio

from panregion.console.kinds import functions, logs
from panregion.console.pages import region as region_page
from panregion.console.site import Asked, Site
from panregion.world import Response

TAB = "functions"


async def page(site: Site, asked: Asked, region: str, name: str) -> Response | None:
    """The page of a function; ?pattern= is a filter pattern for its log."""
    status = await region_page.status_of(site, region)
    if status is None:
        return None
    if status["status"] != "running":
        return region_page.shown_down(site, status, TAB, title=name)
    function = await site.aws.ask(region, "lambda", "get_function_configuration", FunctionName=name)
    group, pattern = functions.group_of(function), asked.query.get("pattern", "").strip()
    found, log = await asyncio.gather(
        functions.one(site, region, function, status), logs.tail(site, region, name, group, pattern)
    )
    trail = region_page.trail_to(region, TAB)
    return region_page.shown(site, region, TAB, "function", title=name, found=found, trail=trail, log=log)
