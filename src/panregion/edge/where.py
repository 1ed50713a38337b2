"""Who asks: from an address to a site with a position.

Place n (in alphabetical order of all cities) owns 198.18.n.0/24 and, for connections over links, 127.18.n.0/24;
region i of the world 198.19.i.0/24 and its own loopback network 127.0.i.0/24, counted from 1. 198.18.0.0/15 is
set aside for measuring networks (RFC 2544): no real resolver has such an address. Anybody else is taken to be
where TestDNSAnswer puts those of whom it knows nothing: in us-east-1.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from panregion.wire.dns import Address, Subnet
from panregion.world import WorldSettings, whereabouts
from panregion.world.distance import Site, regions

DEFAULT_SITE = "us-east-1"
EVERYBODY = Subnet(ipaddress.IPv4Address("0.0.0.0"), 0)
PLACE_HOST = 10


@dataclass(frozen=True, slots=True)
class Asker:
    """On whose behalf a question is asked. `known` is false where the site is only the default."""

    site: Site
    address: Address
    known: bool = True


class Map:
    """The places and regions of one world, by name and by address."""

    def __init__(self, settings: WorldSettings) -> None:
        self._settings = settings
        self._sources = whereabouts.Sources(settings)

    @cached_property
    def places(self) -> Mapping[str, Site]:
        """Every city, in the order that gives it its number."""
        return whereabouts.places(self._settings)

    def place_number(self, name: str) -> int:
        """Raises ValueError for a city that is not in the world."""
        return list(self.places).index(name)

    def place_port(self, name: str) -> int:
        """Where the place's proxy listens."""
        return self._settings.ports.places + self.place_number(name)

    def place_address(self, name: str) -> str:
        """The address that users of that city come from."""
        return f"198.18.{self.place_number(name)}.{PLACE_HOST}"

    def asker(self, name: str) -> Asker:
        """Somebody at a place or region. Raises KeyError."""
        if name in self.places:
            return Asker(self.places[name], ipaddress.ip_address(self.place_address(name)))
        site = regions()[name]
        source = self._sources.of(name)
        assert source is not None, "every known region has an address"
        return Asker(site, ipaddress.ip_address(whereabouts.shown_address(source)))

    def at(self, address: Address) -> Asker:
        """Whoever has that address."""
        site = self._site_at(address)
        if site is None:
            return Asker(regions()[DEFAULT_SITE], address, known=False)
        return Asker(site, address)

    def _site_at(self, address: Address) -> Site | None:
        if address.version != 4:
            return None
        first, second, third, _ = address.packed
        if (first, second) in ((198, 18), (127, 18)) and third < len(self.places):
            return list(self.places.values())[third]
        if (first, second) in ((198, 19), (127, 19)) and third >= whereabouts.ELSEWHERE_FROM:
            return regions().get(whereabouts.elsewhere().get(third, ""))
        if ((first, second) in ((198, 19), (127, 0))) and 0 < third <= len(self._settings.regions):
            return regions().get(self._settings.regions[third - 1])
        return None
