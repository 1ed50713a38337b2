"""Route 53's traffic policies and their versions."""

from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.route53 import describe, layout
from panregion.services.route53.errors import (
    NoSuchTrafficPolicy,
    TooManyTrafficPolicies,
    TooManyTrafficPolicyVersionsForCurrentPolicy,
    TrafficPolicyAlreadyExists,
    TrafficPolicyInUse,
)
from panregion.services.route53.limits import ACCOUNT, count
from panregion.services.route53.model import TrafficPolicy
from panregion.services.route53.paging import page_size
from panregion.services.route53.traffic_document import parse
from panregion.services.service import reads

LIMIT = "MAX_TRAFFIC_POLICIES_BY_OWNER"
VERSIONS_MAX = 1000


def require(here: Here, policy_id: str, version: int) -> TrafficPolicy:
    """Raises NoSuchTrafficPolicy."""
    found = layout.traffic_policy(here, policy_id, version)
    if found is None:
        raise NoSuchTrafficPolicy(f"No traffic policy exists with Id {policy_id} and version {version}.")
    return found


def _versions(here: Here, policy_id: str) -> list[TrafficPolicy]:
    found = [policy for policy in layout.traffic_policies(here) if policy.id == policy_id]
    if not found:
        raise NoSuchTrafficPolicy(f"No traffic policy exists with Id {policy_id}.")
    return found


def create_traffic_policy(here: Here, name: str, document: str, comment: str = "") -> dict[str, Any]:
    if any(policy.name == name for policy in layout.traffic_policies(here)):
        raise TrafficPolicyAlreadyExists(f"A traffic policy that has the name {name} already exists.")
    if count(here, LIMIT) >= ACCOUNT[LIMIT]:
        raise TooManyTrafficPolicies(f"There are {ACCOUNT[LIMIT]} traffic policies, as many as there may be.")
    return _created(here, TrafficPolicy(here.world.chance.uuid(), 1, name, parse(document).type, document, comment))


def create_traffic_policy_version(here: Here, id: str, document: str, comment: str = "") -> dict[str, Any]:
    last = _versions(here, id)[-1]
    if last.version >= VERSIONS_MAX:
        raise TooManyTrafficPolicyVersionsForCurrentPolicy(f"The policy {id} has {VERSIONS_MAX} versions.")
    return _created(here, TrafficPolicy(id, last.version + 1, last.name, parse(document).type, document, comment))


def _created(here: Here, policy: TrafficPolicy) -> dict[str, Any]:
    layout.put_traffic_policy(here, policy)
    location = f"{describe.ENDPOINT}/trafficpolicy/{policy.id}/{policy.version}"
    return {"TrafficPolicy": describe.traffic_policy(policy), "Location": location}


@reads
def get_traffic_policy(here: Here, id: str, version: int) -> dict[str, Any]:
    return {"TrafficPolicy": describe.traffic_policy(require(here, id, version))}


def update_traffic_policy_comment(here: Here, id: str, version: int, comment: str) -> dict[str, Any]:
    changed = msgspec.structs.replace(require(here, id, version), comment=comment)
    layout.put_traffic_policy(here, changed)
    return {"TrafficPolicy": describe.traffic_policy(changed)}


def delete_traffic_policy(here: Here, id: str, version: int) -> dict[str, Any]:
    policy = require(here, id, version)
    used = any((each.policy_id, each.policy_version) == (id, version) for each in layout.traffic_instances(here))
    if used:
        raise TrafficPolicyInUse(f"One or more traffic policy instances use version {version} of the policy {id}.")
    layout.delete_traffic_policy(here, policy)
    return {}


@reads
def list_traffic_policies(here: Here, traffic_policy_id_marker: str = "", max_items: str | int = 100) -> dict[str, Any]:
    size = page_size(max_items)
    by_id: dict[str, list[TrafficPolicy]] = {}
    for policy in layout.traffic_policies(here):
        by_id.setdefault(policy.id, []).append(policy)
    ids = [policy_id for policy_id in by_id if policy_id >= traffic_policy_id_marker]
    return {
        "TrafficPolicySummaries": [_summary(by_id[policy_id]) for policy_id in ids[:size]],
        "IsTruncated": len(ids) > size,
        "TrafficPolicyIdMarker": ids[size] if len(ids) > size else "",
        "MaxItems": str(size),
    }


def _summary(versions: list[TrafficPolicy]) -> dict[str, Any]:
    last = versions[-1]
    return {
        "Id": last.id,
        "Name": last.name,
        "Type": last.type,
        "LatestVersion": last.version,
        "TrafficPolicyCount": len(versions),
    }


@reads
def list_traffic_policy_versions(
    here: Here, id: str, traffic_policy_version_marker: str = "", max_items: str | int = 100
) -> dict[str, Any]:
    size = page_size(max_items)
    start = page_size(traffic_policy_version_marker, VERSIONS_MAX) if traffic_policy_version_marker else 1
    found = [policy for policy in _versions(here, id) if policy.version >= start]
    return {
        "TrafficPolicies": [describe.traffic_policy(policy) for policy in found[:size]],
        "IsTruncated": len(found) > size,
        "TrafficPolicyVersionMarker": str(found[size].version) if len(found) > size else "",
        "MaxItems": str(size),
    }
