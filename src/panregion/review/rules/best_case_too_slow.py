"""The best that the settings allow is worse than the objective: then no rehearsal can meet it."""

from collections.abc import Iterator

from panregion.review.failover import Entry
from panregion.review.findings import Finding, finding
from panregion.review.records import ALIAS_TTL_S
from panregion.review.scene import Scene


def best_case_too_slow(scene: Scene) -> Iterator[Finding]:
    """Ways in that are left later than the objective, or only by somebody's hand."""
    rto_s = scene.application.objectives.rto_s
    if rto_s is None:
        return
    for way in scene.ways:
        entry, start = way.entry, way.starts[0]
        if entry.best_case_rto_s is None:
            why = f"{entry.name} does not leave a lost region by itself ({entry.how}), and the objective is {rto_s:g} s"
            yield finding(start, "blocks", why, "give each of its records or endpoints a health check")
        elif entry.best_case_rto_s > rto_s:
            why = (
                f"{entry.name}: {entry.detected_s:g} s until the loss is seen and {entry.ttl_s:g} s of old answers "
                f"make {entry.best_case_rto_s:g} s at best, and the objective is {rto_s:g} s ({entry.how})"
            )
            yield finding(start, "blocks", why, _mend(entry, rto_s))


def _mend(entry: Entry, rto_s: float) -> str:
    if rto_s < 10:
        return "no health check sees a loss in less than 10 s: let clients try a second region by themselves"
    if entry.kind == "accelerator":
        return "set HealthCheckIntervalSeconds: 10 and a lower ThresholdCount in every endpoint group"
    if entry.ttl_s >= ALIAS_TTL_S and rto_s <= ALIAS_TTL_S + 10:
        return (
            "an alias's answers are kept for 60 s, which cannot be changed: use records with a TTL of their own, or "
            "Global Accelerator, whose addresses stay; and RequestInterval: 10 with a lower FailureThreshold"
        )
    return "check every 10 s (RequestInterval: 10, a new check is needed for that) with a lower FailureThreshold"
