"""One region: its parts as tabs, and the things in them, each with a page of its own.

Only the services that a part is about are asked, and only when somebody looks: a service that nobody uses stays asleep.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from panregion.console.kinds import regions
from panregion.console.kinds.section import Part, Section, aws, beside
from panregion.console.site import Asked, Site, address
from panregion.world import Response

Json = dict[str, Any]
KINDS = "panregion.console.kinds"


@dataclass(frozen=True)
class Tab:
    """A part of a region's pages: kinds/<place>.py has `of_region(site, region, status)`, and `one(site, region, name,
    status)` where its things have pages."""

    title: str
    place: str
    command: tuple[str, str]
    """What shows it on AWS: service and operation."""

    def function(self, name: str) -> Callable[..., Awaitable[list[Part]]] | None:
        return getattr(import_module(f"{KINDS}.{self.place}"), name, None)


TABS = {
    "stacks": Tab("Stacks", "stacks", ("cloudformation", "describe-stacks")),
    "functions": Tab("Functions", "functions", ("lambda", "list-functions")),
    "apis": Tab("APIs", "apis", ("apigatewayv2", "get-apis")),
    "queues": Tab("Queues and topics", "queues", ("sqs", "list-queues")),
    "events": Tab("Rules and schedules", "events", ("events", "list-rules")),
    "balancers": Tab("Load balancers", "balancers", ("elbv2", "describe-load-balancers")),
    "work": Tab("Own work", "work", ("", "")),
}
"""By the last part of their address, /regions/<region>/<tab>."""
FIRST = "stacks"


async def page(site: Site, _asked: Asked, region: str, tab: str = FIRST) -> Response | None:
    """A part of a region; None where there is no such region or part."""
    status = await status_of(site, region)
    if status is None or tab not in TABS:
        return None
    found: list[Any] = [regions.facts(status)]
    if status["status"] == "running":
        of_region = TABS[tab].function("of_region")
        assert of_region is not None
        found += await beside((_place(tab, region), of_region(site, region, status)))
    else:
        found.append(_down(status))
    return shown(site, region, tab, title=region, found=found)


async def thing(site: Site, _asked: Asked, region: str, tab: str, name: str) -> Response | None:
    """One thing of a part."""
    status = await status_of(site, region)
    one = TABS[tab].function("one") if tab in TABS else None
    if status is None or one is None:
        return None
    if status["status"] != "running":
        return shown_down(site, status, tab, title=name)
    found = await one(site, region, name, status)
    return shown(site, region, tab, title=name, found=found, trail=trail_to(region, tab))


async def status_of(site: Site, region: str) -> Json | None:
    """How control sees the region; None where the world has none of that name."""
    entries = (await site.control.status())["regions"]
    return next((entry for entry in entries if entry["region"] == region), None)


def _place(tab: str, region: str) -> Section:
    """What stands where a part would, if it cannot be told."""
    service, operation = TABS[tab].command
    command = aws(service, operation, region) if service else f"panregion work {region}"
    return Section(TABS[tab].title, command, ())


def _down(status: Json) -> Section:
    """Instead of what a region holds, of one that answers nobody."""
    why = regions.DOWN.get(status["status"], f"It is {status['status']}.")
    reason = f" {status['reason']}" if status.get("reason") else ""
    again = "thaw" if status["status"] == "frozen" else "restore"
    text = f"{why}{reason} What it holds can be seen again when it answers."
    return Section("Nobody answers here", f"panregion {again} {status['region']}", (), problem=text)


def shown(site: Site, region: str, tab: str, template: str = "things", **values: Any) -> Response:
    """A page below a region, with the region's parts as tabs."""
    tabs = [(each.title, address("regions", region, name), name == tab) for name, each in TABS.items()]
    values.setdefault("trail", [("Regions", "/regions")])
    return site.page(template, section="Regions", tabs=tabs, tabs_of=region, region=region, **values)


def shown_down(site: Site, status: Json, tab: str, title: str) -> Response:
    """Instead of a thing, where its region answers nobody."""
    region = status["region"]
    found = [regions.facts(status), _down(status)]
    return shown(site, region, tab, title=title, found=found, trail=trail_to(region, tab))


def trail_to(region: str, tab: str) -> list[tuple[str, str]]:
    """Where a thing of a region's part is: links from the outside in."""
    return [
        ("Regions", "/regions"),
        (region, address("regions", region)),
        (TABS[tab].title, address("regions", region, tab)),
    ]
