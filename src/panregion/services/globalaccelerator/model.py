"""What accelerators, listeners and endpoint groups are, and how they are shown. Pure.

Accelerator n of a world (from 1) has the static addresses 127.3.n.1 and 127.4.n.1: two network zones, as on AWS. Both
are answered by the edge, for users of every place.
"""

from typing import Any

import msgspec

FEED = "globalaccelerator"
HOSTED_ZONE = "Z2BJ6XQ5FK7U4H"
"""What an alias to any accelerator names as its zone."""

ACCELERATORS_MAX, LISTENERS_MAX, GROUPS_MAX, ENDPOINTS_MAX, OVERRIDES_MAX, TAGS_MAX = 20, 10, 40, 10, 10, 50
PORTS_MAX = 100
"""How many ports of a listener the edge is willing to listen on; AWS has no such limit."""

Json = dict[str, Any]


class Accelerator(msgspec.Struct, frozen=True, kw_only=True):
    arn: str
    number: int
    name: str
    enabled: bool
    dns_name: str
    created_at: float
    modified_at: float
    attributes: dict[str, Any] = {}

    @property
    def addresses(self) -> tuple[str, str]:
        return f"127.3.{self.number}.1", f"127.4.{self.number}.1"


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """`ports` are [first, last] pairs."""

    arn: str
    accelerator_arn: str
    protocol: str
    ports: list[tuple[int, int]]
    affinity: str = "NONE"

    def takes(self, port: int) -> bool:
        return any(first <= port <= last for first, last in self.ports)


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A load balancer; `address` is where it is."""

    id: str
    address: str
    weight: int = 128
    preserves_client: bool = True


class EndpointGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A listener's endpoints in one region. `overrides` are {listener's port: endpoint's}."""

    arn: str
    listener_arn: str
    region: str
    endpoints: list[Endpoint]
    dial: float = 100.0
    check_port: int
    check_protocol: str = "TCP"
    check_path: str = "/"
    interval_s: int = 30
    threshold: int = 3
    overrides: dict[int, int] = {}


class Tree(msgspec.Struct, frozen=True):
    """An accelerator whole, as the edge follows it; gone where it was deleted."""

    accelerator: Accelerator
    listeners: list[Listener] = []
    groups: list[EndpointGroup] = []
    gone: bool = False


Snapshot = list[Tree]


def show_accelerator(accelerator: Accelerator, deployed: bool) -> Json:
    addresses = list(accelerator.addresses)
    return {
        "AcceleratorArn": accelerator.arn,
        "Name": accelerator.name,
        "IpAddressType": "IPV4",
        "Enabled": accelerator.enabled,
        "IpSets": [{"IpFamily": "IPv4", "IpAddresses": addresses, "IpAddressFamily": "IPv4"}],
        "DnsName": accelerator.dns_name,
        "Status": "DEPLOYED" if deployed else "IN_PROGRESS",
        "CreatedTime": accelerator.created_at,
        "LastModifiedTime": accelerator.modified_at,
    }


def show_listener(listener: Listener) -> Json:
    return {
        "ListenerArn": listener.arn,
        "PortRanges": [{"FromPort": first, "ToPort": last} for first, last in listener.ports],
        "Protocol": listener.protocol,
        "ClientAffinity": listener.affinity,
    }


def show_group(group: EndpointGroup, health: dict[str, tuple[str, str]]) -> Json:
    """`health` is what the edge holds of the endpoints: {id: (state, reason)}."""
    shown: Json = {
        "EndpointGroupArn": group.arn,
        "EndpointGroupRegion": group.region,
        "EndpointDescriptions": [show_endpoint(each, health) for each in group.endpoints],
        "TrafficDialPercentage": group.dial,
        "HealthCheckPort": group.check_port,
        "HealthCheckProtocol": group.check_protocol,
        "HealthCheckIntervalSeconds": group.interval_s,
        "ThresholdCount": group.threshold,
        "PortOverrides": [{"ListenerPort": mine, "EndpointPort": theirs} for mine, theirs in group.overrides.items()],
    }
    if group.check_protocol != "TCP":
        shown["HealthCheckPath"] = group.check_path
    return shown


def show_endpoint(endpoint: Endpoint, health: dict[str, tuple[str, str]]) -> Json:
    state, reason = health.get(endpoint.id, ("INITIAL", "The edge has not checked it yet"))
    return {
        "EndpointId": endpoint.id,
        "Weight": endpoint.weight,
        "HealthState": state,
        **({"HealthReason": reason} if reason else {}),
        "ClientIPPreservationEnabled": endpoint.preserves_client,
    }
