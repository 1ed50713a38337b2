"""What is made and changed through one region's control plane: it goes on working without that region, unchanged."""

from collections.abc import Iterator

from panregion.review.application import Resource
from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene

HOMES = {"AWS::Route53::": "us-east-1", "AWS::CloudFront::": "us-east-1", "AWS::GlobalAccelerator::": "us-west-2"}
_NAMES = {
    "AWS::Route53::": "Route 53",
    "AWS::CloudFront::": "CloudFront",
    "AWS::GlobalAccelerator::": "Global Accelerator",
}


def control_plane_pinned(scene: Scene) -> Iterator[Finding]:
    """One note per service and template; and what only one region's stack can change."""
    groups: dict[tuple[str, str], list[Resource]] = {}
    for one in scene.application.resources:
        prefix = next((prefix for prefix in HOMES if one.type.startswith(prefix)), None)
        if prefix is not None:
            groups.setdefault((str(one.stack.path), prefix), []).append(one)
    for (_, prefix), found in groups.items():
        home = scene.application.home(HOMES[prefix])
        names = ", ".join(dict.fromkeys(one.logical_id for one in found))
        why = (
            f"{_NAMES[prefix]} is controlled from {home}: while that region is lost, {names} cannot be changed (what "
            "is there goes on answering and failing over)"
        )
        yield finding(found[0], "note", why, "have everything in place before, and rehearse the loss of that region")
    yield from _owned_by_one_stack(scene)


def _owned_by_one_stack(scene: Scene) -> Iterator[Finding]:
    """Global tables belong to the stack of one region."""
    deployed = {str(stack.path): 0 for stack in scene.application.stacks}
    for stack in scene.application.stacks:
        deployed[str(stack.path)] += 1
    for table in scene.application.of_type("AWS::DynamoDB::GlobalTable"):
        if deployed[str(table.stack.path)] > 1:
            why = (
                f"the stack in {table.region} owns it: without that region no stack can change its replicas or indexes"
            )
            yield finding(table, "note", why, "know how to change it by UpdateTable in a region that is left")
