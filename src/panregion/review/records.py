"""Route 53's records as a review sees them: their policy, what checks them, how long their answers are kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from panregion.review.application import Application, Resource, as_maps, as_number, as_text, as_texts, at, is_true
from panregion.review.graph import Graph

ALIAS_TTL_S = 60.0
"""An alias record's answers are kept for its target's TTL, which for load balancers, API domains, buckets and
distributions is 60 s (Route 53's FAQ says so of load balancers and S3's websites; the others are seen to be)."""
TTL_DEFAULT_S = 300.0

_POLICIES = {
    "Failover": "failover", "GeoLocation": "geolocation", "GeoProximityLocation": "geoproximity",
    "MultiValueAnswer": "multivalue", "Region": "latency", "Weight": "weighted", "CidrRoutingConfig": "IP-based",
}  # fmt: skip
_ADDRESSES = {"A", "AAAA", "CNAME"}


@dataclass(frozen=True, eq=False)
class Record:
    """One record: a resource, or one of a group's."""

    resource: Resource
    properties: Mapping[str, Any]
    path: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return (as_text(self.properties.get("Name")) or "").lower().rstrip(".")

    @property
    def kind(self) -> str:
        return as_text(self.properties.get("Type")) or ""

    @property
    def policy(self) -> str | None:
        """The routing policy's name; None is a simple record."""
        return next((policy for key, policy in _POLICIES.items() if self.properties.get(key) is not None), None)

    @property
    def is_secondary(self) -> bool:
        return self.properties.get("Failover") == "SECONDARY"

    @property
    def is_alias(self) -> bool:
        return isinstance(self.properties.get("AliasTarget"), Mapping)

    @property
    def evaluates_target(self) -> bool:
        return is_true(at(self.properties, "AliasTarget", "EvaluateTargetHealth"))

    @property
    def ttl_s(self) -> float:
        if self.is_alias:
            return ALIAS_TTL_S
        ttl = as_number(self.properties.get("TTL"))
        return TTL_DEFAULT_S if ttl is None else ttl

    @property
    def answer(self) -> list[str]:
        """What it answers with: an alias's target, or values."""
        target = as_text(at(self.properties, "AliasTarget", "DNSName"))
        return [target] if target else as_texts(self.properties.get("ResourceRecords"))


def records_of(application: Application) -> list[Record]:
    """Every record that gives an address."""
    found = [Record(one, one.properties) for one in application.of_type("AWS::Route53::RecordSet")]
    for group in application.of_type("AWS::Route53::RecordSetGroup"):
        for number, properties in enumerate(as_maps(group.at("RecordSets"))):
            found.append(Record(group, properties, ("RecordSets", str(number))))
    return [record for record in found if record.kind in _ADDRESSES]


def by_name(records: list[Record]) -> dict[tuple[str, str], list[Record]]:
    """(name, type) -> the records that share it."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        groups.setdefault((record.name, record.kind), []).append(record)
    return groups


def targets(graph: Graph, record: Record) -> list[Resource]:
    """The resources of the templates that a record leads to."""
    return graph.named(record.resource, record.answer)


def checks(graph: Graph, record: Record) -> list[Resource]:
    """Its health check, where the template has it."""
    named = graph.named(record.resource, record.properties.get("HealthCheckId"))
    return [one for one in named if one.type == "AWS::Route53::HealthCheck"]


def is_checked(graph: Graph, record: Record) -> bool:
    """Whether something takes it out of service: a health check, or an alias's target that tells its health."""
    if record.properties.get("HealthCheckId") is not None:
        return True
    return record.evaluates_target and any(tells_health(one) for one in targets(graph, record))


def tells_health(target: Resource) -> bool:
    """Whether an alias that evaluates this target learns when what is behind it fails.

    A load balancer does, by its targets. An API's domain is taken for healthy whatever its function answers.
    """
    return target.type.startswith("AWS::ElasticLoadBalancing") or target.type.startswith("AWS::Route53::")


def watching(application: Application, check: Resource) -> Iterator[Resource]:
    """The checks that a calculated check is made of; else the check itself."""
    config = check.at("HealthCheckConfig")
    if at(config, "Type") != "CALCULATED":
        yield check
        return
    for name in as_texts(at(config, "ChildHealthChecks")):
        for child in application.of_type("AWS::Route53::HealthCheck"):
            if child.stack is check.stack and child.logical_id in name and child is not check:
                yield child
