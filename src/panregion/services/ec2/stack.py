"""What EC2 gives to CloudFormation: the parts of a network that a load balancer's template names.

AWS::EC2::VPC, Subnet, InternetGateway, VPCGatewayAttachment, RouteTable, Route, SubnetRouteTableAssociation,
SecurityGroup, SecurityGroupIngress, SecurityGroupEgress.
"""

from collections.abc import Callable
from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.ec2.api.tags import TYPES
from panregion.services.once import forget, once
from panregion.services.stack_calls import picked, tag_list, tags_of, truth, unless_gone

SERVICE = "ec2"
Json = dict[str, Any]
GONE = (".NotFound", "Gateway.NotAttached")


def _specified(kind: str, properties: Json, context: Context) -> Json:
    tags = tag_list(tags_of(properties, context))
    return {"TagSpecifications": [{"ResourceType": TYPES[kind], "Tags": tags}]} if tags else {}


def _type(
    name: str,
    properties: tuple[str, ...],
    create: Callable[[Here, Json, Context], str],
    delete: Callable[[str, Json], tuple[str, Json]],
    **more: Any,
) -> ResourceType:
    """A type whose `create` runs in one transaction and whose deletion is one operation, found gone or not."""

    async def create_once(here: Here, given: Json, context: Context) -> str:
        return await once(here, SERVICE, context, lambda here: create(here, given, context))

    async def delete_once(here: Here, physical_id: str, given: Json, context: Context) -> None:
        operation, params = delete(physical_id, given)
        await unless_gone(here, SERVICE, operation, gone=GONE, **params)
        await forget(here, SERVICE, context)

    names = frozenset(properties)
    return ResourceType(type_name=f"AWS::EC2::{name}", properties=names, create=create_once, delete=delete_once, **more)


# VPC


def _create_vpc(here: Here, properties: Json, context: Context) -> str:
    params = {**picked(properties, "CidrBlock", "InstanceTenancy"), **_specified("vpc", properties, context)}
    thing_id: str = here.call(SERVICE, "CreateVpc", params)["Vpc"]["VpcId"]
    _set_dns(here, thing_id, properties)
    return thing_id


def _set_dns(here: Here, thing_id: str, properties: Json) -> None:
    for name in ("EnableDnsHostnames", "EnableDnsSupport"):
        if name in properties:
            value = truth(properties[name])
            here.call(SERVICE, "ModifyVpcAttribute", {"VpcId": thing_id, name: {"Value": value}})


async def _update_tags(here: Here, thing_id: str, old: Json, new: Json, context: Context) -> None:
    before, after = tags_of(old, context), tags_of(new, context)
    gone = [{"Key": key} for key in before if key not in after]
    if gone:
        await here.request(SERVICE, "DeleteTags", {"Resources": [thing_id], "Tags": gone})
    if after:
        await here.request(SERVICE, "CreateTags", {"Resources": [thing_id], "Tags": tag_list(after)})


async def _update_vpc(here: Here, thing_id: str, old: Json, new: Json, context: Context) -> None:
    await here.transact(lambda here: _set_dns(here, thing_id, new))
    await _update_tags(here, thing_id, old, new, context)


async def _vpc_attributes(here: Here, thing_id: str, _properties: Json) -> Json:
    vpc = (await here.request(SERVICE, "DescribeVpcs", {"VpcIds": [thing_id]}))["Vpcs"][0]
    filters = [{"Name": "vpc-id", "Values": [thing_id]}, {"Name": "group-name", "Values": ["default"]}]
    groups = (await here.request(SERVICE, "DescribeSecurityGroups", {"Filters": filters}))["SecurityGroups"]
    return {
        "VpcId": thing_id,
        "CidrBlock": vpc["CidrBlock"],
        "CidrBlockAssociations": [each["AssociationId"] for each in vpc["CidrBlockAssociationSet"]],
        "DefaultSecurityGroup": groups[0]["GroupId"],
    }


VPC = _type(
    "VPC",
    ("CidrBlock", "EnableDnsHostnames", "EnableDnsSupport", "InstanceTenancy", "Tags"),
    _create_vpc,
    lambda thing_id, _: ("DeleteVpc", {"VpcId": thing_id}),
    required=frozenset({"CidrBlock"}),
    update=_update_vpc,
    attributes=_vpc_attributes,
    replaces_on=frozenset({"CidrBlock", "InstanceTenancy"}),
)


# Subnet


def _create_subnet(here: Here, properties: Json, context: Context) -> str:
    params = picked(properties, "VpcId", "CidrBlock", "AvailabilityZone") | _specified("subnet", properties, context)
    thing_id: str = here.call(SERVICE, "CreateSubnet", params)["Subnet"]["SubnetId"]
    _set_public(here, thing_id, properties)
    return thing_id


def _set_public(here: Here, thing_id: str, properties: Json) -> None:
    value = truth(properties.get("MapPublicIpOnLaunch", False))
    here.call(SERVICE, "ModifySubnetAttribute", {"SubnetId": thing_id, "MapPublicIpOnLaunch": {"Value": value}})


async def _update_subnet(here: Here, thing_id: str, old: Json, new: Json, context: Context) -> None:
    await here.transact(lambda here: _set_public(here, thing_id, new))
    await _update_tags(here, thing_id, old, new, context)


async def _subnet_attributes(here: Here, thing_id: str, _properties: Json) -> Json:
    subnet = (await here.request(SERVICE, "DescribeSubnets", {"SubnetIds": [thing_id]}))["Subnets"][0]
    return {name: subnet[name] for name in ("SubnetId", "VpcId", "CidrBlock", "AvailabilityZone")}


SUBNET = _type(
    "Subnet",
    ("AvailabilityZone", "CidrBlock", "MapPublicIpOnLaunch", "Tags", "VpcId"),
    _create_subnet,
    lambda thing_id, _: ("DeleteSubnet", {"SubnetId": thing_id}),
    required=frozenset({"VpcId"}),
    update=_update_subnet,
    attributes=_subnet_attributes,
    replaces_on=frozenset({"AvailabilityZone", "CidrBlock", "VpcId"}),
)


# Gateways and routes


def _create_gateway(here: Here, properties: Json, context: Context) -> str:
    params = _specified("internetGateway", properties, context)
    return str(here.call(SERVICE, "CreateInternetGateway", params)["InternetGateway"]["InternetGatewayId"])


async def _gateway_attributes(_here: Here, thing_id: str, _properties: Json) -> Json:
    return {"InternetGatewayId": thing_id}


INTERNET_GATEWAY = _type(
    "InternetGateway",
    ("Tags",),
    _create_gateway,
    lambda thing_id, _: ("DeleteInternetGateway", {"InternetGatewayId": thing_id}),
    update=_update_tags,
    attributes=_gateway_attributes,
)


def _attach(here: Here, properties: Json, context: Context) -> str:
    del context
    here.call(SERVICE, "AttachInternetGateway", picked(properties, "InternetGatewayId", "VpcId"))
    return f"IGW|{properties['VpcId']}"


GATEWAY_ATTACHMENT = _type(
    "VPCGatewayAttachment",
    ("InternetGatewayId", "VpcId"),
    _attach,
    lambda _, properties: ("DetachInternetGateway", picked(properties, "InternetGatewayId", "VpcId")),
    required=frozenset({"InternetGatewayId", "VpcId"}),
)


def _create_table(here: Here, properties: Json, context: Context) -> str:
    params = picked(properties, "VpcId") | _specified("routeTable", properties, context)
    return str(here.call(SERVICE, "CreateRouteTable", params)["RouteTable"]["RouteTableId"])


async def _table_attributes(_here: Here, thing_id: str, _properties: Json) -> Json:
    return {"RouteTableId": thing_id}


ROUTE_TABLE = _type(
    "RouteTable",
    ("Tags", "VpcId"),
    _create_table,
    lambda thing_id, _: ("DeleteRouteTable", {"RouteTableId": thing_id}),
    required=frozenset({"VpcId"}),
    update=_update_tags,
    attributes=_table_attributes,
    replaces_on=frozenset({"VpcId"}),
)


def _create_route(here: Here, properties: Json, context: Context) -> str:
    del context
    here.call(SERVICE, "CreateRoute", picked(properties, "RouteTableId", "DestinationCidrBlock", "GatewayId"))
    return f"{properties['RouteTableId']}|{properties['DestinationCidrBlock']}"


ROUTE = _type(
    "Route",
    ("DestinationCidrBlock", "GatewayId", "RouteTableId"),
    _create_route,
    lambda _, properties: ("DeleteRoute", picked(properties, "RouteTableId", "DestinationCidrBlock")),
    required=frozenset({"RouteTableId", "DestinationCidrBlock"}),
)


def _associate(here: Here, properties: Json, context: Context) -> str:
    del context
    return str(
        here.call(SERVICE, "AssociateRouteTable", picked(properties, "RouteTableId", "SubnetId"))["AssociationId"]
    )


TABLE_ASSOCIATION = _type(
    "SubnetRouteTableAssociation",
    ("RouteTableId", "SubnetId"),
    _associate,
    lambda thing_id, _: ("DisassociateRouteTable", {"AssociationId": thing_id}),
    required=frozenset({"RouteTableId", "SubnetId"}),
)


# Security groups

_RULE = ("IpProtocol", "FromPort", "ToPort")


def _permission(rule: Json, pair: str) -> Json:
    """A template's rule as an IpPermission; `pair` names the property of the other security group."""
    permission: Json = picked(rule, *_RULE)
    note = picked(rule, "Description")
    if "CidrIp" in rule:
        permission["IpRanges"] = [{"CidrIp": rule["CidrIp"], **note}]
    if "CidrIpv6" in rule:
        permission["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **note}]
    if pair in rule:
        permission["UserIdGroupPairs"] = [{"GroupId": rule[pair], **note}]
    return permission


SIDES = (
    ("SecurityGroupIngress", "Ingress", "SourceSecurityGroupId"),
    ("SecurityGroupEgress", "Egress", "DestinationSecurityGroupId"),
)


def _set_rules(here: Here, thing_id: str, properties: Json) -> None:
    """Exactly the rules of the template; without any outgoing ones, everything may go out, as on AWS."""
    group = here.call(SERVICE, "DescribeSecurityGroups", {"GroupIds": [thing_id]})["SecurityGroups"][0]
    for name, side, pair in SIDES:
        rules = properties.get(name)
        if side == "Egress" and not rules:
            continue
        own = group["IpPermissions" if side == "Ingress" else "IpPermissionsEgress"]
        if own:
            here.call(SERVICE, f"RevokeSecurityGroup{side}", {"GroupId": thing_id, "IpPermissions": own})
        if rules:
            permissions = [_permission(rule, pair) for rule in rules]
            here.call(SERVICE, f"AuthorizeSecurityGroup{side}", {"GroupId": thing_id, "IpPermissions": permissions})


def _create_group(here: Here, properties: Json, context: Context) -> str:
    params = {
        "Description": properties["GroupDescription"],
        "GroupName": properties.get("GroupName") or context.name(255),
        **picked(properties, "VpcId"),
        **_specified("security group", properties, context),
    }
    thing_id: str = here.call(SERVICE, "CreateSecurityGroup", params)["GroupId"]
    _set_rules(here, thing_id, properties)
    return thing_id


async def _update_group(here: Here, thing_id: str, old: Json, new: Json, context: Context) -> None:
    if any(old.get(name) != new.get(name) for name, _, _ in SIDES):
        await here.transact(lambda here: _set_rules(here, thing_id, new))
    await _update_tags(here, thing_id, old, new, context)


async def _group_attributes(here: Here, thing_id: str, _properties: Json) -> Json:
    group = (await here.request(SERVICE, "DescribeSecurityGroups", {"GroupIds": [thing_id]}))["SecurityGroups"][0]
    return {"GroupId": thing_id, "Id": thing_id, "VpcId": group["VpcId"]}


SECURITY_GROUP = _type(
    "SecurityGroup",
    ("GroupDescription", "GroupName", "SecurityGroupEgress", "SecurityGroupIngress", "Tags", "VpcId"),
    _create_group,
    lambda thing_id, _: ("DeleteSecurityGroup", {"GroupId": thing_id}),
    required=frozenset({"GroupDescription"}),
    update=_update_group,
    attributes=_group_attributes,
    replaces_on=frozenset({"GroupDescription", "GroupName", "VpcId"}),
)


def _rule_type(side: str, pair: str) -> ResourceType:
    def params(properties: Json) -> Json:
        return {"GroupId": properties["GroupId"], "IpPermissions": [_permission(properties, pair)]}

    def create(here: Here, properties: Json, context: Context) -> str:
        here.call(SERVICE, f"AuthorizeSecurityGroup{side}", params(properties))
        return f"sgr-{context.suffix.lower()}"

    return _type(
        f"SecurityGroup{side}",
        (*_RULE, "CidrIp", "CidrIpv6", "Description", "GroupId", pair),
        create,
        lambda _, properties: (f"RevokeSecurityGroup{side}", params(properties)),
        required=frozenset({"GroupId", "IpProtocol"}),
    )


TYPES_GIVEN = (
    *(VPC, SUBNET, INTERNET_GATEWAY, GATEWAY_ATTACHMENT, ROUTE_TABLE, ROUTE, TABLE_ASSOCIATION, SECURITY_GROUP),
    *(_rule_type(side, pair) for _, side, pair in SIDES),
)
RESOURCES = {kind.type_name: kind for kind in TYPES_GIVEN}
