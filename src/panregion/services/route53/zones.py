"""Route 53's hosted zones."""

from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.route53 import describe, layout
from panregion.services.route53.delegation import require, servers_for
from panregion.services.route53.errors import (
    DelegationSetNotAvailable,
    HostedZoneAlreadyExists,
    HostedZoneNotEmpty,
    InvalidDomainName,
    InvalidInput,
    TooManyHostedZones,
)
from panregion.services.route53.limits import ACCOUNT, count
from panregion.services.route53.model import Zone, is_own, own_records, reversed_name
from panregion.services.route53.paging import PAGE_MAX, normal_name, page_size
from panregion.services.route53.submitting import new_id, submitted
from panregion.services.route53.values import name_problem
from panregion.services.service import reads
from panregion.wire import dns

LIMIT = "MAX_HOSTED_ZONES_BY_OWNER"


def create_hosted_zone(
    here: Here,
    name: str,
    caller_reference: str,
    hosted_zone_config: dict[str, Any] | None = None,
    delegation_set_id: str = "",
) -> dict[str, Any]:
    config = hosted_zone_config or {}
    if config.get("PrivateZone"):
        raise InvalidInput("panregion has public hosted zones only: it has no VPCs")
    if layout.zone_of_reference(here, caller_reference) is not None:
        raise HostedZoneAlreadyExists("A hosted zone has already been created with the specified caller reference.")
    if count(here, LIMIT) >= ACCOUNT[LIMIT]:
        raise TooManyHostedZones(f"There are {ACCOUNT[LIMIT]} hosted zones, which is as many as there may be.")
    try:
        full_name = dns.normal(name)
    except ValueError as error:
        raise InvalidDomainName(f"{name} is not a valid domain name") from error
    if full_name == "." or name_problem(name):
        raise InvalidDomainName(f"{name} is not a valid domain name")
    servers = servers_for(here, delegation_set_id)
    set_id = delegation_set_id.rsplit("/", 1)[-1]
    if set_id and any(zone.name == full_name and zone.delegation_set_id == set_id for zone in layout.zones(here)):
        raise DelegationSetNotAvailable(f"The delegation set {set_id} has a hosted zone named {full_name} already.")
    zone = Zone(new_id(here, "Z"), full_name, caller_reference, servers, config.get("Comment", ""), set_id)
    sequence = layout.put_zone(here, zone)
    for record in own_records(zone):
        sequence = layout.put_record(here, record)
    return {
        "HostedZone": describe.zone(zone, 2),
        "ChangeInfo": submitted(here, sequence),
        "DelegationSet": describe.delegation_set_of(zone),
        "Location": f"{describe.ENDPOINT}/hostedzone/{zone.id}",
    }


def delete_hosted_zone(here: Here, id: str) -> dict[str, Any]:
    zone = layout.zone(here, id)
    if any(not is_own(record, zone) for record in layout.records(here, zone.id)):
        raise HostedZoneNotEmpty(
            "The specified hosted zone contains non-required resource record sets and so cannot be deleted."
        )
    return {"ChangeInfo": submitted(here, layout.delete_zone(here, zone))}


@reads
def get_hosted_zone(here: Here, id: str) -> dict[str, Any]:
    zone = layout.zone(here, id)
    return {"HostedZone": _described(here, zone), "DelegationSet": describe.delegation_set_of(zone)}


def _described(here: Here, zone: Zone) -> dict[str, Any]:
    return describe.zone(zone, sum(1 for _ in layout.records(here, zone.id)))


@reads
def get_hosted_zone_count(here: Here) -> dict[str, Any]:
    return {"HostedZoneCount": sum(1 for _ in layout.zones(here))}


@reads
def list_hosted_zones(
    here: Here, marker: str = "", max_items: str | int = PAGE_MAX, delegation_set_id: str = ""
) -> dict[str, Any]:
    size = page_size(max_items)
    set_id = delegation_set_id.rsplit("/", 1)[-1]
    if set_id:
        require(here, set_id)
    found = [zone for zone in layout.zones(here) if zone.id >= marker and set_id in ("", zone.delegation_set_id)]
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
    size = page_size(max_items)
    if hosted_zone_id and not dns_name:
        raise InvalidInput("Hosted zone ID is not valid without a DNS name")
    start = (reversed_name(normal_name(dns_name)), hosted_zone_id.rsplit("/", 1)[-1]) if dns_name else ("", "")
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


def update_hosted_zone_comment(here: Here, id: str, comment: str = "") -> dict[str, Any]:
    zone = layout.zone(here, id)
    changed = msgspec.structs.replace(zone, comment=comment)
    layout.put_zone(here, changed)
    return {"HostedZone": _described(here, changed)}
