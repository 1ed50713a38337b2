"""A place: a plain HTTP proxy, with CONNECT, whose users are in one city.

It resolves names as that city's resolver does and crosses the link from the city to the site whose address it was
told. What becomes of a user's requests: user.py.
"""

import asyncio
import ipaddress

from panregion.edge.cache import PlaceResolver
from panregion.edge.http_message import HEAD_LIMIT_BYTES, Head
from panregion.edge.routes import NoRoute, Route, Routes
from panregion.edge.upstream import Unreachable, Upstream
from panregion.edge.user import User
from panregion.edge.visits import Visits
from panregion.wire import dns
from panregion.world import LinkError, SystemClock
from panregion.world.transport import listen_streams

CLIENT_HEADER = "x-panregion-client"
CONNECT_TIMEOUT_S = 10.0
CONNECTIONS_MAX = 1024


class Place:
    """One city's proxy."""

    def __init__(
        self, name: str, client: str, resolver: PlaceResolver, routes: Routes, visits: Visits | None = None
    ) -> None:
        self.name = name
        self.visits = visits or Visits(SystemClock())
        self._client = client
        self._resolver = resolver
        self._routes = routes
        self._server: asyncio.Server | None = None
        self._users: set[asyncio.Task[None]] = set()

    async def listen(self, host: str, port: int) -> int:
        """Serve until closed; returns the port. OSError where it is taken."""
        self._server = await listen_streams(self._accept, host, port, HEAD_LIMIT_BYTES)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        users = list(self._users)
        for user in users:
            user.cancel()
        await asyncio.gather(*users, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._users) >= CONNECTIONS_MAX:
            writer.close()
            return
        self._users.add(task)
        try:
            await User(self, reader, writer).serve()
        finally:
            self._users.discard(task)

    async def connect(self, host: str, port: int) -> Upstream:
        """A new connection to where the name leads, trying each address. Raises Unreachable."""
        failure = Unreachable(502, f"no route from {self.name} to {host}")
        for address in self.addresses(host):
            try:
                route = self._routes.to(address, port, self.name)
                reader, writer = await self._dial(host, route)
            except NoRoute as error:
                failure = Unreachable(502, f"no route from {self.name} to {host}: {error}")
            except Unreachable as error:
                failure = error
            else:
                return Upstream((host, port), address, route.site, self._end(address, route), reader, writer)
        raise failure

    def _end(self, address: str, route: Route) -> str:
        is_region = self._routes.region_at(address) is not None
        return route.site if is_region else f"{address}, at the point of presence in {route.site},"

    def addresses(self, host: str) -> tuple[str, ...]:
        """Where a host is, as this place's resolver knows it. Raises Unreachable."""
        if _is_address(host):
            return (host,)
        try:
            found = self._resolver.addresses(host)
        except ValueError as error:
            raise Unreachable(400, f"{host} is not a host name") from error
        if not found.addresses:
            code = dns.RCODES.get(found.rcode, str(found.rcode))
            raise Unreachable(502, f"{host} cannot be resolved from {self.name}: {code}, {found.why}")
        return found.addresses

    async def _dial(self, host: str, route: Route) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        dial = self._routes.dial(self.name, route)
        try:
            return await asyncio.wait_for(dial(route.host, route.port), CONNECT_TIMEOUT_S)
        except TimeoutError as error:
            raise Unreachable(
                504, f"no route to {host}: {route.site} did not answer {self.name} within {CONNECT_TIMEOUT_S:g} s"
            ) from error
        except LinkError as error:
            raise Unreachable(502, f"no route to {host}: {error}") from error
        except OSError as error:
            raise Unreachable(502, f"no route to {host}: the network does not answer ({error})") from error

    def stamp(self, head: Head, host: str) -> list[tuple[str, str]]:
        """The headers for the region: the user's own, without hop-by-hop ones, with the user's address."""
        headers = [pair for pair in head.without_hops() if pair[0].lower() not in (CLIENT_HEADER, "host")]
        return [("Host", head.header("host") or host), *headers, (CLIENT_HEADER, self._client)]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
