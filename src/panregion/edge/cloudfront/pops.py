"""CloudFront's points of presence: in which cities, under which names, and who is served by which. Pure.

The cities are those of the world's own list that CloudFront has edge locations in, each one under the code of its
airport, as in X-Amz-Cf-Pop. Point of presence p (from 1, in the order of this table) listens on 127.2.<p>.1. A
viewer is served by the one with the shortest round trip of those that the distribution's price class has.
AWS's regional edge caches, a second layer between these and the origins, are left out.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from panregion.world.distance import Site, cities, round_trip_between_ms

AIRPORTS: Mapping[str, str] = {
    "amsterdam": "AMS",
    "athens": "ATH",
    "atlanta": "ATL",
    "auckland": "AKL",
    "bangalore": "BLR",
    "bangkok": "BKK",
    "barcelona": "BCN",
    "berlin": "TXL",
    "bogota": "BOG",
    "boston": "BOS",
    "buenos-aires": "EZE",
    "cairo": "CAI",
    "cape-town": "CPT",
    "chicago": "ORD",
    "copenhagen": "CPH",
    "delhi": "DEL",
    "dubai": "DXB",
    "dublin": "DUB",
    "frankfurt": "FRA",
    "helsinki": "HEL",
    "hong-kong": "HKG",
    "jakarta": "CGK",
    "johannesburg": "JNB",
    "lagos": "LOS",
    "lima": "LIM",
    "lisbon": "LIS",
    "london": "LHR",
    "los-angeles": "LAX",
    "madrid": "MAD",
    "melbourne": "MEL",
    "miami": "MIA",
    "milan": "MXP",
    "montreal": "YUL",
    "mumbai": "BOM",
    "nairobi": "NBO",
    "new-york": "JFK",
    "oslo": "OSL",
    "paris": "CDG",
    "perth": "PER",
    "san-francisco": "SFO",
    "santiago": "SCL",
    "sao-paulo": "GRU",
    "seattle": "SEA",
    "seoul": "ICN",
    "singapore": "SIN",
    "stockholm": "ARN",
    "sydney": "SYD",
    "tel-aviv": "TLV",
    "tokyo": "NRT",
    "toronto": "YTO",
    "vancouver": "YVR",
    "vienna": "VIE",
    "warsaw": "WAW",
    "washington": "IAD",
    "zurich": "ZRH",
}
NETWORK = "127.2"
CHEAPEST_CONTINENTS = frozenset({"NA", "EU"})
DEAREST_CONTINENTS = frozenset({"SA", "OC"})


@dataclass(frozen=True, slots=True)
class Pop:
    """One point of presence."""

    number: int
    site: Site
    airport: str

    @property
    def code(self) -> str:
        """As X-Amz-Cf-Pop tells it."""
        return f"{self.airport}50-P1"

    @property
    def via(self) -> str:
        """As Via tells it: a host of CloudFront's under a name that means nothing."""
        return _via(self.code)

    @property
    def address(self) -> str:
        return f"{NETWORK}.{self.number}.1"

    def is_in(self, price_class: str) -> bool:
        """Whether distributions of that price class are served from here."""
        continent = self.site.continent
        if price_class == "PriceClass_100":
            return continent in CHEAPEST_CONTINENTS or self.site.country == "IL"
        return price_class != "PriceClass_200" or continent not in DEAREST_CONTINENTS


@cache
def _via(code: str) -> str:
    return f"1.1 {hashlib.md5(code.encode(), usedforsecurity=False).hexdigest()}.cloudfront.net (CloudFront)"


@cache
def points_of_presence() -> tuple[Pop, ...]:
    """All of them, in the order of their numbers."""
    known = cities()
    return tuple(Pop(number, known[city], airport) for number, (city, airport) in enumerate(AIRPORTS.items(), 1))


def pop_at(address: str) -> Pop | None:
    """The point of presence that has an address."""
    network, _, rest = address.partition(f"{NETWORK}.")
    number, _, last = rest.partition(".")
    if (
        network
        or last != "1"
        or not (number.isascii() and number.isdigit())
        or not 0 < int(number) <= len(points_of_presence())
    ):
        return None
    return points_of_presence()[int(number) - 1]


@cache
def nearest(viewer: Site, price_class: str) -> Pop:
    """The one that serves viewers there."""
    choices = [pop for pop in points_of_presence() if pop.is_in(price_class)]
    return min(choices, key=lambda pop: round_trip_between_ms(viewer, pop.site))
