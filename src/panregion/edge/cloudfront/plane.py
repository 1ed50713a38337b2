"""CloudFront's data plane: its points of presence, each on an address of its own, and the names that lead to them."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any

from panregion.edge.cloudfront.book import Book
from panregion.edge.cloudfront.cache import Cache
from panregion.edge.cloudfront.certificates import Certificates
from panregion.edge.cloudfront.explaining import explain
from panregion.edge.cloudfront.messages import REQUEST_BYTES_MAX
from panregion.edge.cloudfront.origins import Origins
from panregion.edge.cloudfront.pops import Pop, nearest, points_of_presence, pop_at
from panregion.edge.cloudfront.shared import Shared
from panregion.edge.cloudfront.viewers import Connection
from panregion.edge.names import GLOBAL_HOME
from panregion.edge.plane import Surroundings
from panregion.edge.routes import Route
from panregion.edge.where import Asker
from panregion.services.cloudfront.model import DOMAIN
from panregion.world.tls import trusting
from panregion.world.transport import listen_streams

SUFFIX = f"{DOMAIN}."
CONNECTIONS_MAX = 4096
SWEEP_EVERY_S = 1.0
HTTP, HTTPS = 80, 443


class CloudFront:
    """See edge/plane.py. Made without arguments, started with the edge's surroundings."""

    def __init__(self) -> None:
        self._cache = Cache()
        self._book = Book(self._invalidate, self._forget)
        self._shared: Shared | None = None
        self._edge: Surroundings | None = None
        self._servers: list[asyncio.Server] = []
        self._viewers: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._requests_refused = 0

    async def start(self, edge: Surroundings) -> None:
        """Follow the service and listen at every point of presence."""
        self._edge = edge
        folder = edge.settings.path
        origins = Origins(edge, partial(trusting, folder))
        self._shared = Shared(edge, self._book, self._cache, origins)
        edge.follow("cloudfront", self._book, edge.settings.home(GLOBAL_HOME))
        tls = Certificates(folder, lambda name: self._book.plan_for(name) is not None).server_context()
        for pop in points_of_presence():
            accept = partial(self._accept, self._shared, pop)
            for port, context in ((HTTP, None), (HTTPS, tls)):
                server = await listen_streams(
                    accept, pop.address, edge.routes.port_here(port), REQUEST_BYTES_MAX, context
                )
                self._servers.append(server)
        self._sweeper = asyncio.create_task(self._sweep(edge, origins))

    async def _accept(
        self, shared: Shared, pop: Pop, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._viewers) >= CONNECTIONS_MAX:
            self._requests_refused += 1
            writer.close()
            return
        self._viewers.add(task)
        try:
            await Connection(shared, pop, reader, writer).serve()
        except asyncio.CancelledError:
            return  # the edge stops; asyncio's streams would tell of a task that was cancelled as of one that failed
        finally:
            self._viewers.discard(task)

    async def _sweep(self, edge: Surroundings, origins: Origins) -> None:
        while True:
            await edge.world.clock.sleep(SWEEP_EVERY_S)
            origins.sweep()

    def _invalidate(self, distribution_id: str, paths: list[str]) -> None:
        self._cache.invalidate(distribution_id, paths)
        self._count_generation()

    def _forget(self, distribution_id: str | None) -> None:
        self._cache.forget(distribution_id)
        self._count_generation()

    def _count_generation(self) -> None:
        if self._shared is not None:
            self._shared.generation += 1

    async def stop(self) -> None:
        """Close every socket."""
        for server in self._servers:
            server.close()
        tasks = [*self._viewers, *([self._sweeper] if self._sweeper else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._shared is not None:
            await self._shared.close()
            self._shared.origins.close()
        for server in self._servers:
            with suppress(OSError):
                await server.wait_closed()

    def addresses(self, name: str, asker: Asker) -> list[str] | None:
        """The nearest point of presence of those that the distribution's price class has."""
        if not name.endswith(SUFFIX):
            return None
        plan = self._book.plan_for(name.rstrip("."))
        return [] if plan is None else [nearest(asker.site, plan.price_class).address]

    def route(self, address: str, port: int, from_site: str) -> Route | None:  # noqa: ARG002 - a Plane's signature
        pop = pop_at(address)
        if pop is None or self._edge is None:
            return None
        return Route(pop.site.name, address, self._edge.routes.port_here(port))

    def explain(self, site: str, address: str, port: int, host: str, path: str) -> list[tuple[str, str, str]]:
        """What the host's distribution does with a path, for those who trace a request."""
        del site, port
        pop, plan = pop_at(address), self._book.plan_for(host.rstrip("."))
        place = [] if pop is None else [("point of presence", "cloudfront", f"{pop.site.name}, {address}")]
        if plan is None:
            return [*place, ("distribution", "cloudfront", f"none has the name {host}")]
        behaviors = self._book.distributions[plan.id].behaviors
        return [*place, *explain(plan, [each["PathPattern"] for each in behaviors[:-1]], path)]

    def target_health(self, name: str) -> bool | None:
        """Always healthy in this sense: AWS does not evaluate a distribution's health."""
        return True if name.endswith(SUFFIX) else None

    def health(self) -> dict[str, Any]:
        origins = self._shared.origins.idle if self._shared else 0
        return {
            "distributions": self._book.describe(),
            "points_of_presence": len(points_of_presence()),
            "viewers": len(self._viewers),
            "viewers_turned_away": self._requests_refused,
            "idle_origin_connections": origins,
            "cache": {
                "objects": len(self._cache),
                "bytes": self._cache.bytes,
                "hits": self._cache.hits,
                "misses": self._cache.misses,
            },
        }
