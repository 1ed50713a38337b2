"""What the edge asks of Route 53's home region (services/following.py)."""

from typing import Any

import msgspec

from panregion.services.following import Followed
from panregion.services.here import Here
from panregion.services.route53 import layout
from panregion.services.route53.model import FEED

FOLLOWED = Followed(FEED, snapshot=lambda here: msgspec.msgpack.encode(layout.snapshot(here)))


async def changes(here: Here, epoch: str, after: int, wait_s: float = 0.0) -> dict[str, Any]:
    """What follows position `after`, as `Followed.changes` gives it."""
    return await FOLLOWED.changes(here, epoch, after, wait_s)


def change_status(here: Here, sequence: int) -> str:
    """Whether the edge has seen the feed's record of that number."""
    return "INSYNC" if FOLLOWED.seen(here, sequence) else "PENDING"
