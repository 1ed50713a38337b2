"""What all regions share: hosted zones, names as every city sees them, health checks, distributions, accelerators."""

from collections.abc import Awaitable
from typing import Any

from panregion.console.aws import Away
from panregion.console.kinds import checks, fronts, names, zones
from panregion.console.kinds.regions import facts
from panregion.console.kinds.section import Part, Section, beside
from panregion.console.site import Asked, Site, address, redirect
from panregion.world import Response

TRAIL = [("Edge", "/edge")]
NAMES_EVERY_MS = 10_000
"""A page of answers asks for one of every city."""


async def page(site: Site, _asked: Asked) -> Response:
    """The lists."""
    found = await beside(
        (zones.zones_section(), zones.zones(site)),
        (checks.checks_section(), checks.checks(site)),
        (fronts.distributions_section(), fronts.distributions(site)),
        (fronts.accelerators_section(), fronts.accelerators(site)),
    )
    return _shown(site, "Edge", found, "edge", trail=[])


async def zone(site: Site, _asked: Asked, id: str) -> Response:
    """A hosted zone with its records."""
    return await _of_home(site, zones.HOME, f"Zone {id}", zones.one(site, id))


async def ask(_site: Site, asked: Asked) -> Response:
    """The form's name has a page of its own."""
    name = asked.query.get("name", "").strip()
    return redirect(address("names", name, type=asked.query.get("type")) if name else "/edge")


async def name(site: Site, asked: Asked, name: str) -> Response:
    """What a name is answered with: ?type= (A), and ?city= to see how its answer came about."""
    kind, city = asked.query.get("type", "A").strip().upper(), asked.query.get("city", "").strip()
    found = await names.one(site, name, kind, city)
    return _shown(site, f"{name} {kind}", found, every_ms=NAMES_EVERY_MS)


async def check(site: Site, _asked: Asked, id: str) -> Response:
    """A health check with its checkers."""
    return _shown(site, f"Health check {id[:8]}", await checks.one(site, id))


async def distribution(site: Site, _asked: Asked, id: str) -> Response:
    """A distribution of CloudFront."""
    return await _of_home(site, fronts.CLOUDFRONT, f"Distribution {id}", fronts.distribution(site, id))


async def accelerator(site: Site, _asked: Asked, id: str) -> Response:
    """An accelerator with its endpoints."""
    return await _of_home(site, fronts.ACCELERATOR, f"Accelerator {id}", fronts.accelerator(site, id))


async def _of_home(site: Site, preferred: str, title: str, asking: Awaitable[tuple[str, list[Part]]]) -> Response:
    """What a global service's control plane tells; where its home is down, that, and the way back."""
    try:
        title, found = await asking
    except Away as error:
        home = site.settings.home(preferred)
        text = f"{error}. What was set up goes on at the edge; it can be seen and changed again when {home} answers."
        regions = (await site.control.status())["regions"]
        status = next(region for region in regions if region["region"] == home)
        found = [facts(status), Section("Its home is away", f"panregion restore {home}", (), problem=text)]
    return _shown(site, title, found)


def _shown(site: Site, title: str, found: list[Any], template: str = "things", **values: Any) -> Response:
    given = {"title": title, "section": "Edge", "trail": TRAIL, "tabs": [], "found": found, **values}
    return site.page(template, **given)
