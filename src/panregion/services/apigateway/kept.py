"""What a region keeps in memory for its APIs, none of which has to survive it: made when it is first needed."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from panregion.services import Here
from panregion.services.apigateway.routing import Deployed
from panregion.services.rates import Buckets

DEPLOYMENTS_MAX = 200
ANSWERS_MAX = 10_000


@dataclass(slots=True)
class Kept:
    """Compiled deployments by API and identifier, rates, what authorizers said, and calls that nobody waits for."""

    deployments: dict[tuple[str, str], Deployed] = field(default_factory=dict)
    rates: Buckets = field(default_factory=Buckets)
    said: dict[tuple[str, ...], tuple[float, dict[str, Any]]] = field(default_factory=dict)
    """Authorizers' answers by API, stage, authorizer and identity, with the monotonic second until which they hold."""
    unawaited: set[asyncio.Task[Any]] = field(default_factory=set)

    def remember(self, api_id: str, deployed: Deployed) -> Deployed:
        if len(self.deployments) >= DEPLOYMENTS_MAX:
            self.deployments.clear()
        self.deployments[api_id, deployed.id] = deployed
        return deployed

    def keep_answer(self, key: tuple[str, ...], until: float, answer: dict[str, Any]) -> None:
        if len(self.said) >= ANSWERS_MAX:
            self.said.clear()
        self.said[key] = until, answer

    def forget_answers(self, api_id: str, stage: str) -> None:
        """What authorizers of a stage said."""
        for key in [key for key in self.said if key[:2] == (api_id, stage)]:
            del self.said[key]


def kept(here: Here) -> Kept:
    """This region's."""
    found = here.running.get("apigateway")
    if found is None:
        found = here.running["apigateway"] = Kept()
    assert isinstance(found, Kept)
    return found
