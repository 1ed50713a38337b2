"""Geoproximity: the record whose position is nearest once its bias has drawn its circle larger or smaller.

AWS's formula: the distance counts as d * (1 - bias / 100) for a positive bias and as d / (1 + bias / 100) for a
negative one.
"""

from collections.abc import Sequence
from math import inf

from panregion.edge.policies.choice import ALL_UNHEALTHY, Choice, Circumstances, named, usable
from panregion.services.route53.model import GeoProximity, RecordSet
from panregion.world.distance import Site, great_circle_km, regions


def position(proximity: GeoProximity) -> Site | None:
    """Where a record is; None for a region of which no position is known."""
    if proximity.region:
        return regions().get(proximity.region)
    where = (proximity.latitude, proximity.longitude)
    return Site("", "", "", "", *where)


def biased_km(distance_km: float, bias: int) -> float:
    """The distance as it counts."""
    return distance_km * (1 - bias / 100) if bias >= 0 else distance_km / (1 + bias / 100)


def distance_km(site: Site, record: RecordSet) -> float:
    """How far a record counts as being from a site."""
    assert record.proximity is not None
    there = position(record.proximity)
    return inf if there is None else biased_km(great_circle_km(site, there), record.proximity.bias)


def choose(records: Sequence[RecordSet], circumstances: Circumstances) -> Choice:
    site = circumstances.asker.site
    candidates, none_healthy = usable(records, circumstances.healthy)
    chosen = min(candidates, key=lambda record: (distance_km(site, record), record.set_identifier))
    why = f"{named(chosen)} counts as {distance_km(site, chosen):.0f} km from {site.name}"
    return Choice([chosen], f"{why}; {ALL_UNHEALTHY}" if none_healthy else why, personal=True)
