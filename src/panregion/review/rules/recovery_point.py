"""What may be lost of acknowledged writes, by how a store is copied, against the objective."""

from collections.abc import Iterator

from panregion.review.application import Resource, as_text, at, is_true
from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene
from panregion.review.stores import is_replicated

ASYNCHRONOUS_S = 1.0
"""Global tables: typically within a second, without a promise."""
BUCKET_S = 900.0
"""S3's replication time control: 15 minutes for 99.9 % of objects."""


def recovery_point(scene: Scene) -> Iterator[Finding]:
    """Written stores that are copied later than the objective allows."""
    rpo_s = scene.application.objectives.rpo_s
    if rpo_s is None:
        return
    for store in dict.fromkeys(access.store for access in scene.writers if is_replicated(access.store)):
        if store.type == "AWS::DynamoDB::GlobalTable":
            yield from _of_table(store, rpo_s)
        elif store.type == "AWS::S3::Bucket":
            yield from _of_bucket(store, rpo_s)


def _of_table(table: Resource, rpo_s: float) -> Iterator[Finding]:
    if table.text("MultiRegionConsistency") == "STRONG" or rpo_s >= ASYNCHRONOUS_S:
        return
    yield finding(
        table,
        "blocks",
        f"its replicas learn of a write typically within a second, with no promise, and the objective is {rpo_s:g} s",
        "set MultiRegionConsistency: STRONG (three regions, or two and a witness; every write crosses the distance)",
    )


def _of_bucket(bucket: Resource, rpo_s: float) -> Iterator[Finding]:
    rules = bucket.maps("ReplicationConfiguration", "Rules")
    controlled = any(as_text(at(rule, "Destination", "ReplicationTime", "Status")) == "Enabled" for rule in rules)
    versioned = bucket.text("VersioningConfiguration", "Status") == "Enabled" or is_true(bucket.at("Versioned"))
    if controlled and versioned and rpo_s >= BUCKET_S:
        return
    promise = "within 15 minutes for 99.9 % of objects" if controlled else "at some time, mostly within minutes"
    yield finding(
        bucket,
        "blocks",
        f"an object is copied {promise}, and the objective is {rpo_s:g} s",
        "turn on ReplicationTime (15 minutes), or write what must not be lost to both regions",
        "ReplicationConfiguration",
    )
