"""What the edge asks of CloudWatch in a region: the states of its alarms, and their changes."""

from typing import Any

from panregion.services.cloudwatch import layout
from panregion.services.cloudwatch.model import FEED
from panregion.services.following import Followed
from panregion.services.here import Here

FOLLOWED = Followed(FEED, snapshot=layout.states)


async def changes(here: Here, epoch: str, after: int, wait_s: float = 0.0) -> dict[str, Any]:
    """What follows position `after`, as `Followed.changes` gives it."""
    return await FOLLOWED.changes(here, epoch, after, wait_s)
