"""Route 53's traffic policy instances: the records that a policy makes at a name of a zone."""

from collections.abc import Callable
from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.route53 import describe, layout
from panregion.services.route53.conflicts import conflicts, named
from panregion.services.route53.errors import (
    ConflictingTypes,
    InvalidInput,
    NoSuchTrafficPolicyInstance,
    TooManyTrafficPolicyInstances,
    TrafficPolicyInstanceAlreadyExists,
)
from panregion.services.route53.limits import ACCOUNT, count
from panregion.services.route53.model import RecordSet, TrafficInstance, Zone, within
from panregion.services.route53.paging import normal_name, page_size
from panregion.services.route53.traffic import require
from panregion.services.route53.traffic_document import parse, records
from panregion.services.service import reads

LIMIT = "MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER"


def _require(here: Here, instance_id: str) -> TrafficInstance:
    found = layout.traffic_instance(here, instance_id)
    if found is None:
        raise NoSuchTrafficPolicyInstance(f"No traffic policy instance exists with Id {instance_id}.")
    return found


def _standing(instance: TrafficInstance) -> RecordSet:
    """The record set that stands for an instance in its zone."""
    return RecordSet(instance.zone_id, instance.name, instance.type, ttl=instance.ttl, traffic_instance_id=instance.id)


def _apply(here: Here, zone: Zone, instance: TrafficInstance) -> TrafficInstance:
    """Make the instance's records; where others of its name forbid them it is Failed, and says why."""
    standing = _standing(instance)
    others = [record for record in layout.records_at(here, zone.id, instance.name) if record.id != standing.id]
    own = layout.record(here, standing)
    problems = list(conflicts(zone, standing, others))
    if own is not None and own.traffic_instance_id != instance.id:
        problems.append(f"Tried to create resource record set {named(standing)} but it already exists")
    if problems:
        failed = msgspec.structs.replace(instance, state="Failed", message=" ".join(problems))
        layout.put_traffic_instance(here, failed)
        return failed
    policy = require(here, instance.policy_id, instance.policy_version)
    layout.put_traffic_instance(here, instance)
    layout.put_record(here, standing)
    made = records(parse(policy.document), zone, instance.name, instance.ttl, instance.id)
    layout.put_traffic_records(here, instance.id, made)
    return instance


def create_traffic_policy_instance(
    here: Here, hosted_zone_id: str, name: str, ttl: int, traffic_policy_id: str, traffic_policy_version: int
) -> dict[str, Any]:
    zone = layout.zone(here, hosted_zone_id)
    policy = require(here, traffic_policy_id, traffic_policy_version)
    full_name = normal_name(name)
    if not within(full_name, zone.name):
        raise InvalidInput(f"{full_name} is not in the hosted zone {zone.name}")
    for other in layout.traffic_instances(here):
        if (other.zone_id, other.name, other.type) == (zone.id, full_name, policy.type):
            raise TrafficPolicyInstanceAlreadyExists(f"There is a traffic policy instance for {full_name} already.")
    if count(here, LIMIT) >= ACCOUNT[LIMIT]:
        raise TooManyTrafficPolicyInstances(f"There are {ACCOUNT[LIMIT]} traffic policy instances already.")
    new_id = here.world.chance.uuid()
    made = _apply(here, zone, TrafficInstance(new_id, zone.id, full_name, ttl, policy.id, policy.version, policy.type))
    return {
        "TrafficPolicyInstance": describe.traffic_instance(made, "Creating"),
        "Location": f"{describe.ENDPOINT}/trafficpolicyinstance/{new_id}",
    }


@reads
def get_traffic_policy_instance(here: Here, id: str) -> dict[str, Any]:
    return {"TrafficPolicyInstance": describe.traffic_instance(_require(here, id))}


@reads
def get_traffic_policy_instance_count(here: Here) -> dict[str, Any]:
    return {"TrafficPolicyInstanceCount": count(here, LIMIT)}


def update_traffic_policy_instance(
    here: Here, id: str, ttl: int, traffic_policy_id: str, traffic_policy_version: int
) -> dict[str, Any]:
    instance = _require(here, id)
    policy = require(here, traffic_policy_id, traffic_policy_version)
    if policy.type != instance.type:
        raise ConflictingTypes(f"The instance's records are of type {instance.type}, the policy's of {policy.type}.")
    changed = msgspec.structs.replace(
        instance, ttl=ttl, policy_id=policy.id, policy_version=policy.version, state="Applied", message=""
    )
    made = _apply(here, layout.zone(here, instance.zone_id), changed)
    return {"TrafficPolicyInstance": describe.traffic_instance(made, "Updating")}


def delete_traffic_policy_instance(here: Here, id: str) -> dict[str, Any]:
    instance = _require(here, id)
    standing = layout.record(here, _standing(instance))
    if standing is not None and standing.traffic_instance_id == id:
        layout.delete_record(here, standing)
    layout.delete_traffic_instance(here, id)
    return {}


Place = tuple[str, str, str]


def _place(instance: TrafficInstance) -> Place:
    """The order in which instances are listed: by zone, name, type."""
    return (instance.zone_id, instance.name, instance.type)


def _page(
    here: Here, belongs: Callable[[TrafficInstance], bool], marker: Place, max_items: str | int
) -> dict[str, Any]:
    size = page_size(max_items)
    zone_id, name, record_type = marker
    start = (zone_id.rsplit("/", 1)[-1], normal_name(name) if name else "", record_type)
    listed = sorted((each for each in layout.traffic_instances(here) if belongs(each)), key=_place)
    found = [each for each in listed if _place(each) >= start]
    page: dict[str, Any] = {
        "TrafficPolicyInstances": [describe.traffic_instance(each) for each in found[:size]],
        "IsTruncated": len(found) > size,
        "MaxItems": str(size),
    }
    if len(found) > size:
        following = found[size]
        page |= {
            "HostedZoneIdMarker": following.zone_id,
            "TrafficPolicyInstanceNameMarker": following.name,
            "TrafficPolicyInstanceTypeMarker": following.type,
        }
    return page


@reads
def list_traffic_policy_instances(
    here: Here,
    hosted_zone_id_marker: str = "",
    traffic_policy_instance_name_marker: str = "",
    traffic_policy_instance_type_marker: str = "",
    max_items: str | int = 100,
) -> dict[str, Any]:
    marker = (hosted_zone_id_marker, traffic_policy_instance_name_marker, traffic_policy_instance_type_marker)
    return _page(here, lambda _: True, marker, max_items)


@reads
def list_traffic_policy_instances_by_hosted_zone(
    here: Here,
    hosted_zone_id: str,
    traffic_policy_instance_name_marker: str = "",
    traffic_policy_instance_type_marker: str = "",
    max_items: str | int = 100,
) -> dict[str, Any]:
    zone = layout.zone(here, hosted_zone_id)
    marker = (zone.id, traffic_policy_instance_name_marker, traffic_policy_instance_type_marker)
    page = _page(here, lambda each: each.zone_id == zone.id, marker, max_items)
    page.pop("HostedZoneIdMarker", None)
    return page


@reads
def list_traffic_policy_instances_by_policy(
    here: Here,
    traffic_policy_id: str,
    traffic_policy_version: int,
    hosted_zone_id_marker: str = "",
    traffic_policy_instance_name_marker: str = "",
    traffic_policy_instance_type_marker: str = "",
    max_items: str | int = 100,
) -> dict[str, Any]:
    require(here, traffic_policy_id, traffic_policy_version)
    marker = (hosted_zone_id_marker, traffic_policy_instance_name_marker, traffic_policy_instance_type_marker)
    wanted = (traffic_policy_id, traffic_policy_version)
    return _page(here, lambda each: (each.policy_id, each.policy_version) == wanted, marker, max_items)
