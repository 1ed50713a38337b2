"""Why a routing policy did not choose a record, in a few words, from the trace of the edge's answer. Pure."""

from typing import Any

from panregion.world.distance import Site, regions, round_trip_between_ms

ROLES = {"PRIMARY": "the primary", "SECONDARY": "the secondary"}


def why_not(record: dict[str, Any], step: dict[str, Any], asker: Site) -> str:
    """The reason against one record that was not chosen; `step` is the choice it was part of (see resolving.py)."""
    note = _note(record["terms"], step, asker)
    if record["healthy"]:
        return note
    check = record["health_check"]
    unhealthy = f"unhealthy (health check {check})" if check else "its target is unhealthy"
    return f"{unhealthy}; {note}" if note else unhealthy


def _note(terms: dict[str, Any], step: dict[str, Any], asker: Site) -> str:
    """What speaks for another one by the policy's own rule."""
    match step["policy"]:
        case "latency":
            known = regions().get(terms["region"])
            return "its distance is unknown" if known is None else f"{round_trip_between_ms(asker, known):.1f} ms away"
        case "weighted":
            total = sum(other["terms"].get("weight", 0) for other in step["records"])
            return f"its weight is {terms['weight']} of {total}"
        case "failover":
            return f"it is {ROLES[terms['role']]}"
        case "geolocation":
            return f"it is for {terms['area']}"
        case "geoproximity":
            return f"it is near {terms['near']} with bias {terms['bias']}, and another circle holds {asker.name}"
        case "cidr":
            return f"it is for the location {terms['location']}"
    return ""
