"""A request that was followed, as lines to read: what, who decided, what was decided, how long it took. Pure."""

from typing import Any, NamedTuple

from panregion.control.tracing.reasons import why_not
from panregion.world.distance import Site

FRONT_HEADERS = ("x-cache", "age", "via")
Row = tuple[str, str, str, float | None]
"""(what, who decided, what was decided, how long it took in milliseconds)."""


class Leg(NamedTuple):
    """A row, and when it began: milliseconds since connecting began; None where it takes no time, or none is known."""

    what: str
    who: str
    decided: str
    took_ms: float | None
    at_ms: float | None = None


def rows(traced: dict[str, Any], asker: Site) -> list[Row]:
    """The table's rows. Pure."""
    return [(leg.what, leg.who, leg.decided, leg.took_ms) for leg in legs(traced, asker)]


def legs(traced: dict[str, Any], asker: Site) -> list[Leg]:
    """The rows with their times. Pure."""
    found: list[Leg] = []
    if traced["resolution"] is not None:
        found += _resolution_legs(traced["resolution"], asker)
    way = traced["way"]
    if way is None:
        return found
    found += [Leg(what, who, decided, None) for what, who, decided in way["explained"]]
    if traced["visit"] is None:
        found.append(Leg("connection", _link(traced["from"], way), f"{way['address']}: it failed", None))
        return found
    found += _visit_legs(traced["from"], way, traced["visit"])
    found += _inside_legs(traced.get("steps", []))
    return found + [_replication_leg(each) for each in traced.get("replication", [])]


def _link(city: str, way: dict[str, Any]) -> str:
    return f"link {city} -> {way['site']}"


def _resolution_legs(resolution: dict[str, Any], asker: Site) -> list[Leg]:
    question = f"{resolution['name']} {resolution['type']}, from {resolution['subnet']}"
    found = [Leg("question", f"resolver of {asker.name}", question, None)]
    for step in resolution["trace"]:
        if "policy" not in step:
            found.append(Leg("name", "name server", step["why"], None))
            continue
        found.append(Leg("policy", f"{step['policy']} ({step['name']})", step["why"], None))
        for record in step["records"]:
            target = record["target"] if isinstance(record["target"], str) else ", ".join(record["target"])
            label = record["set_identifier"] or target
            if record["chosen"]:
                found.append(Leg("", "  chosen", f"{label}: {target}", None))
            else:
                found.append(Leg("", "  not chosen", f"{label}: {why_not(record, step, asker)}", None))
    answer = f"{', '.join(resolution['values']) or resolution['rcode']}, for {resolution['ttl_s']} s"
    found.append(Leg("answer", "name server", answer, resolution["took_ms"], -resolution["took_ms"]))
    return found


def _visit_legs(city: str, way: dict[str, Any], seen: dict[str, Any]) -> list[Leg]:
    site, headers = way["site"], seen["headers"]
    secured_ms = seen["connect_ms"] + (seen["tls_ms"] or 0.0)
    answered_ms = secured_ms + seen["first_byte_ms"]
    found: list[Leg] = []
    found.append(Leg("connection", _link(city, way), f"{way['address']}, one round trip", seen["connect_ms"], 0.0))
    if seen["tls_ms"] is not None:
        found.append(
            Leg("TLS", site, f"{seen['tls_version']}, by the world's authority", seen["tls_ms"], seen["connect_ms"])
        )
    if "x-amz-cf-pop" in headers:
        told = ", ".join(f"{name}: {headers[name]}" for name in FRONT_HEADERS if name in headers)
        found.append(Leg("cache", f"point of presence {headers['x-amz-cf-pop']}", told, None))
    beyond_ms = max(0.0, round(seen["first_byte_ms"] - seen["connect_ms"], 1))
    hit = headers.get("x-cache", "").startswith(("Hit", "RefreshHit"))
    origin = f"cache at {site}" if hit else f"behind {site}" if way["plane"] else site
    first = f"first byte of the answer, {beyond_ms} ms of it beyond the link's round trip"
    found.append(Leg("cache" if hit else "origin", origin, first, seen["first_byte_ms"], secured_ms))
    found.append(Leg("answer", origin, f"{seen['status']}, {seen['body_bytes']} bytes", seen["body_ms"], answered_ms))
    whole_ms = round(answered_ms + seen["body_ms"], 1)
    found.append(Leg("whole", "", "connection to last byte", whole_ms, 0.0))
    return found


def _inside_legs(steps: list[dict[str, Any]]) -> list[Leg]:
    """What the regions did between the request's coming and its answer, each below what it is part of."""
    return [
        Leg(f"{'  ' * depth}{step['kind']}", step["region"], described(step), step["took_ms"], step["at_ms"])
        for depth, step in nested(steps)
    ]


def nested(steps: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """(depth, step) in the order of reading: each step is followed by its own."""
    below: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for step in steps:
        below.setdefault((step["region"], step["parent"]), []).append(step)
    found: list[tuple[int, dict[str, Any]]] = []

    def add(step: dict[str, Any], depth: int) -> None:
        found.append((depth, step))
        for inner in below.get((step["region"], step["number"]), []):
            add(inner, depth + 1)

    for step in steps:
        if step["parent"] == 0:
            add(step, 0)
    return found


def described(step: dict[str, Any]) -> str:
    """What was done, in words."""
    told = [str(step["what"])]
    if "status" in step:
        told.append(f"answered {step['status']}")
    if "duration_ms" in step:
        told.append(f"its handler ran {step['duration_ms']:.1f} ms")
    if "init_ms" in step:
        told.append(f"a cold start before it, {step['init_ms']:.1f} ms")
    if step["kind"] == "store" and "wrote" in step:
        told.append(f"synced to disk in {step['sync_ms']:.1f} ms" if "sync_ms" in step else "nothing written")
    if "error" in step:
        told.append(f"failed: {step['error']}")
    if step["took_ms"] is None:
        told.append("not ended when the answer had come")
    return ", ".join(told)


def _replication_leg(arrival: dict[str, Any]) -> Leg:
    who, after_ms = f"{arrival['from']} -> {arrival['to']}", arrival["after_ms"]
    if not arrival["here"]:
        return Leg("replication", who, f"{arrival['table']}: not there yet", None)
    if after_ms is None:
        return Leg("replication", who, f"{arrival['table']}: it is there; since when is not known", None)
    told = f"{arrival['table']}: there, so long after it was durable"
    return Leg("replication", who, told, after_ms, arrival["at_ms"] - after_ms)
