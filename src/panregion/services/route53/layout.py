"""Where Route 53 keeps things.

    ("route53", "zone", zone id)                                    -> Zone
    ("route53", "zone-reference", caller reference)                 -> zone id
    ("route53", "record", zone id, reversed name, type, set id)     -> RecordSet
    ("route53", "check", check id)                                  -> HealthCheck
    ("route53", "check-reference", caller reference)                -> check id
    ("route53", "cidr", collection id)                              -> CidrCollection
    ("route53", "change", change id)                                -> [submitted at, feed's sequence number]
    ("route53", "tags", resource type, id)                          -> {key: value}
    ("route53", "epoch")                                            -> names this store, so that a new one is noticed

Record sets sort as AWS lists them: by name with its labels reversed, then by type. Every change of the first,
third, fourth and sixth is published to the feed in the same transaction.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from panregion.services.here import Here
from panregion.services.route53.errors import NoSuchHealthCheck, NoSuchHostedZone
from panregion.services.route53.model import (
    FEED,
    Change,
    CidrCollection,
    HealthCheck,
    RecordSet,
    Snapshot,
    Zone,
    reversed_name,
)
from panregion.store import Key

SPACE = "route53"

T = TypeVar("T")


def _get(here: Here, key: Key, kind: type[T]) -> T | None:
    value = here.tx.get(key)
    return None if value is None else msgspec.msgpack.decode(value, type=kind)


def _all(here: Here, prefix: Key, kind: type[T], after: Key | None = None) -> Iterator[T]:
    for value in here.tx.values(prefix, after=after):
        yield msgspec.msgpack.decode(value, type=kind)


def _put(here: Here, key: Key, value: Any) -> None:
    here.tx.put(key, msgspec.msgpack.encode(value))


def _publish(here: Here, change: Change) -> int:
    return here.publish(FEED, msgspec.msgpack.encode(change))


def zone(here: Here, zone_id: str) -> Zone:
    """Raises NoSuchHostedZone."""
    zone_id = zone_id.rsplit("/", 1)[-1]
    found = _get(here, (SPACE, "zone", zone_id), Zone)
    if found is None:
        raise NoSuchHostedZone.named(zone_id)
    return found


def zones(here: Here, after: str = "") -> Iterator[Zone]:
    """All zones by id, those behind `after` if one is given."""
    return _all(here, (SPACE, "zone"), Zone, (SPACE, "zone", after) if after else None)


def put_zone(here: Here, zone: Zone) -> int:
    _put(here, (SPACE, "zone", zone.id), zone)
    _put(here, (SPACE, "zone-reference", zone.caller_reference), zone.id)
    return _publish(here, Change(zone=zone))


def delete_zone(here: Here, zone: Zone) -> int:
    """The zone, its records and its tags."""
    for record in list(records(here, zone.id)):
        delete_record(here, record)
    here.tx.delete((SPACE, "zone", zone.id))
    here.tx.delete((SPACE, "tags", "hostedzone", zone.id))
    here.tx.delete((SPACE, "zone-reference", zone.caller_reference))
    return _publish(here, Change(gone=True, zone=zone))


def zone_of_reference(here: Here, reference: str) -> str | None:
    return _get(here, (SPACE, "zone-reference", reference), str)


def _record_key(record: RecordSet) -> Key:
    return (SPACE, "record", record.zone_id, reversed_name(record.name), record.type, record.set_identifier)


def record(here: Here, like: RecordSet) -> RecordSet | None:
    """The record set with the same zone, name, type and identifier."""
    return _get(here, _record_key(like), RecordSet)


def records(here: Here, zone_id: str) -> Iterator[RecordSet]:
    return _all(here, (SPACE, "record", zone_id), RecordSet)


def records_from(here: Here, zone_id: str, name: str, type: str, set_identifier: str) -> Iterator[RecordSet]:
    """The zone's record sets from that one on, itself included."""
    start: Key = (SPACE, "record", zone_id, reversed_name(name), type, set_identifier)
    for key, value in here.tx.range(start):
        if key[:3] != start[:3]:
            return
        yield msgspec.msgpack.decode(value, type=RecordSet)


def records_at(here: Here, zone_id: str, name: str) -> Iterator[RecordSet]:
    """Every record set of that very name."""
    return _all(here, (SPACE, "record", zone_id, reversed_name(name)), RecordSet)


def put_record(here: Here, record: RecordSet) -> int:
    _put(here, _record_key(record), record)
    return _publish(here, Change(record=record))


def delete_record(here: Here, record: RecordSet) -> int:
    here.tx.delete(_record_key(record))
    return _publish(here, Change(gone=True, record=record))


def check(here: Here, check_id: str) -> HealthCheck:
    """Raises NoSuchHealthCheck."""
    found = _get(here, (SPACE, "check", check_id.rsplit("/", 1)[-1]), HealthCheck)
    if found is None:
        raise NoSuchHealthCheck.named(check_id)
    return found


def checks(here: Here, after: str = "") -> Iterator[HealthCheck]:
    return _all(here, (SPACE, "check"), HealthCheck, (SPACE, "check", after) if after else None)


def check_of_reference(here: Here, reference: str) -> str | None:
    return _get(here, (SPACE, "check-reference", reference), str)


def put_check(here: Here, check: HealthCheck) -> int:
    _put(here, (SPACE, "check", check.id), check)
    _put(here, (SPACE, "check-reference", check.caller_reference), check.id)
    return _publish(here, Change(check=check))


def delete_check(here: Here, check: HealthCheck) -> int:
    """The check and its tags. Its caller reference stays used up, as on AWS."""
    here.tx.delete((SPACE, "check", check.id))
    here.tx.delete((SPACE, "tags", "healthcheck", check.id))
    return _publish(here, Change(gone=True, check=check))


def cidr(here: Here, collection_id: str) -> CidrCollection | None:
    return _get(here, (SPACE, "cidr", collection_id), CidrCollection)


def cidrs(here: Here, after: str = "") -> Iterator[CidrCollection]:
    return _all(here, (SPACE, "cidr"), CidrCollection, (SPACE, "cidr", after) if after else None)


def put_cidr(here: Here, collection: CidrCollection) -> int:
    _put(here, (SPACE, "cidr", collection.id), collection)
    return _publish(here, Change(cidr=collection))


def delete_cidr(here: Here, collection: CidrCollection) -> int:
    here.tx.delete((SPACE, "cidr", collection.id))
    return _publish(here, Change(gone=True, cidr=collection))


def put_change(here: Here, change_id: str, sequence: int) -> None:
    _put(here, (SPACE, "change", change_id), (here.now(), sequence))


def change(here: Here, change_id: str) -> tuple[float, int] | None:
    """When it was submitted, and the sequence number of its last record in the feed."""
    return _get(here, (SPACE, "change", change_id), tuple[float, int])


def tags(here: Here, kind: str, resource_id: str) -> dict[str, str]:
    return _get(here, (SPACE, "tags", kind, resource_id), dict[str, str]) or {}


def put_tags(here: Here, kind: str, resource_id: str, tags: dict[str, str]) -> None:
    _put(here, (SPACE, "tags", kind, resource_id), tags)


def snapshot(here: Here) -> Snapshot:
    """All that the edge needs."""
    found = list(zones(here))
    return Snapshot(
        zones=found,
        records=[record for zone in found for record in records(here, zone.id)],
        checks=list(checks(here)),
        cidrs=list(cidrs(here)),
    )
