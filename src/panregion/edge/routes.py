"""From an address to the way there: which site owns it, and on which port that site listens here.

DNS answers are the regions' own loopback addresses, on which the ports that the world knows (80, 443) are those
of the region's gateway. An address that belongs to no site leads nowhere: nothing leaves this machine.
"""

from dataclasses import dataclass

from panregion.world import Dial, WorldSettings, link_dial


class NoRoute(Exception):
    """No site of this world has the address; the text says what there is."""


@dataclass(frozen=True, slots=True)
class Route:
    """One end of a connection to be made."""

    site: str
    host: str
    port: int


class Routes:
    """The addresses of one world's sites."""

    def __init__(self, settings: WorldSettings) -> None:
        self._settings = settings

    def to(self, address: str, port: int) -> Route:
        """Raises NoRoute."""
        region = self._settings.region_at(address)
        if region is None:
            known = ", ".join(f"{name} {self._settings.address(name)}" for name in self._settings.regions)
            raise NoRoute(f"{address} belongs to no site of this world; it has {known}")
        ports = {80: self._settings.ports.gateway, 443: self._settings.ports.tls}
        return Route(region, address, ports.get(port, port))

    def dial(self, from_site: str, route: Route) -> Dial:
        """The way of connecting to a route's end from a site, over the link."""
        return link_dial(self._settings.network_address, from_site, route.site)
