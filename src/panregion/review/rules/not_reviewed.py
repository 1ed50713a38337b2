"""What the review could not see into. It says so rather than pass over it."""

from collections.abc import Iterator

from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene

_CLOSED = {
    "AWS::CloudFormation::Stack": "a nested stack, whose template was not read",
    "AWS::CloudFormation::CustomResource": "a custom resource: what it makes is known when it has run",
}


def not_reviewed(scene: Scene) -> Iterator[Finding]:
    """Nested stacks and custom resources."""
    for one in scene.application.resources:
        why = _CLOSED.get(one.type) or (_CLOSED["AWS::CloudFormation::CustomResource"] if _custom(one.type) else None)
        if why is not None:
            yield finding(one, "note", why, "give its template to `panregion review` as well")


def _custom(kind: str) -> bool:
    return kind.startswith("Custom::")
