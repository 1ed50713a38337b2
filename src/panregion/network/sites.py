"""Which sites there are, and the distance of every directed pair.

Regions of the world, cities (packaged and the world file's own), every region that may hold health checkers,
and `edge`: the name server's own place, which AWS has everywhere and which is therefore near to all.
"""

from collections.abc import Mapping

from panregion.network.link import Conditions
from panregion.world import WorldSettings
from panregion.world.distance import Site, regions, round_trip_between_ms
from panregion.world.whereabouts import Sources, places

EDGE = "edge"
EDGE_ROUND_TRIP_MS = 1.0


class UnknownSite(Exception):
    """A name that is no site of this world; the text lists those that are."""


class Sites:
    """The sites of one world and the undisturbed conditions between them."""

    def __init__(self, settings: WorldSettings) -> None:
        self._settings = settings
        self._sites = all_sites(settings)
        self.source = Sources(settings).of

    @property
    def names(self) -> list[str]:
        return sorted([*self._sites, EDGE])

    def require(self, name: str) -> str:
        """The name itself, if there is such a site. Raises UnknownSite."""
        if name != EDGE and name not in self._sites:
            raise UnknownSite(f"unknown site {name!r}; there are: {', '.join(self.names)}")
        return name

    def round_trip_ms(self, a: str, b: str) -> float:
        """The undisturbed round trip, before scale."""
        if EDGE in (a, b):
            return EDGE_ROUND_TRIP_MS
        return round_trip_between_ms(self._sites[a], self._sites[b])

    def undisturbed(self, from_site: str, to_site: str) -> Conditions:
        """The conditions of a link without faults."""
        network = self._settings.network
        return Conditions(
            one_way_s=self.round_trip_ms(from_site, to_site) / 2000,
            scale=network.scale,
            jitter_s=network.jitter_ms / 1000 * min(1.0, network.scale),
        )


def all_sites(settings: WorldSettings) -> Mapping[str, Site]:
    """Every site with a position, by name. A region without a known position stands where the edge does."""
    return {**places(settings), **regions()}
