"""Where CloudFront keeps things.

    ("cloudfront", "distribution", distribution id)                     -> Distribution
    ("cloudfront", "distribution-reference", caller reference)          -> distribution id
    ("cloudfront", "alias", alternate domain name)                      -> distribution id
    ("cloudfront", "part", kind, id)                                    -> Part
    ("cloudfront", "invalidation", distribution id, -created at, id)    -> Invalidation, the newest first
    ("cloudfront", "tags", ARN)                                         -> {key: value}

Distributions, parts and invalidations are published to the feed in the transaction that changes them.
"""

from collections.abc import Iterator

import msgspec

from panregion.services.cloudfront.errors import CNAMEAlreadyExists, NoSuchDistribution
from panregion.services.cloudfront.model import FEED, Change, Distribution, Invalidation, Kind, Part, Snapshot
from panregion.services.here import Here
from panregion.services.records import Id, Table

SPACE = "cloudfront"
DISTRIBUTIONS = Table(SPACE, "distribution", Distribution, missing=lambda _id: NoSuchDistribution())
REFERENCES = Table(SPACE, "distribution-reference", str)
ALIASES = Table(SPACE, "alias", str)
PARTS = Table(SPACE, "part", Part)
INVALIDATIONS = Table(SPACE, "invalidation", Invalidation)
TAGS = Table(SPACE, "tags", dict[str, str])


def _publish(here: Here, change: Change) -> int:
    return here.publish(FEED, msgspec.msgpack.encode(change))


def distribution(here: Here, distribution_id: str) -> Distribution:
    """Raises NoSuchDistribution."""
    return DISTRIBUTIONS.require(here.tx, distribution_id)


def distributions(here: Here) -> Iterator[Distribution]:
    """All distributions, by id."""
    return DISTRIBUTIONS.all(here.tx)


def distribution_of_reference(here: Here, reference: str) -> str | None:
    return REFERENCES.find(here.tx, reference)


def distribution_of_alias(here: Here, name: str) -> str | None:
    return ALIASES.find(here.tx, name.lower())


def put_distribution(here: Here, new: Distribution, old: Distribution | None = None) -> Distribution:
    """Write and publish it; returns it with its sequence number. Raises CNAMEAlreadyExists."""
    for name in old.aliases if old else []:
        ALIASES.delete(here.tx, name)
    for name in new.aliases:
        if distribution_of_alias(here, name) not in (None, new.id):
            raise CNAMEAlreadyExists
        ALIASES.put(here.tx, new.id, name)
    kept = msgspec.structs.replace(new, sequence=_publish(here, Change(distribution=new)))
    REFERENCES.put(here.tx, new.id, new.config["CallerReference"])
    return DISTRIBUTIONS.put(here.tx, kept, new.id)


def delete_distribution(here: Here, old: Distribution) -> None:
    """The distribution, its names, tags and invalidations."""
    for name in old.aliases:
        ALIASES.delete(here.tx, name)
    INVALIDATIONS.delete_all(here.tx, old.id)
    DISTRIBUTIONS.delete(here.tx, old.id)
    REFERENCES.delete(here.tx, old.config["CallerReference"])
    TAGS.delete(here.tx, old.arn)
    _publish(here, Change(gone=True, distribution=old))


def part(here: Here, kind: Kind, part_id: str) -> Part | None:
    return PARTS.find(here.tx, kind, part_id)


def parts(here: Here, kind: Kind) -> Iterator[Part]:
    """All of a kind, by id."""
    return PARTS.all(here.tx, kind)


def put_part(here: Here, new: Part) -> None:
    PARTS.put(here.tx, new, new.kind, new.id)
    _publish(here, Change(part=new))


def delete_part(here: Here, old: Part) -> None:
    PARTS.delete(here.tx, old.kind, old.id)
    _publish(here, Change(gone=True, part=old))


def invalidations(here: Here, distribution_id: str) -> Iterator[Invalidation]:
    """The newest first."""
    return INVALIDATIONS.all(here.tx, distribution_id)


def put_invalidation(here: Here, new: Invalidation) -> Invalidation:
    """Write and publish it; returns it with its sequence number."""
    kept = msgspec.structs.replace(new, sequence=_publish(here, Change(invalidation=new)))
    return INVALIDATIONS.put(here.tx, kept, *_place(kept))


def forget_invalidations(here: Here, distribution_id: str, keep: int) -> None:
    """Delete all but the newest."""
    for old in list(invalidations(here, distribution_id))[keep:]:
        INVALIDATIONS.delete(here.tx, *_place(old))


def _place(invalidation: Invalidation) -> tuple[Id, ...]:
    return invalidation.distribution_id, -invalidation.created_at, invalidation.id


def tags(here: Here, arn: str) -> dict[str, str]:
    return TAGS.find(here.tx, arn) or {}


def put_tags(here: Here, arn: str, tags: dict[str, str]) -> None:
    TAGS.put(here.tx, tags, arn)


def snapshot(here: Here) -> Snapshot:
    """All that the edge needs."""
    return Snapshot(distributions=list(distributions(here)), parts=list(PARTS.all(here.tx)))
