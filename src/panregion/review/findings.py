"""What a rule finds: where, how bad, why, and how to mend it."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from panregion.review.application import Resource

Severity = Literal["blocks", "weakens", "note"]
ORDER: dict[Severity, int] = {"blocks": 0, "weakens": 1, "note": 2}
"""`blocks`: the application does not survive a region's loss, or an objective cannot be met. `weakens`: it does, but
loses something or is slower than it could be. `note`: to know before the day comes."""


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that stands between the application and surviving a region."""

    rule: str = ""
    severity: Severity
    logical_id: str
    type: str
    template: str
    line: int | None
    regions: tuple[str, ...]
    """Where it is so."""
    why: str
    mend: str


def finding(resource: Resource, severity: Severity, why: str, mend: str, *path: str) -> Finding:
    """A finding at a resource, or at one of its properties."""
    template = resource.stack.template
    return Finding(
        severity=severity,
        logical_id=resource.logical_id,
        type=resource.type,
        template=str(resource.stack.path),
        line=template.line("Resources", resource.logical_id, *(("Properties", *path) if path else ())),
        regions=(resource.region,),
        why=why,
        mend=mend,
    )


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for all regions in which it is the same; the gravest first, then as they were found."""
    together: dict[Finding, list[str]] = {}
    for one in findings:
        regions = together.setdefault(msgspec.structs.replace(one, regions=()), [])
        regions += [region for region in one.regions if region not in regions]
    whole = [msgspec.structs.replace(one, regions=tuple(regions)) for one, regions in together.items()]
    return sorted(whole, key=lambda one: ORDER[one.severity])
