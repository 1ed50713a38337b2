"""What is written to a store that no other region has is gone, or out of reach, with its region."""

from collections.abc import Iterator

from panregion.review.application import Resource
from panregion.review.findings import Finding, Severity, finding
from panregion.review.scene import Scene
from panregion.review.stores import KINDS, is_replicated

_MENDS = {
    "AWS::DynamoDB::Table": "make it an AWS::DynamoDB::GlobalTable with a replica in every region, in one stack",
    "AWS::DynamoDB::GlobalTable": "add the other regions to Replicas",
    "AWS::S3::Bucket": "replicate it both ways (VersioningConfiguration and ReplicationConfiguration on both buckets)",
    "AWS::SQS::Queue": "keep what must survive in a global table until it is done, and let work be repeated",
    "AWS::SNS::Topic": "publish in the region that answers, and let subscribers be in every region",
    "AWS::Kinesis::Stream": "write to the region that answers, and keep what must survive in a global table",
    "AWS::SecretsManager::Secret": "add the other regions to ReplicaRegions",
    "AWS::RDS::DBCluster": "join it to an AWS::RDS::GlobalCluster with a cluster in another region",
    "AWS::ElastiCache::ReplicationGroup": "join it to a global replication group",
}


def single_region_store(scene: Scene) -> Iterator[Finding]:
    """Stores that something may write, without a copy in another region."""
    writers: dict[Resource, list[str]] = {}
    for access in scene.writers:
        names = writers.setdefault(access.store, [])
        if access.user.logical_id not in names:
            names.append(access.user.logical_id)
    for store, users in writers.items():
        if not is_replicated(store):
            severity, why = _why(scene, store)
            mend = _MENDS.get(store.type, "keep a copy of what it holds in another region")
            yield finding(store, severity, f"{', '.join(users)} may write it, and {why}", mend)


def _why(scene: Scene, store: Resource) -> tuple[Severity, str]:
    kind = KINDS[store.type]
    if kind.waits:
        return "weakens", f"what is in a {kind.noun} when its region is lost waits there until the region is back"
    elsewhere = {
        one.region
        for one in scene.stores.all
        if (one.stack.path, one.logical_id) == (store.stack.path, store.logical_id)
    }
    if len(elsewhere) > 1:
        return "blocks", (
            f"every region has a {kind.noun} of its own that learns nothing from the others: who is led to another "
            "region does not find what was written"
        )
    return "blocks", f"the {kind.noun} is in one region alone: without that region nothing can be read or written"
