"""A routed record that nothing checks is always healthy: Route 53 goes on answering with a region that is gone."""

from collections.abc import Iterator

from panregion.review.findings import Finding, finding
from panregion.review.records import Record, is_checked, targets
from panregion.review.scene import Scene


def record_without_health_check(scene: Scene) -> Iterator[Finding]:
    """Records with a routing policy and neither a health check nor a target that tells its health.

    The secondary of a failover pair needs none: it is used whenever the primary is unhealthy.
    """
    for record in scene.records:
        if record.policy is None or record.is_secondary or is_checked(scene.graph, record):
            continue
        yield finding(record.resource, "blocks", _why(scene, record), _MEND, *record.path)


_MEND = (
    "make an AWS::Route53::HealthCheck in the region's own stack that asks a path which uses what users need, and "
    "set HealthCheckId to it"
)


def _why(scene: Scene, record: Record) -> str:
    if record.evaluates_target and any("::DomainName" in one.type for one in targets(scene.graph, record)):
        return (
            f"a {record.policy} record with EvaluateTargetHealth alone: an API's domain is taken for healthy whatever "
            "its functions answer, so users are sent to a region that fails"
        )
    return f"a {record.policy} record without a health check counts as healthy for ever, also when its region is lost"
