"""A data plane at the edge: CloudFront, Global Accelerator. What the edge asks of one, and what it gives to one.

A plane is a room `edge/<name>/` whose `__init__` exports PLANE, a function without arguments that makes it, and
a line in edge/table.py. The edge makes it, calls `start` once before anything is answered, and `stop` at the
end. In between it asks, synchronously and often, so answers come from what the plane knows already:

    addresses      when the name server, a place's resolver or a health checker meets a name that no hosted zone holds
    route          when a place (or a point of presence) connects to an address that is no region's
    target_health  when an alias with EvaluateTargetHealth points at a name
    health         for GET /_panregion/health, which lists it under "planes"

What a plane knows of its service comes by `edge.follow`, which also keeps it on disk. Its own sockets it opens
itself, on the addresses that are its own (127.2.<p>.1 for points of presence, 127.3.<n>.1 and 127.4.<n>.1 for
accelerators) and the ports of `edge.routes.port_here`. A connection there comes from an address that tells
where the user is: `edge.map.at(ipaddress.ip_address(peer)).site` (world/whereabouts.py: links end in a source
address of the site they begin in). HTTP requests through a place's proxy carry the user's own address in
`x-panregion-client`. From a point of presence to the origin: `edge.connect(site, host, port)`, which resolves
as that site does and crosses the link from there.
"""

import asyncio
import contextlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from panregion.edge.cache import PlaceResolver
from panregion.edge.follower import Book, Follower, nothing
from panregion.edge.following import Following
from panregion.edge.resolving import Resolver
from panregion.edge.routes import NoRoute, Route, Routes
from panregion.edge.where import Asker, Map
from panregion.world import Connection, World, WorldSettings

CONNECT_TIMEOUT_S = 10.0


class Unresolved(ConnectionError):
    """A name leads nowhere; the text says why."""


@dataclass(frozen=True)
class Surroundings:
    """The edge, as a plane sees it."""

    settings: WorldSettings
    world: World
    map: Map
    """Sites and askers: `map.asker(site)`, `map.at(address)`."""
    routes: Routes
    """From an address and a public port to the site and port here, and how to dial it."""
    resolver: Resolver
    following: Following
    _resolvers: dict[str, PlaceResolver] = field(default_factory=dict)

    def follow(
        self, service: str, book: Book, home: str, changed: Callable[[], None] = nothing, *, name: str = ""
    ) -> Follower:
        """Keep `book` up to date with a service's feed in its home region; as `Following.follow`.

        The home of a global service is `settings.home("us-east-1")`; a regional one is followed region by region,
        each with a `name` of its own (elbv2-eu-west-1). What was kept is in the book when this returns.
        """
        return self.following.follow(service, book, home, changed, name=name)

    def resolver_at(self, site: str) -> PlaceResolver:
        """The resolver of a region or city, which keeps answers for their TTL. Raises KeyError for no site."""
        if site not in self._resolvers:
            scale = self.settings.time.health_check_scale
            self._resolvers[site] = PlaceResolver(self.resolver, self.map.asker(site), self.world.clock, scale)
        return self._resolvers[site]

    def addresses(self, site: str, host: str) -> tuple[str, ...]:
        """The addresses of a name as the site resolves it; an address is its own. Raises Unresolved."""
        with contextlib.suppress(ValueError):  # no address: a name, then
            return (str(ipaddress.ip_address(host)),)
        try:
            found = self.resolver_at(site).addresses(host)
        except ValueError as error:
            raise Unresolved(f"{host} is not a host name") from error
        if not found.addresses:
            raise Unresolved(f"{host} cannot be resolved from {site}: {found.why}")
        return found.addresses

    async def connect(
        self, site: str, host: str, port: int, timeout_s: float = CONNECT_TIMEOUT_S
    ) -> tuple[Route, Connection]:
        """A new connection from a site to a host's public port over the link, trying each of its addresses.

        Raises Unresolved, NoRoute, TimeoutError or another OSError (LinkError where the link refused it).
        """
        failure: Exception = Unresolved(f"{host} has no address")
        for address in self.addresses(site, host):
            try:
                route = self.routes.to(address, port, site)
                dial = self.routes.dial(site, route)
                return route, await asyncio.wait_for(dial(route.host, route.port), timeout_s)
            except (NoRoute, OSError) as error:
                failure = error
        raise failure


class Plane(Protocol):
    """One data plane. Everything but `start` and `stop` is called often and must be quick."""

    async def start(self, edge: Surroundings) -> None:
        """Follow the service, open the sockets. OSError where a port is taken: the edge then does not start."""

    async def stop(self) -> None:
        """Close every socket and connection, end every task. Also called where `start` failed or never was called."""

    def addresses(self, name: str, asker: Asker) -> list[str] | None:
        """The IPv4 addresses of a name of this plane's, for who asks; [] where it would be ours but does not exist
        (NXDOMAIN); None where it is not ours. `name` is in Route 53's spelling: lower case, with the last dot."""

    def route(self, address: str, port: int, from_site: str) -> Route | None:
        """Where a connection from a site to one of this plane's addresses goes: the site to cross the link to, and the
        host and port to connect to there (ports: `edge.routes.port_here`). None where the address is not ours."""

    def target_health(self, name: str) -> bool | None:
        """Whether what the name stands for is healthy, for aliases that evaluate it; None where it is not ours, which
        counts as healthy."""

    def health(self) -> dict[str, Any]:
        """Figures for the edge's API: what there is, connections, caches; JSON."""


@runtime_checkable
class Explains(Protocol):
    """A plane that can tell what becomes of a user's request, for those who trace one."""

    def explain(self, site: str, address: str, port: int, host: str, path: str) -> list[tuple[str, str, str]]:
        """(what, who decides it, what is decided), in order, for a request for `host` from a user at a site that goes
        to one of this plane's addresses and public ports. `path` is the URL's, without the query."""
