"""Which page is where: a method, an address, and the function that answers, a line each.

A part of an address in braces stands for one segment and is handed on by that name, decoded. A page is imported when it
is first asked for.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from importlib import import_module
from urllib.parse import unquote

from panregion.console.site import Asked, Site
from panregion.world import Response

PAGES = "panregion.console.pages"
TABLE: tuple[tuple[str, str, str], ...] = (
    ("GET", "/", "world:page"),
    ("GET", "/sites", "world:sites"),
    ("GET", "/gamedays", "gamedays:page"),
    ("GET", "/gamedays/{name}", "gamedays:day"),
    ("GET", "/gamedays/{name}/moments", "gamedays:moments"),
    ("GET", "/gamedays/{name}/{file}", "gamedays:file"),
    ("GET", "/data", "data:page"),
    ("GET", "/data/{table}", "data:table"),
    ("GET", "/data/{table}/item", "item:page"),
    ("GET", "/data/{table}/query", "query:page"),
    ("GET", "/conflicts", "conflicts:page"),
    ("GET", "/requests", "requests:page"),
    ("POST", "/requests", "requests:send"),
    ("GET", "/requests/{number}", "request:page"),
    ("GET", "/requests/sent/{number}", "request:sent"),
    ("POST", "/actions/{name}", "action:act"),
    ("GET", "/regions", "regions:page"),
    ("GET", "/regions/{region}", "region:page"),
    ("GET", "/regions/{region}/{tab}", "region:page"),
    ("GET", "/regions/{region}/functions/{name}", "function:page"),
    ("GET", "/regions/{region}/{tab}/{name}", "region:thing"),
    ("GET", "/regions/{region}/functions/{name}/log", "logs:lines"),
    ("GET", "/edge", "edge:page"),
    ("GET", "/zones/{id}", "edge:zone"),
    ("GET", "/names", "edge:ask"),
    ("GET", "/names/{name}", "edge:name"),
    ("GET", "/checks/{id}", "edge:check"),
    ("GET", "/distributions/{id}", "edge:distribution"),
    ("GET", "/accelerators/{id}", "edge:accelerator"),
)
"""(method, address, file and function)"""

Page = Callable[..., Awaitable[Response]]


async def answer(site: Site, asked: Asked) -> Response | None:
    """What the page at an address answers; None where there is none."""
    for method, pattern, place in TABLE:
        parts = matched(pattern, asked.path) if method == asked.method else None
        if parts is not None:
            return await _function(place)(site, asked, **parts)
    return None


def matched(pattern: str, path: str) -> dict[str, str] | None:
    """The parts of a path that a pattern has names for; None where it is another address."""
    wanted, given = pattern.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    parts = {}
    for name, part in zip(wanted, given, strict=True):
        if name.startswith("{") and part:
            parts[name.strip("{}")] = unquote(part)
        elif name != part:
            return None
    return parts


@cache
def _function(place: str) -> Page:
    module, _, name = place.partition(":")
    function: Page = getattr(import_module(f"{PAGES}.{module}"), name)
    return function
