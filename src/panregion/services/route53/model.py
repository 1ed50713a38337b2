"""What hosted zones, record sets and health checks are. Pure: the edge reads the same values."""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from panregion.wire import dns

Policy = Literal["simple", "weighted", "latency", "failover", "geolocation", "multivalue", "geoproximity", "cidr"]

NS_TTL_S, SOA_TTL_S = 172800, 900
FEED = "route53"
"""Every change of what is kept here, for the edge to follow."""


class Zone(msgspec.Struct, frozen=True):
    """A public hosted zone."""

    id: str
    name: str
    caller_reference: str
    name_servers: tuple[str, ...]
    comment: str = ""
    delegation_set_id: str = ""
    """Of the reusable set that its name servers are, if they are one."""


class Alias(msgspec.Struct, frozen=True):
    """Where an alias record points."""

    zone_id: str
    name: str
    evaluate_target_health: bool


class GeoLocation(msgspec.Struct, frozen=True):
    """A continent, a country (`*` is everywhere else) or a state of the United States."""

    continent: str = ""
    country: str = ""
    subdivision: str = ""


class GeoProximity(msgspec.Struct, frozen=True):
    """A region or a position, and by how much its circle is drawn larger or smaller."""

    region: str = ""
    latitude: float = 0.0
    longitude: float = 0.0
    bias: int = 0


class CidrRouting(msgspec.Struct, frozen=True):
    """A location of a CIDR collection; `*` for everybody who is in none."""

    collection_id: str
    location: str


class RecordSet(msgspec.Struct, frozen=True):
    """One resource record set; `name` is in Route 53's spelling (wire.dns.normal)."""

    zone_id: str
    name: str
    type: str
    set_identifier: str = ""
    ttl: int = 0
    values: tuple[str, ...] = ()
    alias: Alias | None = None
    weight: int | None = None
    region: str = ""
    failover: str = ""
    geo: GeoLocation | None = None
    multivalue: bool = False
    proximity: GeoProximity | None = None
    cidr: CidrRouting | None = None
    health_check_id: str = ""
    traffic_instance_id: str = ""
    """Of the traffic policy instance that this record set stands for; what that made is kept elsewhere."""

    @property
    def policy(self) -> Policy:
        """How one of several records with this name and type is chosen."""
        if self.weight is not None:
            return "weighted"
        if self.region:
            return "latency"
        if self.failover:
            return "failover"
        if self.geo is not None:
            return "geolocation"
        if self.multivalue:
            return "multivalue"
        if self.proximity is not None:
            return "geoproximity"
        return "simple" if self.cidr is None else "cidr"

    @property
    def id(self) -> tuple[str, str, str, str]:
        """What tells this record set from all others."""
        return (self.zone_id, self.name, self.type, self.set_identifier)


class HealthCheck(msgspec.Struct, frozen=True):
    """A health check; `config` is AWS's HealthCheckConfig as it was given, defaults filled in."""

    id: str
    caller_reference: str
    version: int
    config: dict[str, Any]


class DelegationSet(msgspec.Struct, frozen=True):
    """Four name servers that several zones may have."""

    id: str
    caller_reference: str
    name_servers: tuple[str, ...]


class TrafficPolicy(msgspec.Struct, frozen=True):
    """One version of a traffic policy; `document` as it was given, `type` of the records that it makes."""

    id: str
    version: int
    name: str
    type: str
    document: str
    comment: str = ""


class TrafficInstance(msgspec.Struct, frozen=True):
    """The records that a version of a traffic policy made at a name of a zone."""

    id: str
    zone_id: str
    name: str
    ttl: int
    policy_id: str
    policy_version: int
    type: str
    state: str = "Applied"
    message: str = ""


class CidrCollection(msgspec.Struct, frozen=True):
    """Blocks of addresses by location name."""

    id: str
    name: str
    version: int
    locations: dict[str, tuple[str, ...]] = {}
    caller_reference: str = ""


class Change(msgspec.Struct, frozen=True):
    """One record of the feed: something that now is, or (`gone`) no longer is."""

    gone: bool = False
    zone: Zone | None = None
    record: RecordSet | None = None
    check: HealthCheck | None = None
    cidr: CidrCollection | None = None


class Snapshot(msgspec.Struct, frozen=True):
    """All there is, as of a sequence number of the feed."""

    zones: list[Zone] = []
    records: list[RecordSet] = []
    checks: list[HealthCheck] = []
    cidrs: list[CidrCollection] = []


def reversed_name(name: str) -> str:
    """com.example.www. for www.example.com.: the order in which Route 53 lists names."""
    return ".".join(reversed(name.rstrip(".").split("."))) + "."


def within(name: str, zone_name: str) -> bool:
    """Whether a name is the zone's own or lies below it."""
    return name == zone_name or name.endswith("." + zone_name)


def name_servers(numbers: list[int]) -> tuple[str, ...]:
    """A delegation set: four servers under four top-level domains, as AWS names them. Numbers below 512."""
    domains = ("com", "net", "org", "co.uk")
    assert len(numbers) == len(domains)
    return tuple(
        f"ns-{number + 512 * place}.awsdns-{number // 8:02d}.{domain}"
        for place, (number, domain) in enumerate(zip(numbers, domains, strict=True))
    )


def own_records(zone: Zone) -> Iterator[RecordSet]:
    """The NS and SOA records that every zone has."""
    servers = tuple(f"{server}." for server in zone.name_servers)
    soa = f"{servers[0]} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
    yield RecordSet(zone.id, zone.name, "NS", ttl=NS_TTL_S, values=servers)
    yield RecordSet(zone.id, zone.name, "SOA", ttl=SOA_TTL_S, values=(soa,))


def is_own(record: RecordSet, zone: Zone) -> bool:
    """Whether it is one of those two."""
    return record.name == zone.name and record.type in ("NS", "SOA")


def record_wire(record: RecordSet) -> list[bytes]:
    """The record's values as DNS sends them. SPF records are sent as they are kept: quoted strings."""
    number = dns.type_number(record.type)
    return [dns.rdata(number, value) for value in record.values]
