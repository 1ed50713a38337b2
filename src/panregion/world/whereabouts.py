"""Which loopback address somebody at a site connects from.

Whoever accepts a connection over a link sees an address of the site where it began, as on a real network: a
listener that serves users of every place (an accelerator's address) knows by it where each of them is. City n (in
alphabetical order) connects from 127.18.<n>.10, region i of the world from 127.0.<i>.10, health checkers in other
regions from 127.19.<128 and up>.10, and the edge from 127.0.0.1. What applications are shown are the addresses that
such users would have: 198.18.<n>.10 and 198.19.<i>.10.
"""

from collections.abc import Mapping

from panregion.world.distance import Site, cities, regions
from panregion.world.settings import WorldSettings

HOST = 10
UNKNOWN = "127.0.0.1"
PLACES_NETWORK = "127.18"
ELSEWHERE_NETWORK, ELSEWHERE_FROM = "127.19", 128
SHOWN = {PLACES_NETWORK: "198.18", ELSEWHERE_NETWORK: "198.19", "127.0": "198.19"}
"""The networks of source addresses -> those that are shown instead (RFC 2544's, which nobody has)."""


def places(settings: WorldSettings) -> Mapping[str, Site]:
    """Every city, packaged and the world file's own, in the order that gives it its number."""
    own = {
        name: Site(
            name=name,
            city=name,
            country=place.country,
            continent=place.continent,
            latitude=place.latitude,
            longitude=place.longitude,
            subdivision=place.subdivision,
        )
        for name, place in settings.places.items()
    }
    return dict(sorted({**cities(), **own}.items()))


def elsewhere() -> Mapping[int, str]:
    """Every known region by the third number of the address that it has in a world that it is no part of."""
    return dict(enumerate(sorted(regions()), ELSEWHERE_FROM))


def shown_address(source: str) -> str:
    """The address that an application is shown of a user whose connection comes from `source`."""
    if not source.startswith("127.") or source == UNKNOWN:
        return source
    network, third, last = source.rsplit(".", 2)
    return f"{SHOWN[network]}.{third}.{last}" if network in SHOWN and last == str(HOST) else source


class Sources:
    """The source addresses of one world's sites."""

    def __init__(self, settings: WorldSettings) -> None:
        self._addresses = {name: f"{PLACES_NETWORK}.{number}.{HOST}" for number, name in enumerate(places(settings))}
        self._addresses |= {name: f"{ELSEWHERE_NETWORK}.{third}.{HOST}" for third, name in elsewhere().items()}
        for region in settings.regions:
            self._addresses[region] = f"{settings.address(region).rpartition('.')[0]}.{HOST}"

    def of(self, site: str) -> str | None:
        """The address that connections from a site come from; None for one that has none of its own."""
        return self._addresses.get(site)
