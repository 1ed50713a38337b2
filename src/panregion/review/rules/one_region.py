"""What answers requests is in one region alone: then the loss of that region is the loss of the application."""

from collections.abc import Iterator

from panregion.review.failover import SERVES
from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene


def one_region(scene: Scene) -> Iterator[Finding]:
    """Serving resources whose template makes them in one of the stacks' regions only."""
    where: dict[tuple[str, str], set[str]] = {}
    serving = [one for one in scene.application.resources if one.type in SERVES and one.type != "AWS::S3::Bucket"]
    for one in serving:
        where.setdefault((str(one.stack.path), one.logical_id), set()).add(one.region)
    for one in serving:
        if len(where[str(one.stack.path), one.logical_id]) == 1:
            yield finding(
                one,
                "blocks",
                "it answers requests in one region only, and nothing takes over when that region is lost",
                "deploy its template to a second region (`panregion up --regions` or panregion.toml), or take away "
                "the condition that leaves it out elsewhere",
            )
