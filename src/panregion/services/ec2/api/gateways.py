"""Internet gateways and route tables."""

import ipaddress
from typing import Any

from panregion.services import Here, reads
from panregion.services.ec2 import layout
from panregion.services.ec2.api.networks import described
from panregion.services.ec2.api.tags import specified
from panregion.services.ec2.errors import in_use, invalid_value, missing
from panregion.services.ec2.filters import members, paged
from panregion.wire import AwsError

Json = dict[str, Any]

GATEWAY_FILTERS = {
    "attachment.state": members("Attachments", "State"),
    "attachment.vpc-id": members("Attachments", "VpcId"),
    "internet-gateway-id": members("InternetGatewayId"),
    "owner-id": members("OwnerId"),
}
TABLE_FILTERS = {
    "association.main": members("Associations", "Main"),
    "association.route-table-association-id": members("Associations", "RouteTableAssociationId"),
    "association.route-table-id": members("Associations", "RouteTableId"),
    "association.subnet-id": members("Associations", "SubnetId"),
    "route.destination-cidr-block": members("Routes", "DestinationCidrBlock"),
    "route.gateway-id": members("Routes", "GatewayId"),
    "route-table-id": members("RouteTableId"),
    "vpc-id": members("VpcId"),
}


def create_internet_gateway(here: Here, tag_specifications: list[Json] | None = None) -> Json:
    new = {
        "InternetGatewayId": layout.new_id(here, "internetGateway"),
        "OwnerId": here.account_id,
        "Attachments": [],
        "Tags": specified("internetGateway", tag_specifications),
    }
    return {"InternetGateway": layout.put(here, "internetGateway", new)}


def attach_internet_gateway(here: Here, internet_gateway_id: str, vpc_id: str) -> Json:
    gateway = layout.changeable(here, "internetGateway", internet_gateway_id)
    layout.require(here, "vpc", vpc_id)
    if gateway["Attachments"]:
        raise AwsError.of(
            "Resource.AlreadyAssociated", f"resource {internet_gateway_id} is already attached to network"
        )
    for other in layout.everything(here, "internetGateway"):
        if any(each["VpcId"] == vpc_id for each in other["Attachments"]):
            raise invalid_value("vpcId", vpc_id, "It has an internet gateway already")
    attached = [{"State": "available", "VpcId": vpc_id}]
    layout.put(here, "internetGateway", {**gateway, "Attachments": attached})
    return {}


def detach_internet_gateway(here: Here, internet_gateway_id: str, vpc_id: str) -> Json:
    gateway = layout.changeable(here, "internetGateway", internet_gateway_id)
    if not any(each["VpcId"] == vpc_id for each in gateway["Attachments"]):
        raise AwsError.of("Gateway.NotAttached", f"resource {internet_gateway_id} is not attached to network {vpc_id}")
    layout.put(here, "internetGateway", {**gateway, "Attachments": []})
    return {}


@reads
def describe_internet_gateways(
    here: Here,
    internet_gateway_ids: list[str] | None = None,
    filters: list[Json] | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> Json:
    found = described(here, "internetGateway", internet_gateway_ids, filters, GATEWAY_FILTERS)
    shown, following = paged(found, next_token, max_results)
    return {"InternetGateways": shown, **following}


def delete_internet_gateway(here: Here, internet_gateway_id: str) -> Json:
    gateway = layout.changeable(here, "internetGateway", internet_gateway_id)
    if gateway["Attachments"]:
        raise in_use("internetGateway", internet_gateway_id)
    layout.delete(here, "internetGateway", internet_gateway_id)
    return {}


def create_route_table(
    here: Here, vpc_id: str, tag_specifications: list[Json] | None = None, client_token: str | None = None
) -> Json:
    known = layout.created(here, client_token) if client_token else None
    if known is not None:
        return {"RouteTable": layout.require(here, "routeTable", known), "ClientToken": client_token}
    vpc = layout.require(here, "vpc", vpc_id)
    new = layout.route_table(here, layout.new_id(here, "routeTable"), vpc_id, vpc["CidrBlock"])
    new["Tags"] = specified("routeTable", tag_specifications)
    if client_token:
        layout.put_created(here, client_token, new["RouteTableId"])
    return {
        "RouteTable": layout.put(here, "routeTable", new),
        **({"ClientToken": client_token} if client_token else {}),
    }


def create_route(
    here: Here, route_table_id: str, destination_cidr_block: str | None = None, gateway_id: str | None = None
) -> Json:
    """A route to an internet gateway: nothing else that routes lead to is here."""
    table = layout.changeable(here, "routeTable", route_table_id)
    if destination_cidr_block is None:
        raise missing("destinationCidrBlock")
    if gateway_id is None:
        raise missing("gatewayId")
    try:
        block = str(ipaddress.ip_network(destination_cidr_block))
    except ValueError as error:
        raise invalid_value("destinationCidrBlock", destination_cidr_block) from error
    layout.require(here, "internetGateway", gateway_id)
    if any(route["DestinationCidrBlock"] == block for route in table["Routes"]):
        raise AwsError.of("RouteAlreadyExists", f"The route identified by {block} already exists.")
    route = {"DestinationCidrBlock": block, "GatewayId": gateway_id, "Origin": "CreateRoute", "State": "active"}
    layout.put(here, "routeTable", {**table, "Routes": [*table["Routes"], route]})
    return {"Return": True}


def delete_route(here: Here, route_table_id: str, destination_cidr_block: str | None = None) -> Json:
    table = layout.changeable(here, "routeTable", route_table_id)
    kept = [route for route in table["Routes"] if route["DestinationCidrBlock"] != destination_cidr_block]
    if len(kept) == len(table["Routes"]):
        raise AwsError.of(
            "InvalidRoute.NotFound",
            f"no route with destination-cidr-block {destination_cidr_block} in route table {route_table_id}",
        )
    layout.put(here, "routeTable", {**table, "Routes": kept})
    return {}


def associate_route_table(here: Here, route_table_id: str, subnet_id: str | None = None) -> Json:
    table = layout.changeable(here, "routeTable", route_table_id)
    if subnet_id is None:
        raise missing("subnetId")
    layout.require(here, "subnet", subnet_id)
    for other in layout.everything(here, "routeTable"):
        for each in other["Associations"]:
            if each.get("SubnetId") == subnet_id:
                raise AwsError.of(
                    "Resource.AlreadyAssociated",
                    f"the specified association for route table {route_table_id} conflicts with an existing one",
                )
    association = {
        "Main": False,
        "RouteTableAssociationId": f"rtbassoc-{here.world.chance.token(17, '0123456789abcdef')}",
        "RouteTableId": route_table_id,
        "SubnetId": subnet_id,
        "AssociationState": {"State": "associated"},
    }
    layout.put(here, "routeTable", {**table, "Associations": [*table["Associations"], association]})
    return {
        "AssociationId": association["RouteTableAssociationId"],
        "AssociationState": association["AssociationState"],
    }


def disassociate_route_table(here: Here, association_id: str) -> Json:
    for table in layout.everything(here, "routeTable"):
        kept = [each for each in table["Associations"] if each["RouteTableAssociationId"] != association_id]
        if len(kept) < len(table["Associations"]):
            layout.changeable(here, "routeTable", table["RouteTableId"])
            layout.put(here, "routeTable", {**table, "Associations": kept})
            return {}
    raise AwsError.of("InvalidAssociationID.NotFound", f"The association ID '{association_id}' does not exist")


@reads
def describe_route_tables(
    here: Here,
    route_table_ids: list[str] | None = None,
    filters: list[Json] | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> Json:
    found = described(here, "routeTable", route_table_ids, filters, TABLE_FILTERS)
    shown, following = paged(found, next_token, max_results)
    return {"RouteTables": shown, **following}


def delete_route_table(here: Here, route_table_id: str) -> Json:
    table = layout.changeable(here, "routeTable", route_table_id)
    if table["Associations"]:
        raise in_use("routeTable", route_table_id)
    layout.delete(here, "routeTable", route_table_id)
    return {}
