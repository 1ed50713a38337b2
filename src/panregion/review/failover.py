"""How soon users leave a region that is lost, from the settings alone: the best case, for measuring is another matter.

For records it is the health check's interval by its failure threshold, and then the TTL of answers that were given
before. Accelerators have no TTL, for their addresses stay. A distribution with an origin group tries the second
origin within the request, once the first has used up its attempts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from panregion.review.application import Application, Resource, as_maps, as_number, as_text, as_texts, at
from panregion.review.graph import Graph
from panregion.review.records import Record, by_name, checks, is_checked, records_of, targets, watching
from panregion.review.symbols import readable, resources_in

INTERVAL_S = 30.0
THRESHOLD = 3.0
"""Route 53's and Global Accelerator's own defaults."""
ORIGIN_ATTEMPTS, ORIGIN_TIMEOUT_S = 3.0, 10.0
TARGET_INTERVAL_S, TARGET_THRESHOLD = 30.0, 2.0
ALARM_PERIOD_S, ALARM_PERIODS = 60.0, 1.0


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A way in: a name or an accelerator, the regions behind it, and how soon one of them is left."""

    name: str
    kind: str
    logical_ids: tuple[str, ...]
    regions: tuple[str, ...]
    detected_s: float | None
    """Until the loss is seen. None: it never is."""
    ttl_s: float
    """For how long answers given before are kept."""
    best_case_rto_s: float | None
    in_this_world_s: float | None
    """The same with the world's health_check_scale."""
    how: str


@dataclass(frozen=True, eq=False)
class Way:
    """An entry, and the resources at which its requests come in."""

    entry: Entry
    starts: list[Resource]


class Detection(msgspec.Struct, frozen=True):
    """How soon a check sees that what it watches is gone; None is never by itself."""

    seconds: float | None
    how: str


def detection(application: Application, check: Resource) -> Detection:
    """How soon a Route 53 health check turns unhealthy."""
    found = [_one(application, child) for child in watching(application, check)]
    seconds = [one.seconds for one in found if one.seconds is not None]
    if not found or len(seconds) < len(found):
        return next((one for one in found if one.seconds is None), Detection(None, "it has no children"))
    return max(found, key=lambda one: one.seconds or 0.0)


def _one(application: Application, check: Resource) -> Detection:
    config = "HealthCheckConfig"
    match check.text(config, "Type"):
        case "RECOVERY_CONTROL":
            return Detection(None, "somebody turns a routing control off")
        case "CLOUDWATCH_METRIC":
            return _alarm(application, check)
        case "CALCULATED":
            return Detection(None, "a calculated check of calculated checks")
    interval = check.number(config, "RequestInterval") or INTERVAL_S
    threshold = check.number(config, "FailureThreshold") or THRESHOLD
    return Detection(interval * threshold, f"{interval:g} s x {threshold:g} failed checks")


def _alarm(application: Application, check: Resource) -> Detection:
    named = check.text("HealthCheckConfig", "AlarmIdentifier", "Name") or ""
    alarms = [one for one in application.of_type("AWS::CloudWatch::Alarm") if one.stack is check.stack]
    mine = set(resources_in(named))
    alarm = next((one for one in alarms if one.logical_id in mine or one.text("AlarmName") == named), None)
    period = (alarm.number("Period") if alarm else None) or ALARM_PERIOD_S
    periods = (alarm.number("EvaluationPeriods") if alarm else None) or ALARM_PERIODS
    return Detection(period * periods, f"{period:g} s x {periods:g} periods of an alarm")


def ways_in(application: Application, graph: Graph) -> list[Way]:
    """Every routed name, accelerator and distribution."""
    names = list(_of_records(application, graph))
    return [*names, *_of_accelerators(application, graph), *_of_distributions(application, graph, names)]


def _entry(application: Application, *, detected_s: float | None, ttl_s: float, **named: object) -> Entry:
    best = None if detected_s is None else detected_s + ttl_s
    scaled = None if best is None else round(best * application.health_check_scale, 3)
    return msgspec.convert(
        {"detected_s": detected_s, "ttl_s": ttl_s, "best_case_rto_s": best, "in_this_world_s": scaled, **named}, Entry
    )


def _of_records(application: Application, graph: Graph) -> Iterator[Way]:
    for (name, kind), group in by_name(records_of(application)).items():
        routed = [record for record in group if record.policy is not None]
        if not routed:
            continue
        found = [_seen(application, graph, record) for record in routed if not _needs_no_check(record)]
        ttl_s = max(record.ttl_s for record in routed)
        never = next((one for one in found if one.seconds is None), None)
        slowest = never or max(found, key=lambda one: one.seconds or 0.0, default=Detection(None, "nothing is checked"))
        kept = f"answers kept for {ttl_s:g} s" + (" (an alias's target's TTL)" if routed[0].is_alias else "")
        entry = _entry(
            application,
            name=readable(name),
            kind=f"{routed[0].policy} records ({kind})",
            logical_ids=tuple(dict.fromkeys(record.resource.logical_id for record in routed)),
            regions=regions_behind(graph, routed),
            detected_s=slowest.seconds,
            ttl_s=ttl_s,
            how=f"{slowest.how}, {kept}",
        )
        yield Way(entry, [record.resource for record in routed])


def regions_behind(graph: Graph, routed: list[Record]) -> tuple[str, ...]:
    """The regions that records lead to: a latency record's own, else its target's, else its stack's."""
    found: dict[str, None] = {}
    for record in routed:
        own = as_text(record.properties.get("Region"))
        for region in [own] if own else [one.region for one in targets(graph, record)] or [record.resource.region]:
            found[region] = None
    return tuple(found)


def _needs_no_check(record: Record) -> bool:
    """The secondary of a pair is used whenever the primary is unhealthy."""
    return record.is_secondary


def _seen(application: Application, graph: Graph, record: Record) -> Detection:
    own = [detection(application, check) for check in checks(graph, record)]
    if own:
        return own[0]
    if record.properties.get("HealthCheckId") is not None:
        return Detection(INTERVAL_S * THRESHOLD, "a health check of another stack, at Route 53's default of 30 s x 3")
    if is_checked(graph, record):
        return _load_balancer(graph, targets(graph, record))
    return Detection(None, f"{record.resource.logical_id} has no health check")


def _load_balancer(graph: Graph, starts: list[Resource]) -> Detection:
    groups = [one for one in graph.reachable(starts) if one.type == "AWS::ElasticLoadBalancingV2::TargetGroup"]
    found = [
        (group.number("HealthCheckIntervalSeconds") or TARGET_INTERVAL_S)
        * (group.number("UnhealthyThresholdCount") or TARGET_THRESHOLD)
        for group in groups
    ]
    seconds = max(found, default=TARGET_INTERVAL_S * TARGET_THRESHOLD)
    return Detection(seconds, f"the load balancer's own checks, {seconds:g} s")


def _of_accelerators(application: Application, graph: Graph) -> Iterator[Way]:
    for accelerator in application.of_type("AWS::GlobalAccelerator::Accelerator"):
        groups = [one for one in graph.reachable([accelerator]) if one.type == "AWS::GlobalAccelerator::EndpointGroup"]
        waits = [
            (group.number("HealthCheckIntervalSeconds") or INTERVAL_S) * (group.number("ThresholdCount") or THRESHOLD)
            for group in groups
        ]
        entry = _entry(
            application,
            name=readable(accelerator.text("Name") or accelerator.logical_id),
            kind="accelerator",
            logical_ids=(accelerator.logical_id, *(group.logical_id for group in groups)),
            regions=tuple(dict.fromkeys(group.text("EndpointGroupRegion") or group.region for group in groups)),
            detected_s=max(waits, default=None),
            ttl_s=0.0,
            how="its endpoint groups' checks; addresses do not change, so no answer has to be forgotten",
        )
        yield Way(entry, [accelerator, *_endpoints(application, groups)])


def _endpoints(application: Application, groups: list[Resource]) -> list[Resource]:
    """The load balancers in the groups' regions, where an endpoint comes from a parameter that nobody gave."""
    regions = {group.text("EndpointGroupRegion") for group in groups}
    balancers = application.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer")
    return [one for one in balancers if one.region in regions]


def _of_distributions(application: Application, graph: Graph, names: list[Way]) -> Iterator[Way]:
    for distribution in application.of_type("AWS::CloudFront::Distribution"):
        config = distribution.at("DistributionConfig")
        origins = {as_text(origin.get("Id")): origin for origin in as_maps(at(config, "Origins"))}
        hosts = {(as_text(origin.get("DomainName")) or "").lower().rstrip(".") for origin in origins.values()}
        behind = [way for way in names if way.entry.name in {readable(host) for host in hosts}]
        groups = as_maps(at(config, "OriginGroups", "Items"))
        if groups or not behind:
            yield _with_origins(application, graph, distribution, groups, origins)
            continue
        way = behind[0]
        entry = msgspec.structs.replace(
            way.entry,
            name=_name_of(distribution),
            kind=f"distribution before {way.entry.kind}",
            logical_ids=(distribution.logical_id, *way.entry.logical_ids),
            how=f"points of presence resolve {way.entry.name} as users do: {way.entry.how}",
        )
        yield Way(entry, [distribution, *way.starts])


def _name_of(distribution: Resource) -> str:
    aliases = as_texts(distribution.at("DistributionConfig", "Aliases"))
    return readable(aliases[0] if aliases else distribution.logical_id)


def _with_origins(
    application: Application,
    graph: Graph,
    distribution: Resource,
    groups: list[dict[str, Any]],
    origins: dict[str | None, dict[str, Any]],
) -> Way:
    detected_s, how = _origins(groups, origins)
    served = [text for origin in origins.values() for text in regions_named_in(as_text(origin.get("DomainName")))]
    behind = [one.region for one in graph.reachable([distribution]) if one.type in SERVES]
    entry = _entry(
        application,
        name=_name_of(distribution),
        kind="distribution",
        logical_ids=(distribution.logical_id,),
        regions=tuple(dict.fromkeys([*served, *behind])),
        detected_s=detected_s,
        ttl_s=0.0,
        how=how,
    )
    return Way(entry, [distribution])


_REGION = re.compile(r"(?<![a-z0-9])([a-z]{2}(?:-[a-z]+)+-[0-9])(?![0-9])")


def regions_named_in(text: str | None) -> list[str]:
    """The names of regions that a host name or an ARN has in it."""
    return _REGION.findall(text or "")


def _origins(groups: list[dict[str, Any]], origins: dict[str | None, dict[str, Any]]) -> tuple[float | None, str]:
    if not groups:
        return None, "no origin group, and the origin's name does not fail over"
    waits = []
    for group in groups:
        first = next(iter(as_maps(at(group, "Members", "Items"))), {})
        origin = origins.get(as_text(first.get("OriginId")), {})
        attempts = _number(origin, "ConnectionAttempts", ORIGIN_ATTEMPTS)
        waits.append(attempts * _number(origin, "ConnectionTimeout", ORIGIN_TIMEOUT_S))
    return max(waits), "attempts x timeout of the first origin, in each request, for GET, HEAD and OPTIONS alone"


def _number(origin: dict[str, Any], name: str, default: float) -> float:
    found = as_number(origin.get(name))
    return default if found is None else found


SERVES = (
    "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::Lambda::Function", "AWS::S3::Bucket",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
)  # fmt: skip
"""Types that answer requests in the region where they are."""
