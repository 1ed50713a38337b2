"""Amazon Route 53: one function per operation, named and documented as AWS names it.

Zones, records and tags are here; health checks in checks.py, CIDR collections in cidr.py.
"""

from itertools import islice
from typing import Any

from panregion.services.here import Here
from panregion.services.route53 import changes, describe, layout
from panregion.services.route53.checks import (
    create_health_check,
    delete_health_check,
    get_checker_ip_ranges,
    get_health_check,
    get_health_check_count,
    get_health_check_last_failure_reason,
    get_health_check_status,
    list_health_checks,
    test_dns_answer,
    update_health_check,
)
from panregion.services.route53.cidr import (
    change_cidr_collection,
    create_cidr_collection,
    delete_cidr_collection,
    list_cidr_blocks,
    list_cidr_collections,
    list_cidr_locations,
)
from panregion.services.route53.errors import (
    HostedZoneAlreadyExists,
    HostedZoneNotEmpty,
    InvalidChangeBatch,
    InvalidDomainName,
    InvalidInput,
    NoSuchChange,
    NoSuchHealthCheck,
)
from panregion.services.route53.internal import change_status
from panregion.services.route53.model import Zone, is_own, name_servers, own_records, reversed_name
from panregion.services.service import reads
from panregion.wire import dns

__all__ = [
    "change_cidr_collection",
    "change_resource_record_sets",
    "change_tags_for_resource",
    "create_cidr_collection",
    "create_health_check",
    "create_hosted_zone",
    "delete_cidr_collection",
    "delete_health_check",
    "delete_hosted_zone",
    "get_change",
    "get_checker_ip_ranges",
    "get_health_check",
    "get_health_check_count",
    "get_health_check_last_failure_reason",
    "get_health_check_status",
    "get_hosted_zone",
    "get_hosted_zone_count",
    "list_cidr_blocks",
    "list_cidr_collections",
    "list_cidr_locations",
    "list_health_checks",
    "list_hosted_zones",
    "list_hosted_zones_by_name",
    "list_resource_record_sets",
    "list_tags_for_resource",
    "list_tags_for_resources",
    "test_dns_answer",
    "update_health_check",
    "update_hosted_zone_comment",
]

PAGE_MAX = 100
RECORDS_PAGE_MAX = 300
UPPERCASE_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def _submitted(here: Here, sequence: int, comment: str = "") -> dict[str, Any]:
    change_id = "C" + here.world.chance.token(20, UPPERCASE_AND_DIGITS)
    layout.put_change(here, change_id, sequence)
    return describe.change(change_id, here.now(), "PENDING", comment)


def change_resource_record_sets(here: Here, hosted_zone_id: str, change_batch: dict[str, Any]) -> dict[str, Any]:
    zone = layout.zone(here, hosted_zone_id)
    if not change_batch["Changes"]:
        raise InvalidInput("Invalid request: a change batch has at least one change")
    asked = [changes.read(zone, change) for change in change_batch["Changes"]]
    for action, record in asked:
        if action != "DELETE" and record.health_check_id:
            _require_check(here, record.health_check_id)
    sequence = 0
    for action, record in changes.carry_out(zone, asked, lambda name: layout.records_at(here, zone.id, name)):
        write = layout.delete_record if action == "DELETE" else layout.put_record
        sequence = write(here, record)
    return {"ChangeInfo": _submitted(here, sequence, change_batch.get("Comment", ""))}


def _require_check(here: Here, check_id: str) -> None:
    try:
        layout.check(here, check_id)
    except NoSuchHealthCheck as error:
        raise InvalidChangeBatch(error.message) from error


def change_tags_for_resource(
    here: Here,
    resource_type: str,
    resource_id: str,
    add_tags: list[dict[str, str]] | None = None,
    remove_tag_keys: list[str] | None = None,
) -> dict[str, Any]:
    _require_resource(here, resource_type, resource_id)
    tags = layout.tags(here, resource_type, resource_id)
    tags |= {tag["Key"]: tag.get("Value", "") for tag in add_tags or []}
    for key in remove_tag_keys or []:
        tags.pop(key, None)
    layout.put_tags(here, resource_type, resource_id, tags)
    return {}


def _require_resource(here: Here, resource_type: str, resource_id: str) -> None:
    if resource_type == "hostedzone":
        layout.zone(here, resource_id)
    else:
        layout.check(here, resource_id)


def create_hosted_zone(
    here: Here, name: str, caller_reference: str, hosted_zone_config: dict[str, Any] | None = None
) -> dict[str, Any]:
    config = hosted_zone_config or {}
    if config.get("PrivateZone"):
        raise InvalidInput("panregion has public hosted zones only: it has no VPCs")
    if layout.zone_of_reference(here, caller_reference) is not None:
        raise HostedZoneAlreadyExists("A hosted zone has already been created with the specified caller reference.")
    try:
        full_name = dns.normal(name)
    except ValueError as error:
        raise InvalidDomainName(f"{name} is not a valid domain name") from error
    if full_name == ".":
        raise InvalidDomainName(f"{name} is not a valid domain name")
    zone = Zone(
        id="Z" + here.world.chance.token(20, UPPERCASE_AND_DIGITS),
        name=full_name,
        caller_reference=caller_reference,
        name_servers=name_servers([here.world.chance.randrange(512) for _ in range(4)]),
        comment=config.get("Comment", ""),
    )
    sequence = layout.put_zone(here, zone)
    for record in own_records(zone):
        sequence = layout.put_record(here, record)
    return {
        "HostedZone": describe.zone(zone, 2),
        "ChangeInfo": _submitted(here, sequence),
        "DelegationSet": {"NameServers": list(zone.name_servers)},
        "Location": f"{describe.ENDPOINT}/hostedzone/{zone.id}",
    }


def delete_hosted_zone(here: Here, id: str) -> dict[str, Any]:
    zone = layout.zone(here, id)
    if any(not is_own(record, zone) for record in layout.records(here, zone.id)):
        raise HostedZoneNotEmpty(
            "The specified hosted zone contains non-required resource record sets and so cannot be deleted."
        )
    return {"ChangeInfo": _submitted(here, layout.delete_zone(here, zone))}


@reads
def get_change(here: Here, id: str) -> dict[str, Any]:
    change_id = id.rsplit("/", 1)[-1]
    found = layout.change(here, change_id)
    if found is None:
        raise NoSuchChange(f"Could not find resource with ID: {change_id}")
    submitted_at, sequence = found
    return {"ChangeInfo": describe.change(change_id, submitted_at, change_status(here, sequence))}


@reads
def get_hosted_zone(here: Here, id: str) -> dict[str, Any]:
    zone = layout.zone(here, id)
    return {"HostedZone": _described(here, zone), "DelegationSet": {"NameServers": list(zone.name_servers)}}


def _described(here: Here, zone: Zone) -> dict[str, Any]:
    return describe.zone(zone, sum(1 for _ in layout.records(here, zone.id)))


@reads
def get_hosted_zone_count(here: Here) -> dict[str, Any]:
    return {"HostedZoneCount": sum(1 for _ in layout.zones(here))}


@reads
def list_hosted_zones(
    here: Here, marker: str = "", max_items: str | int = PAGE_MAX, delegation_set_id: str = ""
) -> dict[str, Any]:
    size = page_size(max_items, PAGE_MAX)
    found = [zone for zone in layout.zones(here) if zone.id >= marker and not delegation_set_id]
    page: dict[str, Any] = {
        "HostedZones": [_described(here, zone) for zone in found[:size]],
        "IsTruncated": len(found) > size,
        "MaxItems": str(size),
    }
    if marker:
        page["Marker"] = marker
    if len(found) > size:
        page["NextMarker"] = found[size].id
    return page


@reads
def list_hosted_zones_by_name(
    here: Here, dns_name: str = "", hosted_zone_id: str = "", max_items: str | int = PAGE_MAX
) -> dict[str, Any]:
    size = page_size(max_items, PAGE_MAX)
    if hosted_zone_id and not dns_name:
        raise InvalidInput("Hosted zone ID is not valid without a DNS name")
    start = (reversed_name(_normal(dns_name)), hosted_zone_id.rsplit("/", 1)[-1]) if dns_name else ("", "")
    order = sorted(((reversed_name(zone.name), zone.id), zone) for zone in layout.zones(here))
    found = [zone for key, zone in order if key >= start]
    page: dict[str, Any] = {
        "HostedZones": [_described(here, zone) for zone in found[:size]],
        "IsTruncated": len(found) > size,
        "MaxItems": str(size),
    }
    if dns_name:
        page["DNSName"] = dns_name
    if hosted_zone_id:
        page["HostedZoneId"] = hosted_zone_id
    if len(found) > size:
        page |= {"NextDNSName": found[size].name, "NextHostedZoneId": found[size].id}
    return page


def _normal(name: str) -> str:
    try:
        return dns.normal(name)
    except ValueError as error:
        raise InvalidInput(f"{name} is not a valid domain name") from error


def page_size(asked: str | int, most: int) -> int:
    """MaxItems, which travels as text. Raises InvalidInput."""
    try:
        return max(1, min(most, int(asked)))
    except ValueError as error:
        raise InvalidInput(f"{asked} is not a number of items") from error


@reads
def list_resource_record_sets(
    here: Here,
    hosted_zone_id: str,
    start_record_name: str = "",
    start_record_type: str = "",
    start_record_identifier: str = "",
    max_items: str | int = RECORDS_PAGE_MAX,
) -> dict[str, Any]:
    zone = layout.zone(here, hosted_zone_id)
    size = page_size(max_items, RECORDS_PAGE_MAX)
    if start_record_type and not start_record_name:
        raise InvalidInput("The input is not valid: a record type needs a record name")
    if start_record_identifier and not start_record_type:
        raise InvalidInput("The input is not valid: a record identifier needs a record name and a record type")
    if start_record_name:
        name = _normal(start_record_name)
        records = layout.records_from(here, zone.id, name, start_record_type, start_record_identifier)
    else:
        records = layout.records(here, zone.id)
    found = list(islice(records, size + 1))
    page: dict[str, Any] = {
        "ResourceRecordSets": [describe.record(record) for record in found[:size]],
        "IsTruncated": len(found) > size,
        "MaxItems": str(size),
    }
    if len(found) > size:
        following = found[size]
        page |= {"NextRecordName": following.name, "NextRecordType": following.type}
        if following.set_identifier:
            page["NextRecordIdentifier"] = following.set_identifier
    return page


@reads
def list_tags_for_resource(here: Here, resource_type: str, resource_id: str) -> dict[str, Any]:
    _require_resource(here, resource_type, resource_id)
    return {"ResourceTagSet": _tag_set(here, resource_type, resource_id)}


@reads
def list_tags_for_resources(here: Here, resource_type: str, resource_ids: list[str]) -> dict[str, Any]:
    for resource_id in resource_ids:
        _require_resource(here, resource_type, resource_id)
    return {"ResourceTagSets": [_tag_set(here, resource_type, resource_id) for resource_id in resource_ids]}


def _tag_set(here: Here, resource_type: str, resource_id: str) -> dict[str, Any]:
    tags = layout.tags(here, resource_type, resource_id)
    return {
        "ResourceType": resource_type,
        "ResourceId": resource_id,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


def update_hosted_zone_comment(here: Here, id: str, comment: str = "") -> dict[str, Any]:
    zone = layout.zone(here, id)
    changed = Zone(zone.id, zone.name, zone.caller_reference, zone.name_servers, comment)
    layout.put_zone(here, changed)
    return {"HostedZone": _described(here, changed)}
