"""What distributions, their policies and invalidations are. Pure: the edge reads the same values.

Configurations are kept as the API has them, with AWS's defaults filled in (see config/); what the edge makes of
them to be quick is its own affair.
"""

from typing import Any, Literal

import msgspec

FEED = "cloudfront"
"""Every change of what is kept here, for the edge to follow."""

ZONE_ID = "Z2FDTNDATAQYW2"
"""The hosted zone that an alias record to any distribution names."""
DOMAIN = ".cloudfront.net"

Kind = Literal[
    "cache-policy",
    "origin-request-policy",
    "response-headers-policy",
    "origin-access-control",
    "origin-access-identity",
    "public-key",
    "key-group",
]


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution. `sequence` is its latest record in the feed: where the edge has seen that, it is deployed."""

    id: str
    arn: str
    domain: str
    config: dict[str, Any]
    etag: str
    modified_at: float
    created_at: float
    sequence: int = 0

    @property
    def aliases(self) -> list[str]:
        """Its alternate domain names, in lower case."""
        return [name.lower() for name in items(self.config["Aliases"])]

    @property
    def behaviors(self) -> list[dict[str, Any]]:
        """All cache behaviours, the default one last: the order in which they are tried."""
        return [*items(self.config["CacheBehaviors"]), self.config["DefaultCacheBehavior"]]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What distributions refer to by its id: a policy, an access control, a key."""

    kind: Kind
    id: str
    config: dict[str, Any]
    etag: str
    modified_at: float
    more: dict[str, str] = {}


class Invalidation(msgspec.Struct, frozen=True, kw_only=True):
    """Paths whose objects the edge is to forget."""

    id: str
    distribution_id: str
    paths: list[str]
    caller_reference: str
    created_at: float
    sequence: int = 0


class Change(msgspec.Struct, frozen=True):
    """One record of the feed: something that now is, or (`gone`) no longer is."""

    gone: bool = False
    distribution: Distribution | None = None
    part: Part | None = None
    invalidation: Invalidation | None = None


class Snapshot(msgspec.Struct, frozen=True):
    """All that the edge needs, as of a sequence number of the feed."""

    distributions: list[Distribution] = []
    parts: list[Part] = []


def items(quantified: dict[str, Any] | None) -> list[Any]:
    """The items of one of CloudFront's {Quantity, Items}."""
    return (quantified or {}).get("Items") or []


def quantified(values: list[Any]) -> dict[str, Any]:
    """The other way round."""
    return {"Quantity": len(values), "Items": values} if values else {"Quantity": 0}
