"""What EventBridge asks of itself, here or in another region: to take an event as it is."""

from typing import Any

from panregion.services import Here
from panregion.services.events import layout
from panregion.services.events.delivery import accept

HOPS_MAX = 5
"""So that buses that are each other's targets do not go on for ever."""


def forward(here: Here, bus: str, event: dict[str, Any], hops: int) -> None:
    """A bus is another rule's target: the event keeps its id, source, account and region."""
    layout.require_bus(here.tx, bus)
    if hops <= HOPS_MAX:
        accept(here, bus, event, hops)
