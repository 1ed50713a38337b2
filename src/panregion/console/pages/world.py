"""The world: where everything is and how it is."""

from panregion.console.site import Asked, Site
from panregion.world import Response


async def page(site: Site, _asked: Asked) -> Response:
    """The map, and the same as tables."""
    return site.page("world", title="World", status_now=await site.control.status())
