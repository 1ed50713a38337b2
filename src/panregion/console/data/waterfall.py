"""When each leg of a request was under way, as places on one line of time. Pure."""

from typing import Any

from panregion.control.tracing import Leg


def waterfall(legs: list[Leg]) -> list[dict[str, Any]]:
    """A value for each leg: what, depth, who, decided, took_ms, and (left, width) in percent of the whole time.

    A leg that takes no time, or of which none is known, has no place.
    """
    timed = [leg for leg in legs if leg.at_ms is not None and leg.took_ms is not None]
    first = min((leg.at_ms or 0.0 for leg in timed), default=0.0)
    last = max(((leg.at_ms or 0.0) + (leg.took_ms or 0.0) for leg in timed), default=0.0)
    return [_line(leg, first, max(last - first, 0.001)) for leg in legs]


def _line(leg: Leg, first: float, span: float) -> dict[str, Any]:
    what = leg.what.lstrip()
    told = {
        "what": what,
        "depth": (len(leg.what) - len(what)) // 2,
        "kind": what.lower(),
        "who": leg.who,
        "decided": leg.decided,
        "took_ms": leg.took_ms,
        "at_ms": None if leg.at_ms is None else leg.at_ms - first,
    }
    if leg.at_ms is None or leg.took_ms is None:
        return {**told, "left": None, "width": None}
    return {
        **told,
        "left": round((leg.at_ms - first) / span * 100, 2),
        "width": round(leg.took_ms / span * 100, 2),
    }
