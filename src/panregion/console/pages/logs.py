"""The lines that a function has written since, for the page that shows its log."""

from panregion.console.aws import Away
from panregion.console.kinds import logs
from panregion.console.kinds.functions import PREFIX
from panregion.console.site import Asked, Site, as_json
from panregion.world import Response


async def lines(site: Site, asked: Asked, region: str, name: str) -> Response | None:
    """Those after a moment (?after=, unix milliseconds) that fit a filter pattern."""
    if region not in site.settings.regions:
        return None
    after, query = asked.query.get("after", ""), asked.query
    group, pattern = query.get("group", PREFIX + name), query.get("pattern", "")
    from_ms = int(after) if after.isdigit() else int(site.world.clock.now() * 1000) - logs.LATE_MS
    try:
        return as_json(await logs.since(site, region, group, pattern, from_ms))
    except Away as error:
        return as_json({"lines": [], "after": from_ms, "problem": str(error)})
