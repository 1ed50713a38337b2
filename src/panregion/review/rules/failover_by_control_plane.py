"""Fail-over that has to change something first: control planes are in one region, and may be what was lost."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from panregion.review.application import as_maps, as_texts
from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene

_CHANGES = {
    "route53:ChangeResourceRecordSets": "us-east-1",
    "route53:UpdateHealthCheck": "us-east-1",
    "cloudfront:UpdateDistribution": "us-east-1",
    "globalaccelerator:UpdateEndpointGroup": "us-west-2",
}


def failover_by_control_plane(scene: Scene) -> Iterator[Finding]:
    """Roles in the templates that may change what leads users."""
    for role in scene.application.of_type("AWS::IAM::Role"):
        documents = [one.get("PolicyDocument") for one in role.maps("Policies")]
        actions = [
            action
            for document in as_maps(documents)
            for statement in as_maps(document.get("Statement"))
            if statement.get("Effect") == "Allow"
            for action in as_texts(statement.get("Action"))
        ]
        for change, home in _CHANGES.items():
            if any(action != "*" and fnmatchcase(change, action) for action in actions):
                where = scene.application.home(home)
                yield finding(
                    role,
                    "weakens",
                    f"it may call {change}, whose control plane is in {where}: a fail-over that needs it waits for "
                    "that region",
                    "let health checks or a recovery cluster's routing controls (whose data plane is in five regions) "
                    "lead users away, decided beforehand",
                )
