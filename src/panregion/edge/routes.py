"""From an address to the way there: which site owns it, and on which port that site listens here.

DNS answers are loopback addresses, on which the ports that the world knows (80, 443) are those of the settings'
gateway. Region i is 127.0.<i>.1, its load balancers are 127.0.<i>.16 and up; other addresses belong to data planes of
the edge, or to nobody, and then lead nowhere: nothing leaves this machine.
"""

from collections.abc import Callable
from dataclasses import dataclass

from panregion.world import Dial, WorldSettings, link_dial

BALANCERS_FROM = 16


class NoRoute(Exception):
    """No site of this world has the address; the text says what there is."""


@dataclass(frozen=True, slots=True)
class Route:
    """One end of a connection to be made: the site to cross the link to, and where it listens."""

    site: str
    host: str
    port: int


Elsewhere = Callable[[str, int, str], Route | None]
"""(address, public port, the site that connects) -> the route, where it is one of a data plane's addresses."""


def balancer_address(settings: WorldSettings, region: str, number: int) -> str:
    """The address of a region's load balancer; numbers count from 0. Raises ValueError."""
    octet = BALANCERS_FROM + number
    if not BALANCERS_FROM <= octet < 255:
        raise ValueError(f"a region has no load balancer {number}")
    return f"{settings.address(region).rpartition('.')[0]}.{octet}"


class Routes:
    """The addresses of one world's sites."""

    def __init__(self, settings: WorldSettings, elsewhere: Elsewhere = lambda _address, _port, _site: None) -> None:
        self._settings = settings
        self._elsewhere = elsewhere

    def port_here(self, port: int) -> int:
        """Where a public port is listened on: 80 and 443 have the gateway's ports, any other is itself."""
        ports = self._settings.ports
        return {80: ports.gateway, 443: ports.tls}.get(port, port)

    def region_at(self, address: str) -> str | None:
        """The region that has the address, as its own or for a load balancer."""
        network, _, last = address.rpartition(".")
        region = self._settings.region_at(f"{network}.1")
        is_balancer = last.isdigit() and BALANCERS_FROM <= int(last) < 255
        return region if last == "1" or is_balancer else None

    def to(self, address: str, port: int, from_site: str = "edge") -> Route:
        """The way from a site to an address's public port. Raises NoRoute."""
        region = self.region_at(address)
        if region is not None:
            return Route(region, address, self.port_here(port))
        route = self._elsewhere(address, port, from_site)
        if route is None:
            known = ", ".join(f"{name} {self._settings.address(name)}" for name in self._settings.regions)
            raise NoRoute(f"{address} belongs to no site of this world; it has {known}")
        return route

    def dial(self, from_site: str, route: Route) -> Dial:
        """The way of connecting to a route's end from a site, over the link."""
        return link_dial(self._settings.network_address, from_site, route.site)
