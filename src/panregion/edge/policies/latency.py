"""Latency: the record of the region with the shortest round trip from who asks, among the healthy."""

from collections.abc import Sequence
from math import inf

from panregion.edge.policies.choice import ALL_UNHEALTHY, Choice, Circumstances, usable
from panregion.services.route53.model import RecordSet
from panregion.world.distance import Site, regions, round_trip_between_ms


def round_trip_ms(site: Site, region: str) -> float:
    """From a site to a region; a region of which no position is known is farther than all others."""
    known = regions().get(region)
    return inf if known is None else round_trip_between_ms(site, known)


def choose(records: Sequence[RecordSet], circumstances: Circumstances) -> Choice:
    site = circumstances.asker.site
    distance = {record.region: round_trip_ms(site, record.region) for record in records}
    candidates, none_healthy = usable(records, circumstances.healthy)
    chosen = min(candidates, key=lambda record: (distance[record.region], record.region))
    nearest = min(records, key=lambda record: (distance[record.region], record.region))
    why = f"{chosen.region} is {distance[chosen.region]:.1f} ms from {site.name}"
    if none_healthy:
        why += f"; {ALL_UNHEALTHY}"
    elif chosen is not nearest:
        why += f"; {nearest.region} ({distance[nearest.region]:.1f} ms) is unhealthy"
    return Choice([chosen], why, personal=True)
