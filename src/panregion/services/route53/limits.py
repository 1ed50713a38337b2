"""How much there may be, and how much there is: AWS's default quotas, which cannot be raised here."""

from collections.abc import Callable, Iterable
from typing import Any

from panregion.services.here import Here
from panregion.services.route53 import layout
from panregion.services.route53.errors import HostedZoneNotPrivate
from panregion.services.service import reads

ACCOUNT = {
    "MAX_HEALTH_CHECKS_BY_OWNER": 200,
    "MAX_HOSTED_ZONES_BY_OWNER": 500,
    "MAX_REUSABLE_DELEGATION_SETS_BY_OWNER": 100,
    "MAX_TRAFFIC_POLICIES_BY_OWNER": 50,
    "MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER": 50,
}
"""Of traffic policy instances AWS allows 5 until one asks for more; nobody could be asked here."""
RECORD_SETS_MAX = 10_000

_EVERYTHING: dict[str, Callable[[Here], Iterable[object]]] = {
    "MAX_HEALTH_CHECKS_BY_OWNER": layout.checks,
    "MAX_HOSTED_ZONES_BY_OWNER": layout.zones,
    "MAX_REUSABLE_DELEGATION_SETS_BY_OWNER": layout.delegation_sets,
    "MAX_TRAFFIC_POLICIES_BY_OWNER": layout.traffic_policy_ids,
    "MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER": layout.traffic_instances,
}


def count(here: Here, type: str) -> int:
    """How much there is of what an account's quota limits."""
    return sum(1 for _ in _EVERYTHING[type](here))


@reads
def get_account_limit(here: Here, type: str) -> dict[str, Any]:
    return {"Limit": {"Type": type, "Value": ACCOUNT[type]}, "Count": count(here, type)}


@reads
def get_hosted_zone_limit(here: Here, type: str, hosted_zone_id: str) -> dict[str, Any]:
    zone = layout.zone(here, hosted_zone_id)
    if type == "MAX_VPCS_ASSOCIATED_BY_ZONE":
        raise HostedZoneNotPrivate(f"The hosted zone {zone.id} is not private.")
    records = sum(1 for _ in layout.records(here, zone.id))
    return {"Limit": {"Type": type, "Value": RECORD_SETS_MAX}, "Count": records}
