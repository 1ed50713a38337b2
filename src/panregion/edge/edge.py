"""The edge of a world, put together: name server, health checkers, data planes, places, and its own API."""

import asyncio
import ipaddress
import ssl
from collections.abc import Callable
from functools import cache
from typing import Protocol, runtime_checkable

from panregion.edge.api import Api, Seen
from panregion.edge.book import Book
from panregion.edge.faults import EdgeFaults
from panregion.edge.following import Following
from panregion.edge.health import Followed, Memory, Monitor, Outcome, Target, probe
from panregion.edge.health.signals import AlarmBook
from panregion.edge.log import Ring
from panregion.edge.names import GLOBAL_HOME, Names
from panregion.edge.place import Place
from panregion.edge.plane import Plane, Surroundings
from panregion.edge.resolving import Resolver
from panregion.edge.routes import NoRoute, Route, Routes
from panregion.edge.server import Desk, NameServer
from panregion.edge.table import make_planes
from panregion.edge.told import Told
from panregion.edge.visits import Visits
from panregion.edge.where import Map
from panregion.services.route53.model import HealthCheck
from panregion.wire import dns
from panregion.world import HttpServer, World, WorldSettings, serve
from panregion.world.tls import unverified

HOST = "127.0.0.1"
KEEP_PAUSE_S = 0.2


@runtime_checkable
class ControlBook(Protocol):
    """The plane that knows routing controls' states."""

    def state(self, control_arn: str) -> bool | None:
        """Whether a control is on; None for one that is not known."""

    def listen(self, changed: Callable[[], None]) -> None:
        """Have `changed` called whenever one is in another state."""


class Edge:
    """All that is in no region. `planes` are made from edge/table.py unless given."""

    def __init__(
        self, settings: WorldSettings, world: World | None = None, planes: dict[str, Plane] | None = None
    ) -> None:
        self._settings = settings
        self._world = world or World()
        self.planes = make_planes() if planes is None else planes
        self.book = Book()
        self.map = Map(settings)
        self.routes = Routes(settings, self._route)
        self.signals = Followed(self._follow_alarms, self._control)
        scale = settings.time.health_check_scale
        self.faults = EdgeFaults()
        self.monitor = Monitor(self._world, self._probe, scale, self.signals, self._checker_address)
        self.monitor.blind = self.faults.blind
        self.memory = Memory(settings.path / "edge" / "health.msgpack")
        names = Names(settings, dict(self.planes))
        self.resolver = Resolver(self.book, names, self._world.chance, self.monitor.healthy)
        self.following = Following(settings, self._world)
        self.answers = Ring()
        self.visits = Visits(self._world.clock)
        desk = Desk(self.resolver, self.map, self._world.clock, self.answers, self._version)
        self.name_server = NameServer(desk)
        self.surroundings = Surroundings(settings, self._world, self.map, self.routes, self.resolver, self.following)
        self.places: dict[str, Place] = {}
        """By city, and by region, whose functions are its users."""
        self._servers: list[HttpServer] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._tls = cache(unverified)

    async def start(self) -> None:
        """Take up what was kept, listen, follow. OSError where a port is taken."""
        self.monitor.remember(self.memory.load())
        for plane in self.planes.values():
            if isinstance(plane, ControlBook):
                plane.listen(self.monitor.review)
            await plane.start(self.surroundings)
        home = self._settings.home(GLOBAL_HOME)  # after the planes: what is checked may be a name of theirs
        self.following.follow("route53", self.book, home, self._changed)
        await self.name_server.listen(HOST, self._settings.ports.dns)
        for name in self.map.places:
            resolver = self.surroundings.resolver_at(name)
            place = Place(name, self.map.place_address(name), resolver, self.routes, self.visits)
            await place.listen(HOST, self.map.place_port(name))
            self.places[name] = place
        for region in self._settings.regions:
            self.places[region] = await self._way_out(region)
        self._tasks = [asyncio.create_task(self._remember())]
        told = Told(self.visits, self.resolver, self.map, self.surroundings.resolver_at)
        seen = Seen(self.monitor, self.answers, self.visits, told)
        api = Api(self.following, self.resolver, self.map, seen, self.routes, self.planes, self.faults)
        self._servers.append(await serve(api, HOST, self._settings.ports.edge))

    async def _way_out(self, region: str) -> Place:
        """The proxy of a region's functions: to them the world is what it is to users, seen from their region."""
        client = str(self.map.asker(region).address)
        place = Place(region, client, self.surroundings.resolver_at(region), self.routes)
        await place.listen(*self._settings.egress(region))
        return place

    def _version(self) -> object:
        """What plain answers hang on: records, the states of health checks, and whether anybody is there to answer."""
        return self.book.version, self.monitor.transitions.count, self.resolver.down

    def _changed(self) -> None:
        self.signals.require(self.book.checks.values())
        self.monitor.follow(self.book.checks)

    def _checker_address(self, site: str) -> str:
        """The address that a checker's requests are shown to come from."""
        return str(self.map.asker(site).address)

    def _follow_alarms(self, region: str, book: AlarmBook) -> None:
        """A region outside this world has no alarms to follow."""
        if region in self._settings.regions:
            self.following.follow("cloudwatch", book, region, self.monitor.review, name=f"cloudwatch-{region}")

    def _control(self, arn: str) -> bool | None:
        """A routing control's state, from the plane that follows them."""
        recovery = self.planes.get("recovery")
        return recovery.state(arn) if isinstance(recovery, ControlBook) else None

    def _route(self, address: str, port: int, from_site: str) -> Route | None:
        """Where a connection to a data plane's address goes."""
        found = (plane.route(address, port, from_site) for plane in self.planes.values())
        return next((route for route in found if route is not None), None)

    async def _remember(self) -> None:
        """Write down the health checkers' opinions when one turns, at most every KEEP_PAUSE_S."""
        turned = self.monitor.transitions.count
        while True:
            await self._world.clock.sleep(KEEP_PAUSE_S)
            if turned != self.monitor.transitions.count:
                turned = self.monitor.transitions.count
                self.memory.keep(self.monitor.held)

    async def _probe(self, check: HealthCheck, site: str) -> Outcome:
        """One probe of a check's endpoint from the checker at a site, over the link."""
        config = check.config
        address = config.get("IPAddress")
        if address is None:
            try:
                name = dns.normal(config["FullyQualifiedDomainName"])
            except ValueError as error:
                return Outcome(False, f"DNS resolution failed: {error}")
            found = self.resolver.resolve(name, dns.A, self.map.asker(site))
            if not found.addresses:
                return Outcome(False, f"DNS resolution failed: {found.why}")
            address = found.addresses[0]
        try:
            route = self.routes.to(str(ipaddress.ip_address(address)), config["Port"], site)
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
        for plane in self.planes.values():
            await plane.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.following.close()
        await self.monitor.close()
