"""Load balancers: operations."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.elbv2 import attributes, layout
from panregion.services.elbv2.api.pages import page
from panregion.services.elbv2.api.subnets import groups_of_request, placed
from panregion.services.elbv2.api.tags import put_new
from panregion.services.elbv2.errors import (
    DuplicateLoadBalancerNameException,
    LoadBalancerNotFoundException,
    OperationNotPermittedException,
    TooManyLoadBalancersException,
    ValidationError,
    unsupported,
)
from panregion.services.elbv2.model import (
    BALANCERS_MAX,
    CERTIFICATES_MAX,
    FIRST_OCTET,
    HOSTED_ZONES,
    LAST_OCTET,
    LISTENERS_MAX,
    NAME,
    NETWORK_HOSTED_ZONES,
    RULES_MAX,
    TARGETS_MAX,
    Balancer,
    show_balancer,
    show_zones,
)

Json = dict[str, Any]
DIGITS = "0123456789"
HEX = "0123456789abcdef"


def create_load_balancer(
    here: Here,
    name: str,
    subnets: list[str] | None = None,
    subnet_mappings: list[Json] | None = None,
    security_groups: list[str] | None = None,
    scheme: str = "internet-facing",
    tags: list[dict[str, str]] | None = None,
    type: str = "application",
    ip_address_type: str = "ipv4",
) -> Json:
    if type not in ("application", "network"):
        raise unsupported(f"load balancers of type {type}: only application and network")
    is_network = type == "network"
    if NAME.fullmatch(name) is None or name.startswith("internal-"):
        raise ValidationError(
            f"The load balancer name '{name}' is not valid: at most 32 letters, digits and hyphens, not beginning or"
            " ending with a hyphen, nor beginning with 'internal-'"
        )
    placement = placed(here, subnets, subnet_mappings, least=1 if is_network else 2)
    groups = groups_of_request(here, security_groups, placement.vpc_id) if security_groups or not is_network else []
    old = layout.balancer_named(here, name)
    if old is not None:
        if (old.kind, old.scheme, old.zones, old.security_groups) != (type, scheme, placement.zones, groups):
            raise DuplicateLoadBalancerNameException(
                f"A load balancer with the same name '{name}' exists, but with different settings"
            )
        return {"LoadBalancers": [show_balancer(old)]}
    octet = _free_octet(here)
    identifier = here.world.chance.token(13, HEX) + f"{octet:03d}"
    zones = NETWORK_HOSTED_ZONES if is_network else HOSTED_ZONES
    new = Balancer(
        arn=here.arn("elasticloadbalancing", f"loadbalancer/{'net' if is_network else 'app'}/{name}/{identifier}"),
        name=name,
        octet=octet,
        kind=type,
        dns_name=_network_name(here, name, identifier) if is_network else _name(here, name, scheme, octet),
        hosted_zone=zones.get(here.region, zones["us-east-1"]),
        scheme=scheme,
        vpc_id=placement.vpc_id,
        zones=placement.zones,
        security_groups=groups,
        ip_address_type=ip_address_type,
        created_at=here.now(),
    )
    layout.put_balancer(here, new)
    put_new(here, new.arn, tags)
    return {"LoadBalancers": [show_balancer(new, settling=True)]}


def _name(here: Here, name: str, scheme: str, octet: int) -> str:
    """The DNS name of an application load balancer."""
    token = here.world.chance.token
    number = token(1, DIGITS[1:]) + token(5, DIGITS) + f"{octet:03d}"
    prefix = "internal-" if scheme == "internal" else ""
    return f"{prefix}{name}-{number}.{here.region}.elb.amazonaws.com"


def _network_name(here: Here, name: str, identifier: str) -> str:
    return f"{name}-{identifier}.elb.{here.region}.amazonaws.com"


def _free_octet(here: Here) -> int:
    """The next address of the region, not used before as long as there are some that were not."""
    taken = {balancer.octet for balancer in layout.balancers(here)}
    if len(taken) >= BALANCERS_MAX:
        raise TooManyLoadBalancersException(f"A region can have at most {BALANCERS_MAX} load balancers")
    return next(octet for octet in range(FIRST_OCTET, LAST_OCTET + 1) if octet not in taken)


@reads
def describe_load_balancers(
    here: Here,
    load_balancer_arns: list[str] | None = None,
    names: list[str] | None = None,
    marker: str | None = None,
    page_size: int | None = None,
) -> Json:
    if load_balancer_arns and names:
        raise ValidationError("Load balancer names and load balancer ARNs cannot be specified at the same time")
    if names:
        found = [_named(here, name) for name in names]
    elif load_balancer_arns:
        found = [layout.balancer(here, arn) for arn in load_balancer_arns]
    else:
        found = list(layout.balancers(here))
    shown, following = page(found, marker, page_size)
    return {"LoadBalancers": [show_balancer(balancer) for balancer in shown], **following}


def _named(here: Here, name: str) -> Balancer:
    found = layout.balancer_named(here, name)
    if found is None:
        raise LoadBalancerNotFoundException(f"Load balancers '[{name}]' not found")
    return found


def delete_load_balancer(here: Here, load_balancer_arn: str) -> Json:
    try:
        found = layout.balancer(here, load_balancer_arn)
    except LoadBalancerNotFoundException:
        return {}  # as on AWS, where deleting what is gone succeeds
    if attributes.value(attributes.BALANCER, found.attributes, "deletion_protection.enabled") == "true":
        raise OperationNotPermittedException(
            f"Load balancer '{load_balancer_arn}' cannot be deleted because deletion protection is enabled"
        )
    layout.delete_balancer(here, found)
    return {}


@reads
def describe_load_balancer_attributes(here: Here, load_balancer_arn: str) -> Json:
    found = layout.balancer(here, load_balancer_arn)
    return {"Attributes": attributes.shown(_kinds(found), found.attributes)}


def modify_load_balancer_attributes(here: Here, load_balancer_arn: str, attributes: list[Json]) -> Json:
    found = layout.balancer(here, load_balancer_arn)
    own = _changed(found, attributes)
    layout.put_balancer(here, msgspec.structs.replace(found, attributes=own))
    return describe_load_balancer_attributes(here, load_balancer_arn)


def _changed(balancer: Balancer, given: list[Json]) -> dict[str, str]:
    return attributes.changed(_kinds(balancer), balancer.attributes, given, "Load balancer")


def _kinds(balancer: Balancer) -> dict[str, tuple[str, str]]:
    return attributes.NETWORK if balancer.kind == "network" else attributes.BALANCER


def set_security_groups(here: Here, load_balancer_arn: str, security_groups: list[str]) -> Json:
    found = layout.balancer(here, load_balancer_arn)
    groups = groups_of_request(here, security_groups, found.vpc_id)
    layout.put_balancer(here, msgspec.structs.replace(found, security_groups=groups))
    return {"SecurityGroupIds": groups}


def set_subnets(
    here: Here,
    load_balancer_arn: str,
    subnets: list[str] | None = None,
    subnet_mappings: list[Json] | None = None,
    ip_address_type: str | None = None,
) -> Json:
    found = layout.balancer(here, load_balancer_arn)
    placement = placed(here, subnets, subnet_mappings, least=1 if found.kind == "network" else 2)
    new = msgspec.structs.replace(
        found, zones=placement.zones, ip_address_type=ip_address_type or found.ip_address_type
    )
    layout.put_balancer(here, new)
    return {"AvailabilityZones": show_zones(new), "IpAddressType": new.ip_address_type}


def set_ip_address_type(here: Here, load_balancer_arn: str, ip_address_type: str) -> Json:
    found = layout.balancer(here, load_balancer_arn)
    if found.internal and ip_address_type != "ipv4":
        raise ValidationError(f"You must specify subnets with an associated IPv6 CIDR block for '{ip_address_type}'")
    layout.put_balancer(here, msgspec.structs.replace(found, ip_address_type=ip_address_type))
    return {"IpAddressType": ip_address_type}


@reads
def describe_account_limits(here: Here, marker: str | None = None, page_size: int | None = None) -> Json:
    limits = {
        "application-load-balancers": BALANCERS_MAX,
        "listeners-per-application-load-balancer": LISTENERS_MAX,
        "rules-per-application-load-balancer": RULES_MAX,
        "certificates-per-application-load-balancer": CERTIFICATES_MAX,
        "target-groups-per-action-on-application-load-balancer": 5,
        "condition-values-per-alb-rule": 5,
        "condition-wildcards-per-alb-rule": 6,
        "target-groups": 3000,
        "target-id-registrations-per-application-load-balancer": TARGETS_MAX,
        "targets-per-application-load-balancer": TARGETS_MAX,
    }
    del here
    shown, following = page([{"Name": name, "Max": str(most)} for name, most in limits.items()], marker, page_size)
    return {"Limits": shown, **following}
