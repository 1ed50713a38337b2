"""What a region keeps in memory for its APIs, none of which has to survive it: made when it is first needed."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from panregion.services import Here
from panregion.services.apigateway.routing import Deployed

DEPLOYMENTS_MAX = 200
BUCKETS_MAX = 10_000


@dataclass(slots=True)
class Bucket:
    """How many requests may come at once, as of some moment."""

    tokens: float
    at: float

    def take(self, now: float, rate: float, burst: float) -> bool:
        """Whether one more may come now."""
        self.tokens = min(burst, self.tokens + max(0.0, now - self.at) * rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass(slots=True)
class Kept:
    """Compiled deployments by API and identifier, rates by plan and key, and calls that nobody waits for any more."""

    deployments: dict[tuple[str, str], Deployed] = field(default_factory=dict)
    buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    unawaited: set[asyncio.Task[Any]] = field(default_factory=set)

    def remember(self, api_id: str, deployed: Deployed) -> Deployed:
        if len(self.deployments) >= DEPLOYMENTS_MAX:
            self.deployments.clear()
        self.deployments[api_id, deployed.id] = deployed
        return deployed

    def bucket(self, plan_id: str, key_id: str, now: float, burst: float) -> Bucket:
        """The bucket of a key in a plan, full if it is new."""
        found = self.buckets.get((plan_id, key_id))
        if found is None:
            if len(self.buckets) >= BUCKETS_MAX:
                self.buckets.clear()
            found = self.buckets[plan_id, key_id] = Bucket(burst, now)
        return found


def kept(here: Here) -> Kept:
    """This region's."""
    found = here.running.get("apigateway")
    if found is None:
        found = here.running["apigateway"] = Kept()
    assert isinstance(found, Kept)
    return found
