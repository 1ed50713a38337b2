"""What the name server tells each city now, for the names that its users asked for of late.

    GET /_panregion/told      [{city, name, values, rcode}], values sorted

Where a policy draws lots (weighted, multivalue) every question has another answer; of those the one that the city's
resolver goes by is told, until its TTL is over.
"""

from collections.abc import Callable
from typing import Any

from panregion.edge.cache import PlaceResolver
from panregion.edge.resolving import Resolver
from panregion.edge.visits import Visits
from panregion.edge.where import Map
from panregion.wire import dns

DRAWS = frozenset({"weighted", "multivalue"})


class Told:
    """Asks the name server's logic for every city; nothing of it is kept, and no answer is logged."""

    def __init__(
        self, visits: Visits, resolver: Resolver, map: Map, resolver_at: Callable[[str], PlaceResolver]
    ) -> None:
        self._visits = visits
        self._resolver = resolver
        self._map = map
        self._resolver_at = resolver_at

    def now(self) -> list[dict[str, Any]]:
        """An entry for each city and name."""
        return [self._answer(city, host) for city, host in self._visits.hosts()]

    def _answer(self, city: str, host: str) -> dict[str, Any]:
        found = self._resolver.resolve(dns.normal(host), dns.A, self._map.asker(city))
        values, rcode = found.addresses, found.rcode
        if any(step.get("policy") in DRAWS for step in found.trace):
            kept = self._resolver_at(city).addresses(host)
            values, rcode = list(kept.addresses), kept.rcode
        return {"city": city, "name": host, "values": sorted(values), "rcode": dns.RCODES[rcode]}
