"""What regions share must be made once: a stack that makes it in every region makes as many, or fails at the second."""

from collections.abc import Iterator

from panregion.review.application import Resource
from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene

_SHARED = {
    "AWS::Route53::HostedZone": (
        "every region's stack makes a zone of this name, and a registrar delegates to one of them: the records in the "
        "others are never asked for"
    ),
    "AWS::DynamoDB::GlobalTable": (
        "every region's stack makes it, and it has a replica there by then: the second region's stack fails"
    ),
    "AWS::CloudFront::Distribution": (
        "every region's stack makes one of its own, and a name can be an alias of one distribution alone"
    ),
    "AWS::GlobalAccelerator::Accelerator": (
        "every region's stack makes one of its own, with other addresses: users of one do not come to the others' "
        "regions"
    ),
}
_MEND = "give it a condition that holds in one region (!Equals [!Ref AWS::Region, ...]), or a stack of its own"
_NAMES = {"AWS::Route53::HostedZone": "Name", "AWS::DynamoDB::GlobalTable": "TableName"}


def made_in_every_region(scene: Scene) -> Iterator[Finding]:
    """Shared resources that one template makes in more than one region, under one name where they have one."""
    made: dict[tuple[str, str, str], list[Resource]] = {}
    for one in scene.application.of_type(*_SHARED):
        name = one.text(_NAMES.get(one.type, "")) or ""
        made.setdefault((str(one.stack.path), one.logical_id, name), []).append(one)
    for group in made.values():
        if len(group) > 1:
            yield from (finding(one, "blocks", _SHARED[one.type], _MEND) for one in group)
