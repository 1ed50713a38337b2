"""The plane of global endpoints: a name leads home while its health check is healthy, else to the secondary region.

Every region is followed, once the world has had an endpoint; what was heard is kept, so that names go on failing over
when their home region is lost. A health check that turns moves the name at once; resolvers keep an answer for its TTL.
"""

import asyncio
from typing import Any

from panregion.edge.endpoints.book import Book
from panregion.edge.plane import Surroundings
from panregion.edge.routes import Route
from panregion.edge.where import Asker
from panregion.services.events.endpoints import DOMAIN, FEED, MARKER, SERVED, Endpoint

LOOK_AGAIN_S = 1.0
SUFFIX = f"{DOMAIN}."


class EndpointPlane:
    """EventBridge's global endpoints at the edge."""

    def __init__(self) -> None:
        self._books: dict[str, Book] = {}
        self._edge: Surroundings | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, edge: Surroundings) -> None:
        self._edge = edge
        if (edge.settings.path / MARKER).exists():
            self._follow(edge)
        else:
            self._task = asyncio.create_task(self._begin(edge))

    async def _begin(self, edge: Surroundings) -> None:
        while not (edge.settings.path / MARKER).exists():
            await edge.world.clock.sleep(LOOK_AGAIN_S)
        self._follow(edge)

    def _follow(self, edge: Surroundings) -> None:
        for region in edge.settings.regions:
            book = self._books[region] = Book()
            edge.follow(FEED, book, region, name=f"events-{region}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _named(self, name: str) -> Endpoint | None:
        endpoint_id = name.removesuffix(SUFFIX)
        found = (book.endpoints.get(endpoint_id) for book in self._books.values())
        return next((each for each in found if each is not None and each.state in SERVED), None)

    def region_of(self, endpoint: Endpoint) -> str:
        """Where an endpoint's events are to go now."""
        assert self._edge is not None, "the plane was not started"
        healthy = self._edge.resolver.check_healthy(endpoint.health_check_id)
        return endpoint.home if healthy else endpoint.secondary

    def addresses(self, name: str, asker: Asker) -> list[str] | None:
        del asker  # the same for everybody
        if not name.endswith(SUFFIX) or self._edge is None:
            return None
        endpoint = self._named(name)
        return [] if endpoint is None else [self._edge.settings.address(self.region_of(endpoint))]

    def route(self, address: str, port: int, from_site: str) -> Route | None:
        del address, port, from_site  # its addresses are regions'
        return None

    def target_health(self, name: str) -> bool | None:
        del name  # no alias leads to an endpoint
        return None

    def health(self) -> dict[str, Any]:
        known = [each for book in self._books.values() for each in book.endpoints.values()]
        rows = [
            {"id": each.id, "name": each.name, "state": each.state, "region": self.region_of(each)} for each in known
        ]
        return {"endpoints": rows}
