"""What stands between a template and surviving the loss of a region, said without running anything."""

import msgspec

from panregion.review.application import Application, Objectives
from panregion.review.availability import Availability, availability_of
from panregion.review.failover import Entry
from panregion.review.findings import Finding, Severity, merged
from panregion.review.reading import Asked, read_application
from panregion.review.rules import RULES
from panregion.review.scene import Scene

__all__ = [
    "Application",
    "Asked",
    "Availability",
    "Entry",
    "Finding",
    "Objectives",
    "Review",
    "Severity",
    "read_application",
    "review",
]


class Review(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that a review says; as JSON it is what `panregion review --json` prints."""

    regions: tuple[str, ...]
    rto_s: float | None
    rpo_s: float | None
    entries: tuple[Entry, ...]
    availability: tuple[Availability, ...]
    findings: tuple[Finding, ...]
    unknown_parameters: tuple[str, ...]
    """Parameters without a value: what depends on them was not judged."""

    @property
    def blocks(self) -> bool:
        return any(one.severity == "blocks" for one in self.findings)


def review(application: Application) -> Review:
    """Every rule applied, with the best-case RTO and the availability of each way in."""
    scene = Scene(application)
    found = [msgspec.structs.replace(one, rule=name) for name, rule in RULES.items() for one in rule(scene)]
    return Review(
        regions=application.regions,
        rto_s=application.objectives.rto_s,
        rpo_s=application.objectives.rpo_s,
        entries=tuple(way.entry for way in scene.ways),
        availability=tuple(availability_of(scene.graph, scene.stores, way) for way in scene.ways),
        findings=tuple(merged(found)),
        unknown_parameters=tuple(dict.fromkeys(name for stack in application.stacks for name in stack.unknown)),
    )
