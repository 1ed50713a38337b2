"""The rules, a line each. A rule is a pure function from what is reviewed to what it finds; its file says why."""

from collections.abc import Callable, Iterator

from panregion.review.findings import Finding
from panregion.review.rules.alarm_of_the_lost_region import alarm_of_the_lost_region
from panregion.review.rules.best_case_too_slow import best_case_too_slow
from panregion.review.rules.check_of_the_shared_name import check_of_the_shared_name
from panregion.review.rules.control_plane_pinned import control_plane_pinned
from panregion.review.rules.edge_optimized_api import edge_optimized_api
from panregion.review.rules.failover_by_control_plane import failover_by_control_plane
from panregion.review.rules.fixed_to_a_region import fixed_to_a_region
from panregion.review.rules.geolocation_without_default import geolocation_without_default
from panregion.review.rules.made_in_every_region import made_in_every_region
from panregion.review.rules.missing_replicas import missing_replicas
from panregion.review.rules.no_deep_health_check import no_deep_health_check
from panregion.review.rules.no_way_in import no_way_in
from panregion.review.rules.not_reviewed import not_reviewed
from panregion.review.rules.one_region import one_region
from panregion.review.rules.one_way_in import one_way_in
from panregion.review.rules.record_without_health_check import record_without_health_check
from panregion.review.rules.recovery_point import recovery_point
from panregion.review.rules.single_region_store import single_region_store
from panregion.review.rules.ttl_too_long import ttl_too_long
from panregion.review.scene import Scene

Rule = Callable[[Scene], Iterator[Finding]]

RULES: dict[str, Rule] = {
    "one-region": one_region,
    "one-way-in": one_way_in,
    "no-way-in": no_way_in,
    "made-in-every-region": made_in_every_region,
    "record-without-health-check": record_without_health_check,
    "check-of-the-shared-name": check_of_the_shared_name,
    "alarm-of-the-lost-region": alarm_of_the_lost_region,
    "no-deep-health-check": no_deep_health_check,
    "ttl-too-long": ttl_too_long,
    "best-case-too-slow": best_case_too_slow,
    "geolocation-without-default": geolocation_without_default,
    "edge-optimized-api": edge_optimized_api,
    "single-region-store": single_region_store,
    "missing-replicas": missing_replicas,
    "recovery-point": recovery_point,
    "fixed-to-a-region": fixed_to_a_region,
    "failover-by-control-plane": failover_by_control_plane,
    "control-plane-pinned": control_plane_pinned,
    "not-reviewed": not_reviewed,
}
