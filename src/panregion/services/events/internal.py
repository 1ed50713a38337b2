"""What EventBridge asks of itself, here or in another region, and what the edge asks of it."""

from typing import Any

from panregion.services import Here
from panregion.services.events import endpoints, layout, web
from panregion.services.events.api.putting import put_events
from panregion.services.events.delivery import accept
from panregion.services.events.targets import parse_target

HOPS_MAX = 5
"""So that buses that are each other's targets do not go on for ever."""

put_events_here = put_events
"""PutEvents by way of a global endpoint that leads here."""


def forward(here: Here, bus: str, event: dict[str, Any], hops: int) -> None:
    """A bus is another rule's target: the event keeps its id, source, account and region."""
    layout.require_bus(here.tx, bus)
    if hops <= HOPS_MAX:
        accept(here, bus, event, hops)


async def send_over_http(here: Here, arn: str, settings: dict[str, Any], text: str, event: Any) -> None:
    """Give an API destination or a REST API its input, for a pipe. Raises NotDelivered, ResourceNotFoundException.

    `settings` has HttpParameters as a rule's target has them; their paths lead into `event`. Waits for the
    destination's rate.
    """
    target = parse_target(arn)
    if target.kind == "destination":
        await here.world.clock.sleep(web.reserve(here, arn))
        await web.to_destination(here, arn, settings, text, event)
    else:
        await web.to_api(here, arn, settings, text, event)


def mirror(here: Here, name: str, bus: str, target: str, role_arn: str | None = None) -> None:
    """A global endpoint wants what comes to this region's bus in the other region, too."""
    endpoints.mirror(here, name, bus, target, role_arn)


def unmirror(here: Here, name: str, bus: str) -> None:
    """It does no longer."""
    endpoints.unmirror(here, name, bus)


async def changes(here: Here, epoch: str, after: int, wait_s: float = 0.0) -> dict[str, Any]:
    """What follows position `after`, as `Followed.changes` gives it."""
    return await endpoints.FOLLOWED.changes(here, epoch, after, wait_s)
