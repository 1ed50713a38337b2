"""An edge-optimized API's domain belongs to one distribution, so that one name cannot lead to two regions."""

from collections.abc import Iterator

from panregion.review.application import as_texts
from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene


def edge_optimized_api(scene: Scene) -> Iterator[Finding]:
    """REST APIs' domain names whose endpoint type is EDGE, which it is where nothing is said."""
    for domain in scene.application.of_type("AWS::ApiGateway::DomainName"):
        types = as_texts(domain.at("EndpointConfiguration", "Types"))
        if types == ["REGIONAL"] or (types and types != ["EDGE"]):
            continue
        yield finding(
            domain,
            "blocks",
            "its endpoint type is EDGE"
            + ("" if types else " (the default)")
            + ": such a name exists once, in front of "
            "one region's API, and nothing can share it",
            "set EndpointConfiguration: {Types: [REGIONAL]} and RegionalCertificateArn, in every region",
            "EndpointConfiguration",
        )
