"""Where Route 53 keeps things.

    ("route53", "zone", zone id)                                    -> Zone
    ("route53", "zone-reference", caller reference)                 -> zone id
    ("route53", "record", zone id, reversed name, type, set id)     -> RecordSet
    ("route53", "check", check id)                                  -> HealthCheck
    ("route53", "check-reference", caller reference)                -> check id
    ("route53", "cidr", collection id)                              -> CidrCollection
    ("route53", "delegation", set id)                               -> DelegationSet, a reusable one
    ("route53", "traffic-policy", policy id, version)               -> TrafficPolicy
    ("route53", "traffic-instance", instance id)                    -> TrafficInstance
    ("route53", "traffic-record", instance id, number)              -> RecordSet, one that the instance made
    ("route53", "change", change id)                                -> [submitted at, feed's sequence number]
    ("route53", "tags", resource type, id)                          -> {key: value}
    ("route53", "epoch")                                            -> names this store, so that a new one is noticed

Record sets sort as AWS lists them: by name with its labels reversed, then by type. Every change of zones, records,
checks and collections is published to the feed in the same transaction. A record set that stands for a traffic policy
instance is not: what the instance made is.
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
    DelegationSet,
    HealthCheck,
    RecordSet,
    Snapshot,
    TrafficInstance,
    TrafficPolicy,
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
    return _publish(here, _told(record))


def delete_record(here: Here, record: RecordSet) -> int:
    """A record set; with one that stands for a traffic policy instance what that made goes, too."""
    here.tx.delete(_record_key(record))
    if record.traffic_instance_id:
        return delete_traffic_records(here, record.traffic_instance_id)
    return _publish(here, Change(gone=True, record=record))


def _told(record: RecordSet) -> Change:
    """What is published of a record set: nothing of one that only stands for others."""
    return Change() if record.traffic_instance_id else Change(record=record)


def put_traffic_records(here: Here, instance_id: str, made: list[RecordSet]) -> int:
    """Keep and publish what an instance makes, in place of what it made before."""
    sequence = delete_traffic_records(here, instance_id)
    for number, record in enumerate(made):
        _put(here, (SPACE, "traffic-record", instance_id, number), record)
        sequence = _publish(here, Change(record=record))
    return sequence


def delete_traffic_records(here: Here, instance_id: str) -> int:
    """Forget what an instance made, if it is still there."""
    sequence = _publish(here, Change())
    for key, value in list(here.tx.prefix((SPACE, "traffic-record", instance_id))):
        here.tx.delete(key)
        sequence = _publish(here, Change(gone=True, record=msgspec.msgpack.decode(value, type=RecordSet)))
    return sequence


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


def delegation_set(here: Here, set_id: str) -> DelegationSet | None:
    return _get(here, (SPACE, "delegation", set_id), DelegationSet)


def delegation_sets(here: Here) -> Iterator[DelegationSet]:
    return _all(here, (SPACE, "delegation"), DelegationSet)


def put_delegation_set(here: Here, found: DelegationSet) -> None:
    _put(here, (SPACE, "delegation", found.id), found)


def delete_delegation_set(here: Here, set_id: str) -> None:
    here.tx.delete((SPACE, "delegation", set_id))


def traffic_policy(here: Here, policy_id: str, version: int) -> TrafficPolicy | None:
    return _get(here, (SPACE, "traffic-policy", policy_id, version), TrafficPolicy)


def traffic_policies(here: Here) -> Iterator[TrafficPolicy]:
    """Every version of every policy, by id and version."""
    return _all(here, (SPACE, "traffic-policy"), TrafficPolicy)


def traffic_policy_ids(here: Here) -> Iterator[str]:
    """Every policy once."""
    return iter(dict.fromkeys(policy.id for policy in traffic_policies(here)))


def put_traffic_policy(here: Here, policy: TrafficPolicy) -> None:
    _put(here, (SPACE, "traffic-policy", policy.id, policy.version), policy)


def delete_traffic_policy(here: Here, policy: TrafficPolicy) -> None:
    here.tx.delete((SPACE, "traffic-policy", policy.id, policy.version))


def traffic_instance(here: Here, instance_id: str) -> TrafficInstance | None:
    return _get(here, (SPACE, "traffic-instance", instance_id), TrafficInstance)


def traffic_instances(here: Here) -> Iterator[TrafficInstance]:
    return _all(here, (SPACE, "traffic-instance"), TrafficInstance)


def put_traffic_instance(here: Here, instance: TrafficInstance) -> None:
    _put(here, (SPACE, "traffic-instance", instance.id), instance)


def delete_traffic_instance(here: Here, instance_id: str) -> None:
    here.tx.delete((SPACE, "traffic-instance", instance_id))


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
    shown = [record for zone in found for record in records(here, zone.id) if not record.traffic_instance_id]
    return Snapshot(
        zones=found,
        records=[*shown, *_all(here, (SPACE, "traffic-record"), RecordSet)],
        checks=list(checks(here)),
        cidrs=list(cidrs(here)),
    )
