"""What EventBridge asks of itself, here or in another region, and what the edge asks of it."""

from typing import Any

from panregion.services import Here
from panregion.services.events import endpoints, layout
from panregion.services.events.api.putting import put_events
from panregion.services.events.delivery import accept

HOPS_MAX = 5
"""So that buses that are each other's targets do not go on for ever."""

put_events_here = put_events
"""PutEvents by way of a global endpoint that leads here."""


def forward(here: Here, bus: str, event: dict[str, Any], hops: int) -> None:
    """A bus is another rule's target: the event keeps its id, source, account and region."""
    layout.require_bus(here.tx, bus)
    if hops <= HOPS_MAX:
        accept(here, bus, event, hops)


def mirror(here: Here, name: str, bus: str, target: str, role_arn: str | None = None) -> None:
    """A global endpoint wants what comes to this region's bus in the other region, too."""
    endpoints.mirror(here, name, bus, target, role_arn)


def unmirror(here: Here, name: str, bus: str) -> None:
    """It does no longer."""
    endpoints.unmirror(here, name, bus)


async def changes(here: Here, epoch: str, after: int, wait_s: float = 0.0) -> dict[str, Any]:
    """What follows position `after`, as `Followed.changes` gives it."""
    return await endpoints.FOLLOWED.changes(here, epoch, after, wait_s)
