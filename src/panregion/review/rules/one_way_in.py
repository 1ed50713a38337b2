"""A name that leads to one region, whatever happens there: a simple record, or a distribution with one origin."""

from collections.abc import Iterator

from panregion.review.application import as_maps, as_text, at
from panregion.review.failover import SERVES, regions_named_in
from panregion.review.findings import Finding, finding
from panregion.review.records import Record, targets
from panregion.review.scene import Scene


def one_way_in(scene: Scene) -> Iterator[Finding]:
    """Simple records to something regional, and origins that are one region's own endpoint."""
    for record in scene.records:
        if record.policy is None and _regional(scene, record):
            yield finding(
                record.resource,
                "blocks",
                f"a simple record: {record.name or 'its name'} is answered with one region's address, healthy or not",
                "give it a routing policy (Region with a SetIdentifier, or Failover) and a HealthCheckId, and make one "
                "in every region",
                *record.path,
            )
    for distribution in scene.application.of_type("AWS::CloudFront::Distribution"):
        config = distribution.at("DistributionConfig")
        origins = [as_text(one.get("DomainName")) or "" for one in as_maps(at(config, "Origins"))]
        alone = [host for host in origins if regions_named_in(host)]
        if alone and not as_maps(at(config, "OriginGroups", "Items")):
            yield finding(
                distribution,
                "blocks",
                "its origin is one region's own endpoint, and no origin group says where to go instead",
                "use a name with latency or failover records as the origin, or an origin group over two regions "
                "(which fails over for GET, HEAD and OPTIONS only)",
                "DistributionConfig",
                "Origins",
            )


def _regional(scene: Scene, record: Record) -> bool:
    found = scene.graph.reachable(targets(scene.graph, record))
    if any(one.type in ("AWS::CloudFront::Distribution", "AWS::GlobalAccelerator::Accelerator") for one in found):
        return False
    return any(one.type in SERVES for one in found) or any(regions_named_in(text) for text in record.answer)
