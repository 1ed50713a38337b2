"""A health check ought to fail when users' requests would. One that a store's loss does not touch keeps users there.

What can be known without reading code: who answers the path, and which stores that function's role lets it use.
"""

from collections.abc import Iterator

from panregion.review.answers import Answer, answering
from panregion.review.application import Resource
from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene

_MEND = (
    "let the path be answered by a function that reads each store that requests need, remembers the outcome for a "
    "few seconds and gives up after one"
)


def no_deep_health_check(scene: Scene) -> Iterator[Finding]:
    """Checks of TCP alone, of a path nobody serves, of fixed answers, and of functions that use no store."""
    for check in scene.application.of_type("AWS::Route53::HealthCheck"):
        kind = check.text("HealthCheckConfig", "Type") or ""
        if kind == "TCP":
            why = "it asks whether a connection can be made, which is so as long as the front door stands"
            yield finding(check, "weakens", why, _MEND, "HealthCheckConfig", "Type")
        elif kind.startswith("HTTP"):
            yield from _of_http(scene, check)


def _of_http(scene: Scene, check: Resource) -> Iterator[Finding]:
    answer = answering(scene.graph, check)
    path = check.text("HealthCheckConfig", "ResourcePath") or "/"
    if answer.kind == "nobody":
        why = f"no route of its API serves {path}, so the check fails always and its region counts as lost"
        yield finding(check, "blocks", why, "ask a path that the API has", "HealthCheckConfig", "ResourcePath")
    elif answer.kind == "fixed":
        why = f"{path} is answered with a fixed response, by the front door alone"
        yield finding(check, "weakens", why, _MEND, "HealthCheckConfig", "ResourcePath")
    elif answer.kind == "function":
        yield from _of_functions(scene, check, answer, path)


def _of_functions(scene: Scene, check: Resource, answer: Answer, path: str) -> Iterator[Finding]:
    used = {access.store.logical_id for one in answer.by for access in scene.stores.used_by(one)}
    needed = dict.fromkeys(
        access.store.logical_id
        for one in scene.application.of_type("AWS::Lambda::Function")
        if one.region == check.region and one not in answer.by
        for access in scene.stores.used_by(one)
    )
    missing = [name for name in needed if name not in used]
    who = ", ".join(one.logical_id for one in answer.by)
    if not missing:
        return
    if used:
        why = f"{path} is answered by {who}, which may not use {', '.join(missing)}, and other functions do"
        yield finding(check, "note", why, _MEND, "HealthCheckConfig", "ResourcePath")
    else:
        why = f"{path} is answered by {who}, which may use no store, while requests need {', '.join(missing)}"
        yield finding(check, "weakens", why, _MEND, "HealthCheckConfig", "ResourcePath")
