"""EC2's networks by boto3: described as they were made, refused as on AWS."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import REGION, ServedRegion


@pytest.fixture
def ec2(served: ServedRegion) -> Any:
    return served.client("ec2")


def code_of(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**params)
    return str(refused.value.response["Error"]["Code"])


def test_every_region_has_a_default_network(ec2: Any) -> None:
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    assert vpc["CidrBlock"] == "172.31.0.0/16"
    of = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    zones = [subnet["AvailabilityZone"] for subnet in ec2.describe_subnets(Filters=of)["Subnets"]]
    assert zones == [f"{REGION}a", f"{REGION}b", f"{REGION}c"]
    (group,) = ec2.describe_security_groups(Filters=of)["SecurityGroups"]
    assert group["GroupName"] == "default"
    gateways = ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}])
    assert len(gateways["InternetGateways"]) == 1
    (table,) = ec2.describe_route_tables(Filters=of)["RouteTables"]
    assert table["Routes"][1]["DestinationCidrBlock"] == "0.0.0.0/0"
    assert code_of(ec2.delete_vpc, VpcId=vpc["VpcId"]) == "OperationNotPermitted"
    assert [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]] == zones
    assert [region["RegionName"] for region in ec2.describe_regions()["Regions"]] == [REGION]


def test_a_network_from_nothing_to_nothing(ec2: Any) -> None:
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "mine"}]}]
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    (found,) = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["mi*"]}])["Vpcs"]
    assert (found["VpcId"], found["State"], found["IsDefault"]) == (vpc, "available", False)
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    shown = ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
    assert shown["EnableDnsHostnames"] == {"Value": True}
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24", AvailabilityZone=f"{REGION}b")["Subnet"]
    assert subnet["AvailableIpAddressCount"] == 251
    subnet_id = subnet["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": True})
    assert ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"][0]["MapPublicIpOnLaunch"] is True
    create = ec2.create_subnet
    assert code_of(create, VpcId=vpc, CidrBlock="10.1.1.128/25") == "InvalidSubnet.Conflict"
    assert code_of(create, VpcId=vpc, CidrBlock="10.2.0.0/24") == "InvalidSubnet.Range"
    zone = {"VpcId": vpc, "CidrBlock": "10.1.2.0/24", "AvailabilityZone": "mars-1a"}
    assert code_of(create, **zone) == "InvalidParameterValue"
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    attach = {"InternetGatewayId": gateway, "VpcId": vpc}
    assert code_of(ec2.attach_internet_gateway, **attach) == "Resource.AlreadyAssociated"
    assert code_of(ec2.delete_internet_gateway, InternetGatewayId=gateway) == "DependencyViolation"
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway}
    assert ec2.create_route(**route)["Return"] is True
    assert code_of(ec2.create_route, **route) == "RouteAlreadyExists"
    assert code_of(ec2.create_route, **{**route, "GatewayId": "igw-0"}) == "InvalidInternetGatewayID.NotFound"
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet_id)["AssociationId"]
    again = {"RouteTableId": table, "SubnetId": subnet_id}
    assert code_of(ec2.associate_route_table, **again) == "Resource.AlreadyAssociated"
    assert code_of(ec2.delete_route_table, RouteTableId=table) == "DependencyViolation"
    assert code_of(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"
    ec2.disassociate_route_table(AssociationId=association)
    assert code_of(ec2.disassociate_route_table, AssociationId=association) == "InvalidAssociationID.NotFound"
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    gone = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    assert code_of(ec2.delete_route, **gone) == "InvalidRoute.NotFound"
    ec2.delete_route_table(RouteTableId=table)
    ec2.detach_internet_gateway(**attach)
    assert code_of(ec2.detach_internet_gateway, **attach) == "Gateway.NotAttached"
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_subnet(SubnetId=subnet_id)
    ec2.delete_vpc(VpcId=vpc)
    assert code_of(ec2.describe_vpcs, VpcIds=[vpc]) == "InvalidVpcID.NotFound"


def test_security_groups(ec2: Any) -> None:
    made = ec2.create_security_group(GroupName="web", Description="w")
    group = made["GroupId"]
    twice = {"GroupName": "web", "Description": "w"}
    assert code_of(ec2.create_security_group, **twice) == "InvalidGroup.Duplicate"
    rule = {"IpProtocol": "6", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    short = {"GroupId": group, "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}
    assert code_of(ec2.authorize_security_group_ingress, **short) == "InvalidPermission.Duplicate"
    (found,) = ec2.describe_security_groups(Filters=[{"Name": "ip-permission.to-port", "Values": ["80"]}])[
        "SecurityGroups"
    ]
    assert found["IpPermissions"][0]["IpProtocol"] == "tcp"
    assert found["IpPermissionsEgress"][0]["IpProtocol"] == "-1"
    other = ec2.create_security_group(GroupName="behind", Description="b")["GroupId"]
    pair = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_egress(GroupId=other, IpPermissions=[pair])
    assert code_of(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    ec2.revoke_security_group_egress(GroupId=other, IpPermissions=[pair])
    ec2.revoke_security_group_ingress(**short)
    assert code_of(ec2.revoke_security_group_ingress, **short) == "InvalidPermission.NotFound"
    ec2.create_tags(Resources=[group], Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    ec2.delete_tags(Resources=[group], Tags=[{"Key": "a"}])
    tags = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [group]}])["Tags"]
    assert [(tag["Key"], tag["ResourceType"]) for tag in tags] == [("b", "security-group")]
    for each in (group, other):
        ec2.delete_security_group(GroupId=each)
    assert code_of(ec2.describe_security_groups, GroupIds=[group]) == "InvalidGroup.NotFound"


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("create_vpc", {"CidrBlock": "10.0.0.0/8"}, "InvalidVpc.Range"),
        ("create_vpc", {"CidrBlock": "ten"}, "InvalidParameterValue"),
        ("create_vpc", {}, "MissingParameter"),
        ("create_subnet", {"VpcId": "vpc-0", "CidrBlock": "10.0.0.0/24"}, "InvalidVpcID.NotFound"),
        ("describe_subnets", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, "InvalidParameterValue"),
        ("describe_vpcs", {"NextToken": "x"}, "InvalidParameterValue"),
        ("create_tags", {"Resources": ["x-1"], "Tags": [{"Key": "a"}]}, "InvalidID"),
        ("run_instances", {"MinCount": 1, "MaxCount": 1}, "NotImplemented"),
    ],
)
def test_refusals(ec2: Any, operation: str, params: dict[str, Any], code: str) -> None:
    assert code_of(getattr(ec2, operation), **params) == code
