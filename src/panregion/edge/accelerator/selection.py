"""Which endpoint gets a new connection: dials, weights, health, distance, affinity. Pure.

From a point of presence the endpoint groups of a listener are ordered by distance. A connection is destined for the
first group whose dial lets it in; what a dial turns away goes on to the next. In the group an endpoint is chosen in
proportion to its weight among those that are healthy. If the group has none that is healthy and has a weight, the
closest other groups are tried, up to FAILOVER_GROUPS, whatever their dials say; if none of those has one either,
any endpoint of the closest group gets it: fail open. Without affinity every connection draws anew; with affinity to
the source address the draws are made from the address, so the same client gets the same endpoint for as long as
the choice is the same, and another one's failing moves nobody who was not there.

AWS's "Endpoint weights" and "How failover works for unhealthy endpoints" say so; see docs/design/023 for what they
leave open.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log

from panregion.services.globalaccelerator.model import Endpoint, EndpointGroup

FAILOVER_GROUPS = 3

Healthy = Callable[[EndpointGroup, Endpoint], bool]
Draw = Callable[[str], float]
"""A number in [0, 1) for a question: drawn anew each time, or made from a client's address and the question."""


@dataclass(frozen=True, slots=True)
class Selected:
    """An endpoint and its group, and why these."""

    group: EndpointGroup
    endpoint: Endpoint
    why: str


def affine(address: str) -> Draw:
    """Draws that are always the same for a client's address."""

    def draw(question: str) -> float:
        digest = hashlib.blake2b(f"{address}|{question}".encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / (1 << 56)

    return draw


def select(groups: Sequence[EndpointGroup], healthy: Healthy, draw: Draw) -> Selected | None:
    """The endpoint for a new connection; `groups` begin with the closest. None where there is no endpoint at all."""
    filled = [group for group in groups if group.endpoints]
    if not filled:
        return None
    destined = _destined(filled, draw)
    if destined is not None:
        endpoint = _by_weight(_well(destined, healthy), draw)
        if endpoint is not None:
            first = "the closest group" if destined is filled[0] else "the closest group whose dial let it in"
            return Selected(destined, endpoint, first)
    others = [group for group in filled if group is not destined][:FAILOVER_GROUPS]
    for group in others:
        endpoint = _by_weight(_well(group, healthy), draw)
        if endpoint is not None:
            return Selected(group, endpoint, "failover: no closer group has a healthy endpoint")
    closest = destined or filled[0]
    position = int(draw(f"{closest.arn}|open") * len(closest.endpoints))
    return Selected(closest, closest.endpoints[position], "fail open: no endpoint is healthy")


def _destined(groups: Iterable[EndpointGroup], draw: Draw) -> EndpointGroup | None:
    """The group that the dials let a connection into; without any, the closest one that is not turned off."""
    open_groups = [group for group in groups if group.dial > 0]
    for group in open_groups:
        if draw(f"{group.arn}|dial") * 100 < group.dial:
            return group
    return open_groups[0] if open_groups else None


def _well(group: EndpointGroup, healthy: Healthy) -> list[Endpoint]:
    return [endpoint for endpoint in group.endpoints if endpoint.weight > 0 and healthy(group, endpoint)]


def _by_weight(endpoints: Sequence[Endpoint], draw: Draw) -> Endpoint | None:
    """One of them in proportion to weight, by rendezvous: the others keep their draws when one goes."""
    if len(endpoints) < 2:
        return endpoints[0] if endpoints else None
    return min(endpoints, key=lambda endpoint: -log(1.0 - draw(endpoint.id)) / endpoint.weight)
