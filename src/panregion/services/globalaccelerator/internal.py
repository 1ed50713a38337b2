"""What the edge asks of Global Accelerator's home region (services/following.py)."""

from typing import Any

import msgspec

from panregion.services.following import Followed
from panregion.services.globalaccelerator import layout
from panregion.services.globalaccelerator.model import FEED
from panregion.services.here import Here

FOLLOWED = Followed(FEED, snapshot=lambda here: msgspec.msgpack.encode(layout.trees(here)))


async def changes(here: Here, epoch: str, after: int, wait_s: float = 0.0) -> dict[str, Any]:
    """What follows position `after`, as `Followed.changes` gives it."""
    return await FOLLOWED.changes(here, epoch, after, wait_s)


def deployed(here: Here, accelerator_arn: str) -> bool:
    """Whether the edge has an accelerator as it is now."""
    return FOLLOWED.seen(here, layout.told(here, accelerator_arn))
