"""A health check must ask its own region. One that asks the shared name is answered by whichever region is well."""

from collections.abc import Iterator

from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene


def check_of_the_shared_name(scene: Scene) -> Iterator[Finding]:
    """Health checks whose domain name is that of a routed record."""
    names = {record.name for record in scene.records if record.policy is not None} - {""}
    for check in scene.application.of_type("AWS::Route53::HealthCheck"):
        asked = (check.text("HealthCheckConfig", "FullyQualifiedDomainName") or "").lower().rstrip(".")
        if asked in names and not check.text("HealthCheckConfig", "IPAddress"):
            yield finding(
                check,
                "blocks",
                f"it asks {asked}, the name that it decides about: while any region is well, it sees every region as "
                "well",
                "ask the region's own endpoint, such as ${Api}.execute-api.${AWS::Region}.amazonaws.com",
                "HealthCheckConfig",
                "FullyQualifiedDomainName",
            )
