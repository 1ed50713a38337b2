"""Security groups: kept and shown; no packet is ever held to them."""

from typing import Any

from panregion.services import Here, reads
from panregion.services.ec2 import layout
from panregion.services.ec2.api.networks import described
from panregion.services.ec2.api.tags import specified
from panregion.services.ec2.errors import invalid_value, missing
from panregion.services.ec2.filters import members, paged
from panregion.wire import AwsError

Json = dict[str, Any]

FILTERS = {
    "description": members("Description"),
    "group-id": members("GroupId"),
    "group-name": members("GroupName"),
    "ip-permission.cidr": members("IpPermissions", "IpRanges", "CidrIp"),
    "ip-permission.from-port": members("IpPermissions", "FromPort"),
    "ip-permission.protocol": members("IpPermissions", "IpProtocol"),
    "ip-permission.to-port": members("IpPermissions", "ToPort"),
    "owner-id": members("OwnerId"),
    "vpc-id": members("VpcId"),
}
PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp"}


def create_security_group(
    here: Here,
    description: str,
    group_name: str,
    vpc_id: str | None = None,
    tag_specifications: list[Json] | None = None,
) -> Json:
    if group_name.startswith("sg-") or group_name == "default":
        raise invalid_value("groupName", group_name, "The name is reserved")
    vpc = layout.defaults(here, "vpc")[0] if vpc_id is None else layout.require(here, "vpc", vpc_id)
    for other in layout.everything(here, "security group"):
        if (other["VpcId"], other["GroupName"]) == (vpc["VpcId"], group_name):
            raise AwsError.of(
                "InvalidGroup.Duplicate",
                f"The security group '{group_name}' already exists for VPC '{vpc['VpcId']}'",
            )
    new = layout.group(here, layout.new_id(here, "security group"), vpc["VpcId"], group_name, description)
    new["Tags"] = specified("security group", tag_specifications)
    layout.put(here, "security group", new)
    return {"GroupId": new["GroupId"], "Tags": new["Tags"], "SecurityGroupArn": new["SecurityGroupArn"]}


@reads
def describe_security_groups(
    here: Here,
    group_ids: list[str] | None = None,
    group_names: list[str] | None = None,
    filters: list[Json] | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> Json:
    found = described(here, "security group", group_ids, filters, FILTERS)
    if group_names:
        found = [group for group in found if group["GroupName"] in group_names]
    shown, following = paged(found, next_token, max_results)
    return {"SecurityGroups": shown, **following}


def delete_security_group(here: Here, group_id: str | None = None, group_name: str | None = None) -> Json:
    group = _require(here, group_id, group_name)
    if group["GroupName"] == "default":
        raise AwsError.of(
            "CannotDelete",
            f'the specified group: "{group["GroupId"]}" name: "default" cannot be deleted by a user',
        )
    thing_id = group["GroupId"]
    balancers = here.call("elbv2", "DescribeLoadBalancers", {})["LoadBalancers"]
    used = any(thing_id in balancer.get("SecurityGroups", []) for balancer in balancers)
    named = any(
        pair.get("GroupId") == thing_id
        for other in layout.everything(here, "security group")
        if other["GroupId"] != thing_id
        for permission in [*other["IpPermissions"], *other["IpPermissionsEgress"]]
        for pair in permission.get("UserIdGroupPairs", [])
    )
    if used or named:
        raise AwsError.of("DependencyViolation", f"resource {thing_id} has a dependent object")
    layout.delete(here, "security group", thing_id)
    return {}


def _require(here: Here, thing_id: str | None, name: str | None) -> Json:
    if thing_id is None and name is None:
        raise missing("groupId")
    if thing_id is None:
        for group in layout.everything(here, "security group"):
            if group["GroupName"] == name:
                thing_id = group["GroupId"]
    return layout.changeable(here, "security group", thing_id or str(name))


def _permissions(given: list[Json] | None, one: Json) -> list[Json]:
    """The rules of a request, in the long form or the short one of a single rule."""
    permissions = list(given or [])
    if one.get("IpProtocol"):
        ranges = [{"CidrIp": one["CidrIp"]}] if one.get("CidrIp") else []
        single = {name: one[name] for name in ("IpProtocol", "FromPort", "ToPort") if one.get(name) is not None}
        permissions.append({**single, "IpRanges": ranges})
    if not permissions:
        raise missing("ipPermissions")
    return [_normal(permission) for permission in permissions]


def _normal(permission: Json) -> Json:
    protocol = str(permission.get("IpProtocol", ""))
    if not protocol:
        raise missing("ipProtocol")
    normal: Json = {"IpProtocol": PROTOCOLS.get(protocol, protocol)}
    if normal["IpProtocol"] != "-1":
        normal |= {name: permission[name] for name in ("FromPort", "ToPort") if name in permission}
    for member in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"):
        normal[member] = permission.get(member) or []
    return normal


def _authorize(here: Here, group: Json, member: str, permissions: list[Json]) -> Json:
    for permission in permissions:
        if permission in group[member]:
            raise AwsError.of("InvalidPermission.Duplicate", "the specified rule already exists")
    layout.put(here, "security group", {**group, member: [*group[member], *permissions]})
    return {"Return": True, "SecurityGroupRules": []}


def _revoke(here: Here, group: Json, member: str, permissions: list[Json]) -> Json:
    for permission in permissions:
        if permission not in group[member]:
            raise AwsError.of("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
    kept = [permission for permission in group[member] if permission not in permissions]
    layout.put(here, "security group", {**group, member: kept})
    return {"Return": True}


def authorize_security_group_ingress(
    here: Here,
    group_id: str | None = None,
    group_name: str | None = None,
    ip_permissions: list[Json] | None = None,
    ip_protocol: str | None = None,
    from_port: int | None = None,
    to_port: int | None = None,
    cidr_ip: str | None = None,
) -> Json:
    one = {"IpProtocol": ip_protocol, "FromPort": from_port, "ToPort": to_port, "CidrIp": cidr_ip}
    group = _require(here, group_id, group_name)
    return _authorize(here, group, "IpPermissions", _permissions(ip_permissions, one))


def revoke_security_group_ingress(
    here: Here,
    group_id: str | None = None,
    group_name: str | None = None,
    ip_permissions: list[Json] | None = None,
    ip_protocol: str | None = None,
    from_port: int | None = None,
    to_port: int | None = None,
    cidr_ip: str | None = None,
) -> Json:
    one = {"IpProtocol": ip_protocol, "FromPort": from_port, "ToPort": to_port, "CidrIp": cidr_ip}
    group = _require(here, group_id, group_name)
    return _revoke(here, group, "IpPermissions", _permissions(ip_permissions, one))


def authorize_security_group_egress(here: Here, group_id: str, ip_permissions: list[Json] | None = None) -> Json:
    return _authorize(here, _require(here, group_id, None), "IpPermissionsEgress", _permissions(ip_permissions, {}))


def revoke_security_group_egress(here: Here, group_id: str, ip_permissions: list[Json] | None = None) -> Json:
    return _revoke(here, _require(here, group_id, None), "IpPermissionsEgress", _permissions(ip_permissions, {}))
