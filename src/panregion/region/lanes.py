"""The short way for requests that look like one before them.

A data plane sees the same few operations, signed by the same few scopes, again and again. What the gateway finds out
about such a request (service, region, protocol, operation, how its parameters are called here) depends on three
headers alone: Host, X-Amz-Target and the scope at the front of Authorization. So it is found out once, the long way,
and kept as a lane. The long way stays the only one for everything else: other protocols, other regions, planes,
compressed bodies. That both give the same answers is tested, request by request.
"""

from typing import NamedTuple

from panregion.region.catalogue import Catalogue, Operation
from panregion.wire import Prepared, identify, prepare, protocol_of
from panregion.world import Request

LANES_MAX = 2048
Signs = tuple[str | None, str, str]


class Lane(NamedTuple):
    """What is known of a request by its headers."""

    service: str
    operation: Operation
    prepared: Prepared


def signs(request: Request) -> Signs | None:
    """What tells a request's lane; None for one that can have none."""
    target, authorization = request.header("x-amz-target"), request.header("authorization")
    if target is None or authorization is None or request.header("content-encoding") is not None:
        return None
    return request.header("host"), target, authorization.partition(",")[0]


class Lanes:
    """The lanes of one region, the oldest forgotten when there are too many."""

    def __init__(self, region: str, catalogue: Catalogue) -> None:
        self._region = region
        self._catalogue = catalogue
        self._known: dict[Signs, Lane] = {}

    def find(self, signs: Signs) -> Lane | None:
        """The lane of requests with these signs, if one was learnt."""
        return self._known.get(signs)

    def learn(self, signs: Signs, request: Request, operation: Operation) -> None:
        """Remember what the long way found out of a request of this region; not every request can have a lane."""
        addressed = identify(request)
        if addressed is None or addressed.region not in (None, self._region):
            return
        if operation.waits or protocol_of(request, addressed.service) != "json":
            return
        prepared = prepare(addressed.service, operation.name)
        if prepared is None:
            return
        if len(self._known) >= LANES_MAX:
            self._known.pop(next(iter(self._known)))
        self._known[signs] = Lane(addressed.service, operation, prepared)
