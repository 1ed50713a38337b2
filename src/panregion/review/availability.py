"""The availability that redundancy gives, from what AWS promises of each service.

A request passes through tiers in series: all of them must work, so their availabilities multiply. Regions stand in
parallel: with n of them, each as available as the product r of its tiers, and users led away from one that fails, it
is 1 - (1 - r)^n. That regions fail independently of each other is assumed, as is that the application itself never
does: this is what the building blocks allow at best, not what will be.
"""

import math

import msgspec

from panregion.review.application import Resource
from panregion.review.failover import Way
from panregion.review.graph import Graph
from panregion.review.stores import KINDS, Stores, replica_regions

PROMISED: dict[str, tuple[str, float]] = {
    "AWS::ApiGateway": ("API Gateway", 0.9995),
    "AWS::ApiGatewayV2": ("API Gateway", 0.9995),
    "AWS::AppSync": ("AppSync", 0.9995),
    "AWS::Cognito": ("Cognito", 0.999),
    "AWS::DynamoDB": ("DynamoDB", 0.9999),
    "AWS::ElasticLoadBalancingV2": ("Elastic Load Balancing", 0.9999),
    "AWS::Events": ("EventBridge", 0.9999),
    "AWS::Kinesis": ("Kinesis", 0.999),
    "AWS::Lambda": ("Lambda", 0.9995),
    "AWS::RDS": ("RDS (several zones)", 0.9995),
    "AWS::S3": ("S3", 0.999),
    "AWS::SNS": ("SNS", 0.999),
    "AWS::SQS": ("SQS", 0.999),
    "AWS::SecretsManager": ("Secrets Manager", 0.999),
    "AWS::StepFunctions": ("Step Functions", 0.999),
}
"""Service -> its name, and the monthly uptime below which AWS's service level agreement of it pays credits
(aws.amazon.com/legal/service-level-agreements; region-wide, standard classes). DynamoDB is counted with its standard
99.99 % in each region, not with the 99.999 % of global tables, which already counts regions together."""

GLOBAL: dict[str, tuple[str, float]] = {
    "records": ("Route 53", 1.0),
    "accelerator": ("Global Accelerator", 0.9999),
    "distribution": ("CloudFront", 0.999),
}
MINUTES_OF_A_YEAR = 365.25 * 24 * 60


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service that a request needs."""

    service: str
    availability: float


class Availability(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one way in can be expected to be available, at best."""

    entry: str
    in_front: tuple[Tier, ...]
    """In no region: in series with all."""
    in_each_region: tuple[Tier, ...]
    in_one_region: tuple[Tier, ...]
    """In one region alone though all need it: in series with all, too."""
    regions: int
    fails_over: bool
    one_region: float
    """The product of the tiers in each region."""
    together: float
    minutes_away_a_year: float


def availability_of(graph: Graph, stores: Stores, way: Way) -> Availability:
    """The tiers behind a way in, and what they come to."""
    entry = way.entry
    reached = _with_stores(graph, stores, way.starts)
    alone = {one.type: _tier(one) for one in reached if one.type in KINDS and _is_alone(stores, one, entry.regions)}
    tiers = {tier.service: tier for one in reached if (tier := _tier(one)) is not None}
    single = {tier.service: tier for tier in alone.values() if tier is not None}
    each = tuple(tier for tier in tiers.values() if tier.service not in single)
    fails_over = entry.best_case_rto_s is not None and len(entry.regions) > 1
    regions = len(entry.regions) if fails_over else 1
    front = tuple(Tier(*GLOBAL[word]) for word in GLOBAL if word in entry.kind)
    one_region = math.prod(tier.availability for tier in each)
    outside = math.prod(tier.availability for tier in (*front, *single.values()))
    together = outside * (1 - (1 - one_region) ** regions)
    return Availability(
        entry=entry.name,
        in_front=front,
        in_each_region=each,
        in_one_region=tuple(single.values()),
        regions=len(entry.regions),
        fails_over=fails_over,
        one_region=one_region,
        together=together,
        minutes_away_a_year=(1 - together) * MINUTES_OF_A_YEAR,
    )


def _with_stores(graph: Graph, stores: Stores, starts: list[Resource]) -> list[Resource]:
    """What is behind the starts, with the stores that functions use by permission or by name."""
    reached = dict.fromkeys(graph.reachable(starts))
    for one in list(reached):
        if one.type in ("AWS::Lambda::Function", "AWS::StepFunctions::StateMachine"):
            reached.update(dict.fromkeys(access.store for access in stores.used_by(one)))
    return list(reached)


def _is_alone(stores: Stores, store: Resource, regions: tuple[str, ...]) -> bool:
    """Whether a store is in one region while its users are in several: not one of its own in each."""
    same = [one for one in stores.all if (one.stack.path, one.logical_id) == (store.stack.path, store.logical_id)]
    where = {region for one in same for region in replica_regions(one)}
    return len(regions) > 1 and len(where & set(regions)) <= 1


def _tier(one: Resource) -> Tier | None:
    service = one.type.rpartition("::")[0]
    return Tier(*PROMISED[service]) if service in PROMISED else None
