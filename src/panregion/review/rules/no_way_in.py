"""Front doors in several regions, and nothing that leads users from one to the other: half of an application."""

from collections.abc import Iterator

from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene

_DOORS = (
    "AWS::ApiGateway::DomainName", "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::DomainName", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::Lambda::Url",
)  # fmt: skip


def no_way_in(scene: Scene) -> Iterator[Finding]:
    """A note at the front doors, where no template has routed records, an accelerator or a distribution."""
    if scene.ways:
        return
    for door in scene.application.of_type(*_DOORS):
        yield finding(
            door,
            "note",
            "no template of these leads users to it, or away from it when its region is lost",
            "give the template that does (with routed records, an accelerator, a distribution) in the same call",
        )
