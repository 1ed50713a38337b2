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
from typing import Any, TypeVar

import msgspec

from panregion.services.cloudfront.errors import CNAMEAlreadyExists, NoSuchDistribution
from panregion.services.cloudfront.model import FEED, Change, Distribution, Invalidation, Kind, Part, Snapshot
from panregion.services.here import Here
from panregion.store import Key

SPACE = "cloudfront"

T = TypeVar("T")


def _get(here: Here, key: Key, kind: type[T]) -> T | None:
    value = here.tx.get(key)
    return None if value is None else msgspec.msgpack.decode(value, type=kind)


def _put(here: Here, key: Key, value: Any) -> None:
    here.tx.put(key, msgspec.msgpack.encode(value))


def _publish(here: Here, change: Change) -> int:
    return here.publish(FEED, msgspec.msgpack.encode(change))


def distribution(here: Here, distribution_id: str) -> Distribution:
    """Raises NoSuchDistribution."""
    found = _get(here, (SPACE, "distribution", distribution_id), Distribution)
    if found is None:
        raise NoSuchDistribution
    return found


def distributions(here: Here) -> Iterator[Distribution]:
    """All distributions, by id."""
    for value in here.tx.values((SPACE, "distribution")):
        yield msgspec.msgpack.decode(value, type=Distribution)


def distribution_of_reference(here: Here, reference: str) -> str | None:
    return _get(here, (SPACE, "distribution-reference", reference), str)


def distribution_of_alias(here: Here, name: str) -> str | None:
    return _get(here, (SPACE, "alias", name.lower()), str)


def put_distribution(here: Here, new: Distribution, old: Distribution | None = None) -> Distribution:
    """Write and publish it; returns it with its sequence number. Raises CNAMEAlreadyExists."""
    for name in old.aliases if old else []:
        here.tx.delete((SPACE, "alias", name))
    for name in new.aliases:
        if distribution_of_alias(here, name) not in (None, new.id):
            raise CNAMEAlreadyExists
        _put(here, (SPACE, "alias", name), new.id)
    kept = msgspec.structs.replace(new, sequence=_publish(here, Change(distribution=new)))
    _put(here, (SPACE, "distribution", new.id), kept)
    _put(here, (SPACE, "distribution-reference", new.config["CallerReference"]), new.id)
    return kept


def delete_distribution(here: Here, old: Distribution) -> None:
    """The distribution, its names, tags and invalidations."""
    for name in old.aliases:
        here.tx.delete((SPACE, "alias", name))
    for key, _ in list(here.tx.prefix((SPACE, "invalidation", old.id))):
        here.tx.delete(key)
    here.tx.delete((SPACE, "distribution", old.id))
    here.tx.delete((SPACE, "distribution-reference", old.config["CallerReference"]))
    here.tx.delete((SPACE, "tags", old.arn))
    _publish(here, Change(gone=True, distribution=old))


def part(here: Here, kind: Kind, part_id: str) -> Part | None:
    return _get(here, (SPACE, "part", kind, part_id), Part)


def parts(here: Here, kind: Kind) -> Iterator[Part]:
    """All of a kind, by id."""
    for value in here.tx.values((SPACE, "part", kind)):
        yield msgspec.msgpack.decode(value, type=Part)


def put_part(here: Here, new: Part) -> None:
    _put(here, (SPACE, "part", new.kind, new.id), new)
    _publish(here, Change(part=new))


def delete_part(here: Here, old: Part) -> None:
    here.tx.delete((SPACE, "part", old.kind, old.id))
    _publish(here, Change(gone=True, part=old))


def invalidations(here: Here, distribution_id: str) -> Iterator[Invalidation]:
    """The newest first."""
    for value in here.tx.values((SPACE, "invalidation", distribution_id)):
        yield msgspec.msgpack.decode(value, type=Invalidation)


def put_invalidation(here: Here, new: Invalidation) -> Invalidation:
    """Write and publish it; returns it with its sequence number."""
    kept = msgspec.structs.replace(new, sequence=_publish(here, Change(invalidation=new)))
    _put(here, (SPACE, "invalidation", new.distribution_id, -new.created_at, new.id), kept)
    return kept


def forget_invalidations(here: Here, distribution_id: str, keep: int) -> None:
    """Delete all but the newest."""
    keys = [key for key, _ in here.tx.prefix((SPACE, "invalidation", distribution_id))]
    for key in keys[keep:]:
        here.tx.delete(key)


def tags(here: Here, arn: str) -> dict[str, str]:
    return _get(here, (SPACE, "tags", arn), dict[str, str]) or {}


def put_tags(here: Here, arn: str, tags: dict[str, str]) -> None:
    _put(here, (SPACE, "tags", arn), tags)


def snapshot(here: Here) -> Snapshot:
    """All that the edge needs."""
    found = [msgspec.msgpack.decode(value, type=Part) for value in here.tx.values((SPACE, "part"))]
    return Snapshot(distributions=list(distributions(here)), parts=found)
