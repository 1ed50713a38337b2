"""Whoever asked before the loss keeps the answer for its TTL, however soon the loss was seen."""

from collections.abc import Iterator

from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene

RECOMMENDED_S = 60.0
"""Route 53's own advice for records with health checks."""


def ttl_too_long(scene: Scene) -> Iterator[Finding]:
    """Routed records whose TTL is above the objective, or above 60 s where there is none."""
    rto_s = scene.application.objectives.rto_s
    for record in scene.records:
        if record.policy is None or record.is_alias:
            continue
        if rto_s is not None and record.ttl_s > rto_s:
            why = f"answers are kept for {record.ttl_s:g} s, and the objective is {rto_s:g} s"
            yield finding(record.resource, "blocks", why, _mend(min(rto_s / 2, RECOMMENDED_S)), *record.path, "TTL")
        elif record.ttl_s > RECOMMENDED_S:
            why = (
                f"answers are kept for {record.ttl_s:g} s after the region is lost; with health checks 60 s is advised"
            )
            yield finding(record.resource, "weakens", why, _mend(RECOMMENDED_S), *record.path, "TTL")


def _mend(ttl_s: float) -> str:
    return f"set TTL to {max(1, int(ttl_s))} or less"
