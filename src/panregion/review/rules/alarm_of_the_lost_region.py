"""A health check that follows an alarm of the very region: when that is lost, the alarm is silent."""

from collections.abc import Iterator

from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene


def alarm_of_the_lost_region(scene: Scene) -> Iterator[Finding]:
    """Alarm checks that are not unhealthy while the alarm has no data."""
    for check in scene.application.of_type("AWS::Route53::HealthCheck"):
        if check.text("HealthCheckConfig", "Type") != "CLOUDWATCH_METRIC":
            continue
        without_data = check.text("HealthCheckConfig", "InsufficientDataHealthStatus")
        if without_data == "Unhealthy":
            continue
        yield finding(
            check,
            "blocks",
            f"InsufficientDataHealthStatus is {without_data or 'not set'}: a region that is lost sends no data, so the "
            "check stays healthy",
            "set InsufficientDataHealthStatus to Unhealthy, or check an endpoint from outside",
            "HealthCheckConfig",
        )
