"""A place's resolver: the name server's answers, kept as long as their TTL says, times `[time] health_check_scale`.

A user's wait after a failure is detection plus TTL; a world whose detection is shortened for a demonstration has the
TTL shortened with it. The answers themselves carry the TTL of the record.

An answer that a name does not exist is kept for NEGATIVE_TTL_S, whatever the SOA record says: AWS's would hide a
name that was asked for a moment too early for a quarter of an hour.
"""

from collections import OrderedDict
from dataclasses import dataclass

from panregion.edge.resolving import Resolution, Resolver
from panregion.edge.where import Asker
from panregion.wire import dns
from panregion.world import Clock

ENTRIES_MAX = 1000
NEGATIVE_TTL_S = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """Addresses of a name and why these, or no addresses and why not."""

    addresses: tuple[str, ...]
    why: str
    rcode: int
    expires_at: float


class PlaceResolver:
    """Resolves as one place's users do."""

    def __init__(self, resolver: Resolver, asker: Asker, clock: Clock, ttl_scale: float = 1.0) -> None:
        self._resolver = resolver
        self._asker = asker
        self._clock = clock
        self._ttl_scale = ttl_scale
        self._kept: OrderedDict[str, Found] = OrderedDict()

    def addresses(self, name: str) -> Found:
        """The IPv4 addresses of a name. Raises ValueError for what is no name."""
        name = dns.normal(name)
        now = self._clock.monotonic()
        kept = self._kept.get(name)
        if kept is not None and kept.expires_at > now:
            return kept
        resolution = self._resolver.resolve(name, dns.A, self._asker)
        found = self._found(resolution, now)
        self._kept[name] = found
        self._kept.move_to_end(name)
        if len(self._kept) > ENTRIES_MAX:
            self._kept.popitem(last=False)
        return found

    def _found(self, resolution: Resolution, now: float) -> Found:
        addresses = tuple(resolution.addresses)
        ttl_s = resolution.ttl_s * self._ttl_scale if addresses else min(NEGATIVE_TTL_S, resolution.ttl_s)
        return Found(addresses, resolution.why, resolution.rcode, now + ttl_s)
