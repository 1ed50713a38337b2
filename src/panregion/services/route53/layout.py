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
from itertools import chain

import msgspec

from panregion.services.here import Here
from panregion.services.records import Id, Table
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

SPACE = "route53"
ZONES = Table(SPACE, "zone", Zone, missing=NoSuchHostedZone.named)
ZONE_REFERENCES = Table(SPACE, "zone-reference", str)
RECORDS = Table(SPACE, "record", RecordSet)
CHECKS = Table(SPACE, "check", HealthCheck)
CHECK_REFERENCES = Table(SPACE, "check-reference", str)
CIDRS = Table(SPACE, "cidr", CidrCollection)
DELEGATIONS = Table(SPACE, "delegation", DelegationSet)
TRAFFIC_POLICIES = Table(SPACE, "traffic-policy", TrafficPolicy)
TRAFFIC_INSTANCES = Table(SPACE, "traffic-instance", TrafficInstance)
TRAFFIC_RECORDS = Table(SPACE, "traffic-record", RecordSet)
CHANGES = Table(SPACE, "change", tuple[float, int])
TAGS = Table(SPACE, "tags", dict[str, str])


def _publish(here: Here, change: Change) -> int:
    return here.publish(FEED, msgspec.msgpack.encode(change))


def zone(here: Here, zone_id: str) -> Zone:
    """Raises NoSuchHostedZone."""
    return ZONES.require(here.tx, zone_id.rsplit("/", 1)[-1])


def zones(here: Here, after: str = "") -> Iterator[Zone]:
    """All zones by id, those behind `after` if one is given."""
    return ZONES.all(here.tx, after=(after,) if after else ())


def put_zone(here: Here, zone: Zone) -> int:
    ZONES.put(here.tx, zone, zone.id)
    ZONE_REFERENCES.put(here.tx, zone.id, zone.caller_reference)
    return _publish(here, Change(zone=zone))


def delete_zone(here: Here, zone: Zone) -> int:
    """The zone, its records and its tags."""
    for record in list(records(here, zone.id)):
        delete_record(here, record)
    ZONES.delete(here.tx, zone.id)
    TAGS.delete(here.tx, "hostedzone", zone.id)
    ZONE_REFERENCES.delete(here.tx, zone.caller_reference)
    return _publish(here, Change(gone=True, zone=zone))


def zone_of_reference(here: Here, reference: str) -> str | None:
    return ZONE_REFERENCES.find(here.tx, reference)


def _place(record: RecordSet) -> tuple[Id, ...]:
    return record.zone_id, reversed_name(record.name), record.type, record.set_identifier


def record(here: Here, like: RecordSet) -> RecordSet | None:
    """The record set with the same zone, name, type and identifier."""
    return RECORDS.find(here.tx, *_place(like))


def records(here: Here, zone_id: str) -> Iterator[RecordSet]:
    return RECORDS.all(here.tx, zone_id)


def records_from(here: Here, zone_id: str, name: str, type: str, set_identifier: str) -> Iterator[RecordSet]:
    """The zone's record sets from that one on, itself included."""
    start = (reversed_name(name), type, set_identifier)
    first = RECORDS.find(here.tx, zone_id, *start)
    return chain([] if first is None else [first], RECORDS.all(here.tx, zone_id, after=start))


def records_at(here: Here, zone_id: str, name: str) -> Iterator[RecordSet]:
    """Every record set of that very name."""
    return RECORDS.all(here.tx, zone_id, reversed_name(name))


def put_record(here: Here, record: RecordSet) -> int:
    RECORDS.put(here.tx, record, *_place(record))
    return _publish(here, _told(record))


def delete_record(here: Here, record: RecordSet) -> int:
    """A record set; with one that stands for a traffic policy instance what that made goes, too."""
    RECORDS.delete(here.tx, *_place(record))
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
        TRAFFIC_RECORDS.put(here.tx, record, instance_id, number)
        sequence = _publish(here, Change(record=record))
    return sequence


def delete_traffic_records(here: Here, instance_id: str) -> int:
    """Forget what an instance made, if it is still there."""
    sequence = _publish(here, Change())
    for record in list(TRAFFIC_RECORDS.all(here.tx, instance_id)):
        sequence = _publish(here, Change(gone=True, record=record))
    TRAFFIC_RECORDS.delete_all(here.tx, instance_id)
    return sequence


def check(here: Here, check_id: str) -> HealthCheck:
    """Raises NoSuchHealthCheck."""
    found = CHECKS.find(here.tx, check_id.rsplit("/", 1)[-1])
    if found is None:
        raise NoSuchHealthCheck.named(check_id)
    return found


def checks(here: Here, after: str = "") -> Iterator[HealthCheck]:
    return CHECKS.all(here.tx, after=(after,) if after else ())


def check_of_reference(here: Here, reference: str) -> str | None:
    return CHECK_REFERENCES.find(here.tx, reference)


def put_check(here: Here, check: HealthCheck) -> int:
    CHECKS.put(here.tx, check, check.id)
    CHECK_REFERENCES.put(here.tx, check.id, check.caller_reference)
    return _publish(here, Change(check=check))


def delete_check(here: Here, check: HealthCheck) -> int:
    """The check and its tags. Its caller reference stays used up, as on AWS."""
    CHECKS.delete(here.tx, check.id)
    TAGS.delete(here.tx, "healthcheck", check.id)
    return _publish(here, Change(gone=True, check=check))


def cidr(here: Here, collection_id: str) -> CidrCollection | None:
    return CIDRS.find(here.tx, collection_id)


def cidrs(here: Here, after: str = "") -> Iterator[CidrCollection]:
    return CIDRS.all(here.tx, after=(after,) if after else ())


def put_cidr(here: Here, collection: CidrCollection) -> int:
    CIDRS.put(here.tx, collection, collection.id)
    return _publish(here, Change(cidr=collection))


def delete_cidr(here: Here, collection: CidrCollection) -> int:
    CIDRS.delete(here.tx, collection.id)
    return _publish(here, Change(gone=True, cidr=collection))


def delegation_set(here: Here, set_id: str) -> DelegationSet | None:
    return DELEGATIONS.find(here.tx, set_id)


def delegation_sets(here: Here) -> Iterator[DelegationSet]:
    return DELEGATIONS.all(here.tx)


def put_delegation_set(here: Here, found: DelegationSet) -> None:
    DELEGATIONS.put(here.tx, found, found.id)


def delete_delegation_set(here: Here, set_id: str) -> None:
    DELEGATIONS.delete(here.tx, set_id)


def traffic_policy(here: Here, policy_id: str, version: int) -> TrafficPolicy | None:
    return TRAFFIC_POLICIES.find(here.tx, policy_id, version)


def traffic_policies(here: Here) -> Iterator[TrafficPolicy]:
    """Every version of every policy, by id and version."""
    return TRAFFIC_POLICIES.all(here.tx)


def traffic_policy_ids(here: Here) -> Iterator[str]:
    """Every policy once."""
    return iter(dict.fromkeys(policy.id for policy in traffic_policies(here)))


def put_traffic_policy(here: Here, policy: TrafficPolicy) -> None:
    TRAFFIC_POLICIES.put(here.tx, policy, policy.id, policy.version)


def delete_traffic_policy(here: Here, policy: TrafficPolicy) -> None:
    TRAFFIC_POLICIES.delete(here.tx, policy.id, policy.version)


def traffic_instance(here: Here, instance_id: str) -> TrafficInstance | None:
    return TRAFFIC_INSTANCES.find(here.tx, instance_id)


def traffic_instances(here: Here) -> Iterator[TrafficInstance]:
    return TRAFFIC_INSTANCES.all(here.tx)


def put_traffic_instance(here: Here, instance: TrafficInstance) -> None:
    TRAFFIC_INSTANCES.put(here.tx, instance, instance.id)


def delete_traffic_instance(here: Here, instance_id: str) -> None:
    TRAFFIC_INSTANCES.delete(here.tx, instance_id)


def put_change(here: Here, change_id: str, sequence: int) -> None:
    CHANGES.put(here.tx, (here.now(), sequence), change_id)


def change(here: Here, change_id: str) -> tuple[float, int] | None:
    """When it was submitted, and the sequence number of its last record in the feed."""
    return CHANGES.find(here.tx, change_id)


def tags(here: Here, kind: str, resource_id: str) -> dict[str, str]:
    return TAGS.find(here.tx, kind, resource_id) or {}


def put_tags(here: Here, kind: str, resource_id: str, tags: dict[str, str]) -> None:
    TAGS.put(here.tx, tags, kind, resource_id)


def snapshot(here: Here) -> Snapshot:
    """All that the edge needs."""
    found = list(zones(here))
    shown = [record for zone in found for record in records(here, zone.id) if not record.traffic_instance_id]
    return Snapshot(
        zones=found,
        records=[*shown, *TRAFFIC_RECORDS.all(here.tx)],
        checks=list(checks(here)),
        cidrs=list(cidrs(here)),
    )
