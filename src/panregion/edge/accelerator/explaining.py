"""Which endpoint groups a listener's connections go to from a point of presence, and why not to others. Pure."""

from collections.abc import Callable, Sequence

from panregion.edge.accelerator.selection import Healthy
from panregion.services.globalaccelerator.model import EndpointGroup

Told = tuple[str, str, str]
"""(what, who decides it, what is decided)."""


def explain(groups: Sequence[EndpointGroup], healthy: Healthy, distance_ms: Callable[[str], float]) -> list[Told]:
    """A line for each group, the closest first: its share of new connections, by the rules of selection.py."""
    told: list[Told] = []
    left = 100.0
    taker = _taker(groups, healthy)
    for group in groups:
        well = _count_well(group, healthy)
        by_dial = left * group.dial / 100 if group.endpoints else 0.0
        share = by_dial + (_turned_away(groups) if group is taker else 0.0)
        facts = f"{distance_ms(group.region):.1f} ms away, dial {group.dial:g} %"
        health = f"{well} of {len(group.endpoints)} endpoints are healthy"
        if share > 0 and well:
            why = "" if group.dial else "no group's dial lets them in; "
            told.append(
                ("endpoint group", group.region, f"gets {share:g} % of new connections: {why}{facts}, {health}")
            )
        elif share > 0:
            told.append(("endpoint group", group.region, f"its {share:g} % fail over to the closest other: {health}"))
        else:
            reason = "it has no endpoints" if not group.endpoints else _why_not(group, left)
            told.append(("", f"  not {group.region}", f"{reason}; {facts}"))
        left -= by_dial
    return told


def _count_well(group: EndpointGroup, healthy: Healthy) -> int:
    return sum(endpoint.weight > 0 and healthy(group, endpoint) for endpoint in group.endpoints)


def _turned_away(groups: Sequence[EndpointGroup]) -> float:
    """The percentage that no dial lets in."""
    left = 100.0
    for group in groups:
        left -= left * group.dial / 100 if group.endpoints else 0.0
    return left


def _taker(groups: Sequence[EndpointGroup], healthy: Healthy) -> EndpointGroup | None:
    """Who gets what no dial lets in: the closest group that is on; if none is, the closest that is well."""
    filled = [group for group in groups if group.endpoints]
    on = [group for group in filled if group.dial > 0]
    well = [group for group in filled if _count_well(group, healthy)]
    return next(iter(on or well or filled), None)


def _why_not(group: EndpointGroup, left: float) -> str:
    return "its dial is at 0" if left > 0 and not group.dial else "closer groups take all connections"
