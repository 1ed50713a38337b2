"""The edge of a world, put together: name server, health checkers, places, and its own API."""

import asyncio
import ipaddress
import ssl
from contextlib import suppress
from functools import cache

from panregion.edge.api import Api
from panregion.edge.book import Book
from panregion.edge.cache import PlaceResolver
from panregion.edge.follower import Follower
from panregion.edge.health import Monitor, Outcome, Target, probe
from panregion.edge.log import Ring
from panregion.edge.place import Place
from panregion.edge.resolving import Resolver
from panregion.edge.routes import NoRoute, Routes
from panregion.edge.server import Desk, NameServer
from panregion.edge.where import Map
from panregion.services.route53.model import HealthCheck
from panregion.wire import dns
from panregion.world import HttpClient, HttpServer, World, WorldSettings, link_dial, serve
from panregion.world.tls import unverified

HOST = "127.0.0.1"
SITE = "edge"
GLOBAL_HOME = "us-east-1"
KEEP_PAUSE_S = 0.2


class Edge:
    """All that is in no region."""

    def __init__(self, settings: WorldSettings, world: World | None = None) -> None:
        self._settings = settings
        self._world = world or World()
        self.book = Book()
        self.map = Map(settings)
        self.routes = Routes(settings)
        self.monitor = Monitor(self._world, self._probe, settings.time.health_check_scale)
        self.resolver = Resolver(self.book, settings, self._world.chance, self.monitor.healthy)
        self.follower = Follower(self.book, settings.path / "edge" / "route53.msgpack", self._world, self._changed)
        self.answers = Ring()
        self.name_server = NameServer(Desk(self.resolver, self.map, self._world.clock, self.answers))
        self.places: dict[str, Place] = {}
        self._to_keep = asyncio.Event()
        self._servers: list[HttpServer] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._tls = cache(unverified)

    @property
    def home(self) -> str:
        """The region that Route 53's control plane lives in."""
        return self._settings.home(GLOBAL_HOME)

    async def start(self) -> None:
        """Take up what was kept, listen, follow. OSError where a port is taken."""
        self.monitor.remember(self.follower.load())
        self.monitor.follow(self.book.checks)
        await self.name_server.listen(HOST, self._settings.ports.dns)
        for name in self.map.places:
            place = Place(name, self.map.place_address(name), self._place_resolver(name), self.routes)
            await place.listen(HOST, self.map.place_port(name))
            self.places[name] = place
        client = HttpClient(link_dial(self._settings.network_address, SITE, self.home))
        self._tasks = [
            asyncio.create_task(self.follower.run(client, self._settings.endpoint(self.home))),
            asyncio.create_task(self._keep()),
        ]
        api = Api(self.follower, self.monitor, self.resolver, self.map, self.answers, self.home, self.routes)
        self._servers.append(await serve(api, HOST, self._settings.ports.edge))

    def _place_resolver(self, name: str) -> PlaceResolver:
        scale = self._settings.time.health_check_scale
        return PlaceResolver(self.resolver, self.map.asker(name), self._world.clock, scale)

    def _changed(self) -> None:
        self.monitor.follow(self.book.checks)
        self._to_keep.set()

    async def _keep(self) -> None:
        """Write down what changed, at most every KEEP_PAUSE_S; and the health checkers' opinions when they turn."""
        turned = self.monitor.transitions.count
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._to_keep.wait(), 1.0)
            if self._to_keep.is_set() or turned != self.monitor.transitions.count:
                self._to_keep.clear()
                turned = self.monitor.transitions.count
                self.follower.keep(self.monitor.memory)
            await self._world.clock.sleep(KEEP_PAUSE_S)

    async def _probe(self, check: HealthCheck, site: str) -> Outcome:
        """One probe of a check's endpoint from the checker at a site, over the link."""
        config = check.config
        address = config.get("IPAddress")
        if address is None:
            found = self.resolver.resolve(dns.normal(config["FullyQualifiedDomainName"]), dns.A, self.map.asker(site))
            if not found.addresses:
                return Outcome(False, f"DNS resolution failed: {found.why}")
            address = found.addresses[0]
        try:
            route = self.routes.to(str(ipaddress.ip_address(address)), config["Port"])
        except NoRoute as error:
            return Outcome(False, f"The connection failed: {error}")
        dial = self.routes.dial(site, route)
        scale = self._settings.time.health_check_scale
        return await probe(
            Target(check.id, config, route.host, route.port, dial, scale), self._world.clock, self._context
        )

    def _context(self) -> ssl.SSLContext:
        return self._tls()

    async def stop(self) -> None:
        """Close everything, having written down what is known."""
        for server in self._servers:
            await server.close()
        self.name_server.close()
        for place in self.places.values():
            await place.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.monitor.close()
