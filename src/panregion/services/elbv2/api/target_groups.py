"""Target groups: operations."""

import re
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.elbv2 import attributes, layout
from panregion.services.elbv2.api.pages import page
from panregion.services.elbv2.api.tags import put_new
from panregion.services.elbv2.errors import (
    DuplicateTargetGroupNameException,
    ResourceInUseException,
    TargetGroupNotFoundException,
    ValidationError,
    unsupported,
)
from panregion.services.elbv2.model import NAME, NETWORK_PROTOCOLS, Check, TargetGroup, show_group

Json = dict[str, Any]
HEX = "0123456789abcdef"
MATCHER = re.compile(r"[2-4]\d\d(?:-[2-4]\d\d)?(?:,[2-4]\d\d(?:-[2-4]\d\d)?)*")
PATH = re.compile(r"/[!-~]*")


def create_target_group(
    here: Here,
    name: str,
    protocol: str | None = None,
    protocol_version: str | None = None,
    port: int | None = None,
    vpc_id: str | None = None,
    health_check_protocol: str | None = None,
    health_check_port: str | None = None,
    health_check_enabled: bool | None = None,
    health_check_path: str | None = None,
    health_check_interval_seconds: int | None = None,
    health_check_timeout_seconds: int | None = None,
    healthy_threshold_count: int | None = None,
    unhealthy_threshold_count: int | None = None,
    matcher: Json | None = None,
    target_type: str = "instance",
    tags: list[dict[str, str]] | None = None,
    ip_address_type: str = "ipv4",
) -> Json:
    if target_type not in ("lambda", "ip"):
        raise unsupported(f"target groups of type {target_type}: only lambda and ip")
    if NAME.fullmatch(name) is None:
        raise ValidationError(
            f"The target group name '{name}' is not valid: at most 32 letters, digits and hyphens, not beginning or"
            " ending with a hyphen"
        )
    is_function = target_type == "lambda"
    given: Json = {
        "enabled": health_check_enabled,
        "protocol": health_check_protocol,
        "port": health_check_port,
        "path": health_check_path,
        "interval_s": health_check_interval_seconds,
        "timeout_s": health_check_timeout_seconds,
        "healthy_threshold": healthy_threshold_count,
        "unhealthy_threshold": unhealthy_threshold_count,
        "matcher": _codes(matcher),
    }
    new = TargetGroup(
        arn=here.arn("elasticloadbalancing", f"targetgroup/{name}/{here.world.chance.token(16, HEX)}"),
        name=name,
        kind=target_type,
        check=checked(_default_check(is_function, protocol in NETWORK_PROTOCOLS), given, is_function),
        ip_address_type=ip_address_type,
        **_addressed(is_function, protocol, protocol_version, port, vpc_id),
    )
    return {"TargetGroups": [_shown(here, _kept(here, new, tags))]}


def _default_check(is_function: bool, is_network: bool) -> Check:
    return Check(
        enabled=not is_function,
        protocol="" if is_function else "TCP" if is_network else "HTTP",
        port="" if is_function else "traffic-port",
        path="/",
        interval_s=35 if is_function else 30,
        timeout_s=30 if is_function else 10 if is_network else 5,
        healthy_threshold=5,
        unhealthy_threshold=2,
        matcher="200",
    )


def _kept(here: Here, new: TargetGroup, tags: list[dict[str, str]] | None) -> TargetGroup:
    """The group, or the same one that is there. Raises DuplicateTargetGroupNameException."""
    old = layout.group_named(here, new.name)
    if old is None:
        layout.put_group(here, new)
        put_new(here, new.arn, tags)
        return new
    if msgspec.structs.replace(new, arn=old.arn, targets=old.targets, attributes=old.attributes) != old:
        raise DuplicateTargetGroupNameException(
            f"A target group with the same name '{new.name}' exists, but with different settings"
        )
    return old


def _addressed(
    is_function: bool, protocol: str | None, version: str | None, port: int | None, vpc_id: str | None
) -> dict[str, Any]:
    """What only groups of addresses have. Raises ValidationError."""
    if is_function:
        for what, value in (("protocol", protocol), ("port", port), ("VPC ID", vpc_id), ("version", version)):
            if value is not None:
                raise ValidationError(f"A {what} cannot be specified for target groups with target type 'lambda'")
        return {}
    for what, value in (("protocol", protocol), ("port", port), ("VPC ID", vpc_id)):
        if value is None:
            raise ValidationError(f"A {what} must be specified")
    if protocol in NETWORK_PROTOCOLS:
        if version is not None:
            raise ValidationError(f"A protocol version cannot be specified for protocol {protocol}")
        return {"protocol": protocol, "port": port, "vpc_id": vpc_id}
    if protocol not in ("HTTP", "HTTPS"):
        raise unsupported(f"target groups with protocol {protocol}: only HTTP, HTTPS, TCP, UDP and TCP_UDP")
    if version not in (None, "HTTP1"):
        raise unsupported(f"ProtocolVersion {version}: only HTTP1")
    return {"protocol": protocol, "protocol_version": "HTTP1", "port": port, "vpc_id": vpc_id}


def _codes(matcher: Json | None) -> str | None:
    if matcher and matcher.get("GrpcCode"):
        raise unsupported("a Matcher of GrpcCode")
    return (matcher or {}).get("HttpCode")


def checked(old: Check, given: Json, is_function: bool) -> Check:
    """A health check with what is given changed. Raises ValidationError."""
    new = msgspec.structs.replace(old, **{name: value for name, value in given.items() if value is not None})
    if is_function and (given.get("protocol") or given.get("port")):
        raise ValidationError(
            "Health check protocol and port cannot be specified for target groups with target type 'lambda'"
        )
    protocols = ("TCP", "HTTP", "HTTPS") if old.protocol == "TCP" else ("HTTP", "HTTPS")
    if not is_function and new.protocol not in protocols:
        raise ValidationError(f"Health check protocol '{new.protocol}' must be one of {', '.join(protocols)}")
    if not is_function and not new.enabled:
        raise ValidationError("Health check enabled must be true for target groups with target type 'ip'")
    if new.port not in ("", "traffic-port") and not (new.port.isdigit() and 1 <= int(new.port) <= 65535):
        raise ValidationError(f"Health check port '{new.port}' must be 'traffic-port' or a port number")
    if PATH.fullmatch(new.path) is None:
        raise ValidationError(f"Health check path '{new.path}' must begin with a '/' and have no spaces")
    if MATCHER.fullmatch(new.matcher) is None:
        raise ValidationError(f"Health check matcher HTTP code '{new.matcher}' must be within '200-499'")
    if new.timeout_s >= new.interval_s:
        raise ValidationError(
            f"Health check timeout '{new.timeout_s}' must be smaller than the interval '{new.interval_s}'"
        )
    return new


def _shown(here: Here, group: TargetGroup) -> Json:
    return show_group(group, layout.users_of_groups(here).get(group.arn, []))


@reads
def describe_target_groups(
    here: Here,
    load_balancer_arn: str | None = None,
    target_group_arns: list[str] | None = None,
    names: list[str] | None = None,
    marker: str | None = None,
    page_size: int | None = None,
) -> Json:
    if sum(map(bool, (load_balancer_arn, target_group_arns, names))) > 1:
        raise ValidationError("Only one of load balancer ARN, target group ARNs and names can be specified")
    users = layout.users_of_groups(here)
    if names:
        found = [_named(here, name) for name in names]
    elif target_group_arns:
        found = [layout.group(here, arn) for arn in target_group_arns]
    elif load_balancer_arn:
        owner = layout.balancer(here, load_balancer_arn).arn
        found = [group for group in layout.groups(here) if owner in users.get(group.arn, [])]
    else:
        found = list(layout.groups(here))
    shown, following = page(found, marker, page_size)
    return {"TargetGroups": [show_group(group, users.get(group.arn, [])) for group in shown], **following}


def _named(here: Here, name: str) -> TargetGroup:
    found = layout.group_named(here, name)
    if found is None:
        raise TargetGroupNotFoundException("One or more target groups not found")
    return found


def modify_target_group(
    here: Here,
    target_group_arn: str,
    health_check_protocol: str | None = None,
    health_check_port: str | None = None,
    health_check_path: str | None = None,
    health_check_enabled: bool | None = None,
    health_check_interval_seconds: int | None = None,
    health_check_timeout_seconds: int | None = None,
    healthy_threshold_count: int | None = None,
    unhealthy_threshold_count: int | None = None,
    matcher: Json | None = None,
) -> Json:
    old = layout.group(here, target_group_arn)
    given: Json = {
        "enabled": health_check_enabled,
        "protocol": health_check_protocol,
        "port": health_check_port,
        "path": health_check_path,
        "interval_s": health_check_interval_seconds,
        "timeout_s": health_check_timeout_seconds,
        "healthy_threshold": healthy_threshold_count,
        "unhealthy_threshold": unhealthy_threshold_count,
        "matcher": _codes(matcher),
    }
    new = msgspec.structs.replace(old, check=checked(old.check, given, old.kind == "lambda"))
    layout.put_group(here, new)
    return {"TargetGroups": [_shown(here, new)]}


def delete_target_group(here: Here, target_group_arn: str) -> Json:
    try:
        found = layout.group(here, target_group_arn)
    except TargetGroupNotFoundException:
        return {}  # as on AWS, where deleting what is gone succeeds
    if layout.users_of_groups(here).get(found.arn):
        raise ResourceInUseException(f"Target group '{found.arn}' is currently in use by a listener or a rule")
    layout.delete_group(here, found)
    return {}


def _kinds(group: TargetGroup) -> dict[str, tuple[str, str]]:
    if group.kind == "lambda":
        return attributes.GROUP_LAMBDA
    return attributes.GROUP_NETWORK if group.protocol in NETWORK_PROTOCOLS else attributes.GROUP_IP


@reads
def describe_target_group_attributes(here: Here, target_group_arn: str) -> Json:
    found = layout.group(here, target_group_arn)
    return {"Attributes": attributes.shown(_kinds(found), found.attributes)}


def modify_target_group_attributes(here: Here, target_group_arn: str, attributes: list[Json]) -> Json:
    found = layout.group(here, target_group_arn)
    layout.put_group(here, msgspec.structs.replace(found, attributes=_changed(found, attributes)))
    return describe_target_group_attributes(here, target_group_arn)


def _changed(group: TargetGroup, given: list[Json]) -> dict[str, str]:
    return attributes.changed(_kinds(group), group.attributes, given, "Target group")
