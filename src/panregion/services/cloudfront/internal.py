"""What the edge asks of CloudFront's home region, and what CloudFormation's steps ask of it.

A distribution is deployed, and an invalidation completed, once the edge has seen its record in the feed.
"""

from typing import Any

import msgspec

from panregion.services.cloudfront import layout
from panregion.services.cloudfront.model import FEED, Kind
from panregion.services.following import Followed
from panregion.services.here import Here

FOLLOWED = Followed(FEED, snapshot=lambda here: msgspec.msgpack.encode(layout.snapshot(here)))


async def changes(here: Here, epoch: str, after: int, wait_s: float = 0.0) -> dict[str, Any]:
    """What follows a position of the feed; see services/following.py."""
    return await FOLLOWED.changes(here, epoch, after, wait_s)


def create_part(here: Here, kind: Kind, config: dict[str, Any], token: str) -> dict[str, Any]:
    """Create of that kind; a second time with the same token gives the same one. For CloudFormation's steps."""
    from panregion.services.cloudfront.api import parts  # its operations ask `is_seen`

    return parts.create_once(here, kind, config, token)


def certificate_users(here: Here, certificate_arn: str) -> dict[str, Any]:
    """The distributions that present a certificate of ACM: {"arns": [...]}."""
    found = layout.distributions(here)
    return {"arns": [one.arn for one in found if one.config["ViewerCertificate"].get("Certificate") == certificate_arn]}


def is_seen(here: Here, sequence: int) -> bool:
    """Whether the edge has seen the feed's record of that number."""
    return FOLLOWED.seen(here, sequence)
