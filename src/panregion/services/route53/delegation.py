"""Route 53's reusable delegation sets: four name servers that several zones share."""

from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.route53 import describe, layout
from panregion.services.route53.errors import (
    DelegationSetAlreadyCreated,
    DelegationSetAlreadyReusable,
    DelegationSetInUse,
    HostedZoneNotFound,
    LimitsExceeded,
    NoSuchDelegationSet,
    NoSuchHostedZone,
)
from panregion.services.route53.limits import ACCOUNT
from panregion.services.route53.model import DelegationSet, name_servers
from panregion.services.route53.paging import page_size
from panregion.services.route53.submitting import new_id
from panregion.services.service import reads

NUMBERS = 512


def require(here: Here, set_id: str) -> DelegationSet:
    """Raises NoSuchDelegationSet."""
    found = layout.delegation_set(here, set_id.rsplit("/", 1)[-1])
    if found is None:
        raise NoSuchDelegationSet(f"The delegation set {set_id} does not exist.")
    return found


def servers_for(here: Here, set_id: str) -> tuple[str, ...]:
    """The name servers for a new zone: those of a reusable set, or four of its own."""
    if set_id:
        return require(here, set_id).name_servers
    return name_servers([here.world.chance.randrange(NUMBERS) for _ in range(4)])


def create_reusable_delegation_set(here: Here, caller_reference: str, hosted_zone_id: str = "") -> dict[str, Any]:
    existing = list(layout.delegation_sets(here))
    if any(each.caller_reference == caller_reference for each in existing):
        raise DelegationSetAlreadyCreated(
            "A delegation set with the same owner and caller reference combination has already been created."
        )
    if len(existing) >= ACCOUNT["MAX_REUSABLE_DELEGATION_SETS_BY_OWNER"]:
        raise LimitsExceeded("There are as many reusable delegation sets as there may be.")
    made = DelegationSet(new_id(here, "N"), caller_reference, servers_for(here, ""))
    if hosted_zone_id:
        made = _of_zone(here, made, hosted_zone_id)
    layout.put_delegation_set(here, made)
    return {"DelegationSet": describe.delegation_set(made), "Location": f"{describe.ENDPOINT}/delegationset/{made.id}"}


def _of_zone(here: Here, made: DelegationSet, zone_id: str) -> DelegationSet:
    """The set with a zone's name servers; the zone then has them from the set."""
    try:
        zone = layout.zone(here, zone_id)
    except NoSuchHostedZone as error:
        raise HostedZoneNotFound(error.message) from error
    if zone.delegation_set_id:
        raise DelegationSetAlreadyReusable(f"The delegation set of {zone_id} is reusable already.")
    layout.put_zone(here, msgspec.structs.replace(zone, delegation_set_id=made.id))
    return msgspec.structs.replace(made, name_servers=zone.name_servers)


def delete_reusable_delegation_set(here: Here, id: str) -> dict[str, Any]:
    found = require(here, id)
    if any(zone.delegation_set_id == found.id for zone in layout.zones(here)):
        raise DelegationSetInUse(f"The delegation set {found.id} has hosted zones.")
    layout.delete_delegation_set(here, found.id)
    return {}


@reads
def get_reusable_delegation_set(here: Here, id: str) -> dict[str, Any]:
    return {"DelegationSet": describe.delegation_set(require(here, id))}


@reads
def list_reusable_delegation_sets(here: Here, marker: str = "", max_items: str | int = 100) -> dict[str, Any]:
    size = page_size(max_items)
    found = [each for each in layout.delegation_sets(here) if each.id >= marker.rsplit("/", 1)[-1]]
    page: dict[str, Any] = {
        "DelegationSets": [describe.delegation_set(each) for each in found[:size]],
        "Marker": marker,
        "IsTruncated": len(found) > size,
        "MaxItems": str(size),
    }
    if len(found) > size:
        page["NextMarker"] = found[size].id
    return page


@reads
def get_reusable_delegation_set_limit(here: Here, type: str, delegation_set_id: str) -> dict[str, Any]:
    found = require(here, delegation_set_id)
    count = sum(zone.delegation_set_id == found.id for zone in layout.zones(here))
    return {"Limit": {"Type": type, "Value": 100}, "Count": count}
