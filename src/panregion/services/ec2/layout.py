"""Where EC2 keeps things: ("ec2", kind, id) -> the thing as it is shown, in JSON. The default VPC is not kept.

("ec2", "token", token) -> the id of what a request with that token created.
Kinds: vpc, subnet, internetGateway, routeTable, security group.
"""

import hashlib
import ipaddress
from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.ec2.errors import default_kept, not_found

SPACE = "ec2"
Json = dict[str, Any]

PREFIXES = {
    "vpc": "vpc",
    "subnet": "subnet",
    "internetGateway": "igw",
    "routeTable": "rtb",
    "security group": "sg",
}
ID_MEMBERS = {
    "vpc": "VpcId",
    "subnet": "SubnetId",
    "internetGateway": "InternetGatewayId",
    "routeTable": "RouteTableId",
    "security group": "GroupId",
}
ZONES = "abc"


def new_id(here: Here, kind: str) -> str:
    return f"{PREFIXES[kind]}-{here.world.chance.token(17, '0123456789abcdef')}"


def put(here: Here, kind: str, thing: Json) -> Json:
    here.tx.put((SPACE, kind, thing[ID_MEMBERS[kind]]), msgspec.json.encode(thing))
    return thing


def find(here: Here, kind: str, thing_id: str) -> Json | None:
    value = here.tx.get((SPACE, kind, thing_id))
    if value is not None:
        found: Json = msgspec.json.decode(value)
        return found
    return next((thing for thing in defaults(here, kind) if thing[ID_MEMBERS[kind]] == thing_id), None)


def require(here: Here, kind: str, thing_id: str) -> Json:
    """Raises Invalid...NotFound."""
    found = find(here, kind, thing_id)
    if found is None:
        raise not_found(kind, thing_id)
    return found


def changeable(here: Here, kind: str, thing_id: str) -> Json:
    """One that is kept. Raises Invalid...NotFound, OperationNotPermitted."""
    found = require(here, kind, thing_id)
    if here.tx.get((SPACE, kind, thing_id)) is None:
        raise default_kept(thing_id)
    return found


def everything(here: Here, kind: str) -> list[Json]:
    return [*defaults(here, kind), *(msgspec.json.decode(value) for value in here.tx.values((SPACE, kind)))]


def delete(here: Here, kind: str, thing_id: str) -> None:
    here.tx.delete((SPACE, kind, thing_id))


def created(here: Here, token: str) -> str | None:
    """What an earlier request with the token created."""
    value = here.tx.get((SPACE, "token", token))
    return None if value is None else value.decode()


def put_created(here: Here, token: str, thing_id: str) -> None:
    here.tx.put((SPACE, "token", token), thing_id.encode())


def kind_of(thing_id: str) -> str | None:
    """The kind of thing that an id names by its prefix."""
    prefix = thing_id.split("-", 1)[0]
    return next((kind for kind, own in PREFIXES.items() if own == prefix), None)


# The default VPC


def defaults(here: Here, kind: str) -> list[Json]:
    """What every region has before anything is created; ids follow from account and region."""

    def own(of: str, extra: str = "") -> str:
        digest = hashlib.sha256(f"{here.account_id}/{here.region}/{of}/{extra}".encode()).hexdigest()
        return f"{PREFIXES[of]}-{digest[:17]}"

    vpc_id = own("vpc")
    match kind:
        case "vpc":
            return [vpc(here, vpc_id, "172.31.0.0/16", default=True)]
        case "subnet":
            blocks = ipaddress.ip_network("172.31.0.0/16").subnets(new_prefix=20)
            pairs = zip(ZONES, blocks, strict=False)
            return [
                subnet(here, own("subnet", zone), vpc_id, str(block), f"{here.region}{zone}", default=True)
                for zone, block in pairs
            ]
        case "security group":
            return [group(here, own("security group"), vpc_id, "default", "default VPC security group")]
        case "internetGateway":
            attached = [{"State": "available", "VpcId": vpc_id}]
            return [{"InternetGatewayId": own(kind), "OwnerId": here.account_id, "Attachments": attached, "Tags": []}]
        case "routeTable":
            table = route_table(here, own(kind), vpc_id, "172.31.0.0/16", main=True)
            to_internet = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": own("internetGateway")}
            table["Routes"].append({**to_internet, "Origin": "CreateRoute", "State": "active"})
            return [table]
    return []


# Shapes


def vpc(here: Here, thing_id: str, block: str, tenancy: str = "default", *, default: bool = False) -> Json:
    association = f"vpc-cidr-assoc-{thing_id.split('-', 1)[1]}"
    return {
        "VpcId": thing_id,
        "CidrBlock": block,
        "State": "available",
        "OwnerId": here.account_id,
        "InstanceTenancy": tenancy,
        "IsDefault": default,
        "DhcpOptionsId": "default",
        "CidrBlockAssociationSet": [
            {"AssociationId": association, "CidrBlock": block, "CidrBlockState": {"State": "associated"}}
        ],
        "Tags": [],
    }


def subnet(here: Here, thing_id: str, vpc_id: str, block: str, zone: str, *, default: bool = False) -> Json:
    return {
        "SubnetId": thing_id,
        "SubnetArn": here.arn("ec2", f"subnet/{thing_id}"),
        "VpcId": vpc_id,
        "CidrBlock": block,
        "AvailabilityZone": zone,
        "AvailabilityZoneId": f"{''.join(part[0] for part in here.region.split('-'))}{here.region[-1]}-az{zone[-1]}",
        "AvailableIpAddressCount": ipaddress.ip_network(block).num_addresses - 5,
        "State": "available",
        "OwnerId": here.account_id,
        "DefaultForAz": default,
        "MapPublicIpOnLaunch": default,
        "AssignIpv6AddressOnCreation": False,
        "Ipv6CidrBlockAssociationSet": [],
        "Tags": [],
    }


def group(here: Here, thing_id: str, vpc_id: str, name: str, description: str) -> Json:
    everywhere = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    return {
        "GroupId": thing_id,
        "GroupName": name,
        "Description": description,
        "VpcId": vpc_id,
        "OwnerId": here.account_id,
        "SecurityGroupArn": here.arn("ec2", f"security-group/{thing_id}"),
        "IpPermissions": [],
        "IpPermissionsEgress": [{**everywhere, "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}],
        "Tags": [],
    }


def route_table(here: Here, thing_id: str, vpc_id: str, block: str, *, main: bool = False) -> Json:
    associations = []
    if main:
        association = f"rtbassoc-{thing_id.split('-', 1)[1]}"
        state = {"State": "associated"}
        associations.append(
            {"Main": True, "RouteTableAssociationId": association, "RouteTableId": thing_id, "AssociationState": state}
        )
    local = {"DestinationCidrBlock": block, "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}
    return {
        "RouteTableId": thing_id,
        "VpcId": vpc_id,
        "OwnerId": here.account_id,
        "Associations": associations,
        "PropagatingVgws": [],
        "Routes": [local],
        "Tags": [],
    }
