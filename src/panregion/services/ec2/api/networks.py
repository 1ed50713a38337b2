"""VPCs and subnets."""

import ipaddress
from typing import Any

from panregion.services import Here, reads
from panregion.services.ec2 import layout
from panregion.services.ec2.api.tags import specified
from panregion.services.ec2.errors import in_use, invalid_value, missing
from panregion.services.ec2.filters import members, paged, passing
from panregion.wire import AwsError

Json = dict[str, Any]
Block = ipaddress.IPv4Network

VPC_FILTERS = {
    "cidr": members("CidrBlock"),
    "cidr-block-association.cidr-block": members("CidrBlockAssociationSet", "CidrBlock"),
    "is-default": members("IsDefault"),
    "isDefault": members("IsDefault"),
    "owner-id": members("OwnerId"),
    "state": members("State"),
    "vpc-id": members("VpcId"),
}
SUBNET_FILTERS = {
    "availability-zone": members("AvailabilityZone"),
    "availabilityZone": members("AvailabilityZone"),
    "availability-zone-id": members("AvailabilityZoneId"),
    "cidr-block": members("CidrBlock"),
    "default-for-az": members("DefaultForAz"),
    "defaultForAz": members("DefaultForAz"),
    "map-public-ip-on-launch": members("MapPublicIpOnLaunch"),
    "owner-id": members("OwnerId"),
    "state": members("State"),
    "subnet-id": members("SubnetId"),
    "vpc-id": members("VpcId"),
}


def _block(text: str | None, what: str) -> Block:
    """Raises MissingParameter, InvalidParameterValue, Invalid...Range."""
    if text is None:
        raise missing("cidrBlock")
    try:
        block = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise invalid_value("cidrBlock", text, "This is not a valid CIDR block.") from error
    if not 16 <= block.prefixlen <= 28:
        raise AwsError.of(f"Invalid{what}.Range", f"The CIDR '{text}' is invalid.")
    return block


def create_vpc(
    here: Here,
    cidr_block: str | None = None,
    instance_tenancy: str = "default",
    tag_specifications: list[Json] | None = None,
) -> Json:
    """With its main route table and default security group."""
    block = str(_block(cidr_block, "Vpc"))
    new = layout.vpc(here, layout.new_id(here, "vpc"), block, instance_tenancy)
    new["Tags"] = specified("vpc", tag_specifications)
    layout.put(here, "vpc", new)
    thing_id = new["VpcId"]
    layout.put(
        here, "routeTable", layout.route_table(here, layout.new_id(here, "routeTable"), thing_id, block, main=True)
    )
    group_id = layout.new_id(here, "security group")
    layout.put(here, "security group", layout.group(here, group_id, thing_id, "default", "default VPC security group"))
    return {"Vpc": {**new, "State": "pending"}}


@reads
def describe_vpcs(
    here: Here,
    filters: list[Json] | None = None,
    vpc_ids: list[str] | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> Json:
    found = described(here, "vpc", vpc_ids, filters, VPC_FILTERS)
    shown, following = paged(found, next_token, max_results)
    return {"Vpcs": shown, **following}


def described(here: Here, kind: str, ids: list[str] | None, filters: list[Json] | None, known: Any) -> list[Json]:
    """Those named, or all; then what filters let through. Raises Invalid...NotFound."""
    found = [layout.require(here, kind, thing_id) for thing_id in ids] if ids else layout.everything(here, kind)
    things = passing(found, filters, known)
    return [{key: value for key, value in thing.items() if not key.startswith("_")} for thing in things]


def delete_vpc(here: Here, vpc_id: str) -> Json:
    """With its default group and main route table; everything else must be gone. Raises DependencyViolation."""
    layout.changeable(here, "vpc", vpc_id)
    groups = _in_vpc(here, "security group", vpc_id)
    tables = _in_vpc(here, "routeTable", vpc_id)
    own = [group for group in groups if group["GroupName"] != "default"]
    own += [table for table in tables if not any(each.get("Main") for each in table["Associations"])]
    own += _in_vpc(here, "subnet", vpc_id)
    own += [
        gateway
        for gateway in layout.everything(here, "internetGateway")
        if any(each["VpcId"] == vpc_id for each in gateway["Attachments"])
    ]
    if own:
        raise in_use("vpc", vpc_id)
    for kind, things in (("security group", groups), ("routeTable", tables)):
        for thing in things:
            layout.delete(here, kind, thing[layout.ID_MEMBERS[kind]])
    layout.delete(here, "vpc", vpc_id)
    return {}


def _in_vpc(here: Here, kind: str, vpc_id: str) -> list[Json]:
    return [thing for thing in layout.everything(here, kind) if thing.get("VpcId") == vpc_id]


@reads
def describe_vpc_attribute(here: Here, attribute: str, vpc_id: str) -> Json:
    found = layout.require(here, "vpc", vpc_id)
    defaults = {"enableDnsSupport": True, "enableDnsHostnames": found["IsDefault"]}
    name = attribute[:1].upper() + attribute[1:]
    value = found.get(f"_{attribute}", defaults.get(attribute, False))
    return {"VpcId": vpc_id, name: {"Value": value}}


def modify_vpc_attribute(
    here: Here,
    vpc_id: str,
    enable_dns_hostnames: Json | None = None,
    enable_dns_support: Json | None = None,
    enable_network_address_usage_metrics: Json | None = None,
) -> Json:
    found = layout.changeable(here, "vpc", vpc_id)
    given = {
        "_enableDnsHostnames": enable_dns_hostnames,
        "_enableDnsSupport": enable_dns_support,
        "_enableNetworkAddressUsageMetrics": enable_network_address_usage_metrics,
    }
    new = {name: value.get("Value", False) for name, value in given.items() if value is not None}
    layout.put(here, "vpc", {**found, **new})
    return {}


def create_subnet(
    here: Here,
    vpc_id: str,
    cidr_block: str | None = None,
    availability_zone: str | None = None,
    tag_specifications: list[Json] | None = None,
) -> Json:
    vpc = layout.require(here, "vpc", vpc_id)
    block = _block(cidr_block, "Subnet")
    if not block.subnet_of(ipaddress.IPv4Network(vpc["CidrBlock"])):
        raise AwsError.of("InvalidSubnet.Range", f"The CIDR '{block}' is invalid.")
    if any(block.overlaps(ipaddress.IPv4Network(each["CidrBlock"])) for each in _in_vpc(here, "subnet", vpc_id)):
        raise AwsError.of("InvalidSubnet.Conflict", f"The CIDR '{block}' conflicts with another subnet")
    zone = availability_zone or f"{here.region}{layout.ZONES[0]}"
    if zone not in zones(here):
        raise invalid_value("availabilityZone", zone, f"Subnets can be created in: {', '.join(zones(here))}.")
    new = layout.subnet(here, layout.new_id(here, "subnet"), vpc_id, str(block), zone)
    new["Tags"] = specified("subnet", tag_specifications)
    return {"Subnet": layout.put(here, "subnet", new)}


@reads
def describe_subnets(
    here: Here,
    filters: list[Json] | None = None,
    subnet_ids: list[str] | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> Json:
    found = described(here, "subnet", subnet_ids, filters, SUBNET_FILTERS)
    shown, following = paged(found, next_token, max_results)
    return {"Subnets": shown, **following}


def modify_subnet_attribute(here: Here, subnet_id: str, map_public_ip_on_launch: Json | None = None) -> Json:
    found = layout.changeable(here, "subnet", subnet_id)
    if map_public_ip_on_launch is not None:
        layout.put(here, "subnet", {**found, "MapPublicIpOnLaunch": map_public_ip_on_launch.get("Value", False)})
    return {}


def delete_subnet(here: Here, subnet_id: str) -> Json:
    layout.changeable(here, "subnet", subnet_id)
    balancers = here.call("elbv2", "DescribeLoadBalancers", {})["LoadBalancers"]
    if any(zone["SubnetId"] == subnet_id for balancer in balancers for zone in balancer["AvailabilityZones"]):
        raise in_use("subnet", subnet_id)
    layout.delete(here, "subnet", subnet_id)
    return {}


def zones(here: Here) -> list[str]:
    return [f"{here.region}{letter}" for letter in layout.ZONES]


@reads
def describe_availability_zones(
    here: Here,
    filters: list[Json] | None = None,
    zone_names: list[str] | None = None,
    all_availability_zones: bool | None = None,
) -> Json:
    del all_availability_zones
    short = "".join(part[0] for part in here.region.split("-")) + here.region[-1]
    rows = [
        {
            "ZoneName": name,
            "ZoneId": f"{short}-az{name[-1]}",
            "RegionName": here.region,
            "State": "available",
            "OptInStatus": "opt-in-not-required",
            "GroupName": here.region,
            "NetworkBorderGroup": here.region,
            "ZoneType": "availability-zone",
            "Messages": [],
        }
        for name in zones(here)
        if zone_names is None or name in zone_names
    ]
    known = {"zone-name": members("ZoneName"), "state": members("State"), "region-name": members("RegionName")}
    known |= {"zone-type": members("ZoneType"), "opt-in-status": members("OptInStatus")}
    return {"AvailabilityZones": passing(rows, filters, known)}


@reads
def describe_regions(
    here: Here,
    region_names: list[str] | None = None,
    all_regions: bool | None = None,
    filters: list[Json] | None = None,
) -> Json:
    del all_regions
    rows = [
        {"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": "opt-in-not-required"}
        for name in here.settings.regions
        if region_names is None or name in region_names
    ]
    known = {"region-name": members("RegionName"), "endpoint": members("Endpoint")}
    known |= {"opt-in-status": members("OptInStatus")}
    return {"Regions": passing(rows, filters, known)}
