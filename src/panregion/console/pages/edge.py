"""What all regions share: hosted zones, names as every city sees them, health checks, distributions, accelerators."""

from typing import Any

from panregion.console.kinds import checks, fronts, names, zones
from panregion.console.kinds.section import beside
from panregion.console.site import Asked, Site
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
    return _shown(site, "Edge", found, trail=[])


async def zone(site: Site, _asked: Asked, id: str) -> Response:
    """A hosted zone with its records."""
    name, found = await zones.one(site, id)
    return _shown(site, name, found)


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
    return _shown(site, f"Distribution {id}", await fronts.distribution(site, id))


async def accelerator(site: Site, _asked: Asked, id: str) -> Response:
    """An accelerator with its endpoints."""
    title, found = await fronts.accelerator(site, id)
    return _shown(site, title, found)


def _shown(site: Site, title: str, found: list[Any], **values: Any) -> Response:
    return site.page(
        "things", **{"title": title, "section": "Edge", "trail": TRAIL, "tabs": [], "found": found, **values}
    )
