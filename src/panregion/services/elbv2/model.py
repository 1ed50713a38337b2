"""What load balancers, listeners, rules and target groups are, and how they are shown. Pure.

A load balancer has an address of its own in its region's network, 127.0.REGION.OCTET; the last three digits of
the number in its DNS name are that octet, so who knows the name knows the address.
"""

import re
from typing import Any

import msgspec

FEED = "elbv2"
FIRST_OCTET, LAST_OCTET = 16, 254
BALANCERS_MAX = 50
LISTENERS_MAX = 50
RULES_MAX = 100
CERTIFICATES_MAX = 25
TARGETS_MAX = 1000
TAGS_MAX = 50
PRIORITY_MAX = 50_000
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")

Json = dict[str, Any]

DNS_NAME = re.compile(
    r"(?:dualstack\.)?(?:internal-)?(?P<name>[a-z0-9-]+)-(?P<number>\d{6,10})\.(?P<region>[a-z0-9-]+)\.elb\.amazonaws\.com\.?",
    re.IGNORECASE,
)

NETWORK_DNS_NAME = re.compile(
    r"(?P<name>[a-z0-9-]+)-(?P<number>[0-9a-f]{13}\d{3})\.elb\.(?P<region>[a-z0-9-]+)\.amazonaws\.com\.?", re.IGNORECASE
)
NETWORK_PROTOCOLS = ("TCP", "UDP", "TCP_UDP")

HOSTED_ZONES = {
    "ap-northeast-1": "Z14GRHDCWA56QT",
    "ap-northeast-2": "ZWKZPGTI48KDX",
    "ap-northeast-3": "Z5LXEXXYW11ES",
    "ap-south-1": "ZP97RAFLXTNZK",
    "ap-southeast-1": "Z1LMS91P8CMLE5",
    "ap-southeast-2": "Z1GM3OXH4ZPM65",
    "ca-central-1": "ZQSVJUPU6J1EY",
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-north-1": "Z23TAZ6LKFMNIO",
    "eu-west-1": "Z32O12XQLNTSW2",
    "eu-west-2": "ZHURV8PSTC4K8",
    "eu-west-3": "Z3Q77PNBQS71R4",
    "sa-east-1": "Z2P70J7HTTTPLU",
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
}
"""The zone that an alias to a region's application load balancers names, as AWS publishes it."""

NETWORK_HOSTED_ZONES = {
    "ap-northeast-1": "Z31USIVHYNEOWT",
    "ap-southeast-1": "ZKVM4W9LS7TM",
    "ap-southeast-2": "ZCT6FZBF4DROD",
    "eu-central-1": "Z3F0SRJ5LGBH90",
    "eu-west-1": "Z2IFOLAFXWLO4F",
    "us-east-1": "Z26RNL4JYFTOTI",
    "us-east-2": "ZLMOA37VPKANP",
    "us-west-1": "Z24FKFUX50B4VW",
    "us-west-2": "Z18D5FSROUN65G",
}
"""The same for network load balancers; names here are found whatever zone an alias names."""


class Balancer(msgspec.Struct, frozen=True, kw_only=True):
    """An application load balancer. `zones` are [zone name, subnet id] pairs."""

    arn: str
    name: str
    octet: int
    dns_name: str
    hosted_zone: str
    scheme: str
    vpc_id: str
    zones: list[tuple[str, str]]
    security_groups: list[str]
    ip_address_type: str
    created_at: float
    attributes: dict[str, str] = {}
    kind: str = "application"

    @property
    def path(self) -> str:
        """app/NAME/ID, which the ARNs of its listeners and rules go on with."""
        return self.arn.split(":loadbalancer/", 1)[1]

    @property
    def internal(self) -> bool:
        return self.scheme == "internal"


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """A port of a load balancer. The first certificate is the default one."""

    arn: str
    balancer_arn: str
    port: int
    protocol: str
    actions: list[Json]
    certificates: list[str] = []
    ssl_policy: str = ""
    alpn: list[str] = []
    attributes: dict[str, str] = {}

    @property
    def default_rule_arn(self) -> str:
        """The rule that takes what no other takes; its identifier is the listener's own."""
        return f"{self.arn.replace(':listener/', ':listener-rule/')}/{self.arn.rsplit('/', 1)[1]}"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What a listener does with the requests that meet all conditions."""

    arn: str
    listener_arn: str
    priority: int
    conditions: list[Json]
    actions: list[Json]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """How a group's targets are checked."""

    enabled: bool
    protocol: str
    port: str
    path: str
    interval_s: int
    timeout_s: int
    healthy_threshold: int
    unhealthy_threshold: int
    matcher: str


class TargetGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Where requests may go: one function, or addresses with ports. `targets` are {id: port}, by id and port."""

    arn: str
    name: str
    kind: str
    protocol: str = ""
    protocol_version: str = ""
    port: int = 0
    vpc_id: str = ""
    ip_address_type: str = "ipv4"
    check: Check
    targets: list[tuple[str, int]] = []
    attributes: dict[str, str] = {}

    @property
    def multi_value(self) -> bool:
        return self.attributes.get("lambda.multi_value_headers.enabled") == "true"


def address(settings_address: str, octet: int) -> str:
    """A load balancer's address, from its region's."""
    return f"{settings_address.rsplit('.', 1)[0]}.{octet}"


def octet_of(dns_name: str) -> tuple[str, int] | None:
    """(region, last octet) that a load balancer's DNS name tells; None for another kind of name."""
    found = DNS_NAME.fullmatch(dns_name) or NETWORK_DNS_NAME.fullmatch(dns_name)
    if found is None:
        return None
    octet = int(found["number"][-3:])
    return (found["region"].lower(), octet) if FIRST_OCTET <= octet <= LAST_OCTET else None


def show_balancer(balancer: Balancer, *, settling: bool = False) -> Json:
    """As DescribeLoadBalancers shows it; the answer to its creation says that it is being provisioned."""
    return {
        "LoadBalancerArn": balancer.arn,
        "DNSName": balancer.dns_name,
        "CanonicalHostedZoneId": balancer.hosted_zone,
        "CreatedTime": balancer.created_at,
        "LoadBalancerName": balancer.name,
        "Scheme": balancer.scheme,
        "VpcId": balancer.vpc_id,
        "State": {"Code": "provisioning" if settling else "active"},
        "Type": balancer.kind,
        "AvailabilityZones": show_zones(balancer),
        "SecurityGroups": balancer.security_groups,
        "IpAddressType": balancer.ip_address_type,
    }


def show_zones(balancer: Balancer) -> list[Json]:
    return [{"ZoneName": zone, "SubnetId": subnet, "LoadBalancerAddresses": []} for zone, subnet in balancer.zones]


def show_listener(listener: Listener) -> Json:
    shown: Json = {
        "ListenerArn": listener.arn,
        "LoadBalancerArn": listener.balancer_arn,
        "Port": listener.port,
        "Protocol": listener.protocol,
        "DefaultActions": listener.actions,
    }
    if listener.protocol == "HTTPS":
        shown["Certificates"] = [{"CertificateArn": listener.certificates[0]}]
        shown["SslPolicy"] = listener.ssl_policy
        shown["MutualAuthentication"] = {"Mode": "off"}
    if listener.alpn:
        shown["AlpnPolicy"] = listener.alpn
    return shown


def show_rule(rule: Rule) -> Json:
    return {
        "RuleArn": rule.arn,
        "Priority": str(rule.priority),
        "Conditions": rule.conditions,
        "Actions": rule.actions,
        "IsDefault": False,
        "Transforms": [],
    }


def show_default_rule(listener: Listener) -> Json:
    return {
        "RuleArn": listener.default_rule_arn,
        "Priority": "default",
        "Conditions": [],
        "Actions": listener.actions,
        "IsDefault": True,
        "Transforms": [],
    }


def show_group(group: TargetGroup, balancers: list[str]) -> Json:
    check = group.check
    shown: Json = {
        "TargetGroupArn": group.arn,
        "TargetGroupName": group.name,
        "HealthCheckEnabled": check.enabled,
        "HealthCheckIntervalSeconds": check.interval_s,
        "HealthCheckTimeoutSeconds": check.timeout_s,
        "HealthyThresholdCount": check.healthy_threshold,
        "UnhealthyThresholdCount": check.unhealthy_threshold,
        **({} if check.protocol == "TCP" else {"HealthCheckPath": check.path, "Matcher": {"HttpCode": check.matcher}}),
        "LoadBalancerArns": balancers,
        "TargetType": group.kind,
        "IpAddressType": group.ip_address_type,
    }
    if group.kind == "lambda":
        return shown
    version = {"ProtocolVersion": group.protocol_version} if group.protocol_version else {}
    return shown | {
        "Protocol": group.protocol,
        **version,
        "Port": group.port,
        "VpcId": group.vpc_id,
        "HealthCheckProtocol": check.protocol,
        "HealthCheckPort": check.port,
    }


def groups_of(actions: list[Json]) -> list[str]:
    """The target groups that actions forward to, in the form that `conditions.normal_actions` gives them."""
    return [
        group["TargetGroupArn"]
        for action in actions
        if action["Type"] == "forward"
        for group in action["ForwardConfig"]["TargetGroups"]
    ]
