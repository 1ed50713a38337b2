"""What a moment keeps of control's status."""

import re
from collections.abc import Iterable
from typing import Any

from panregion.console.watching.moment import Lag
from panregion.world import WorldSettings

PAIRS_MAX = 60
"""A world of twenty regions has 380; those that are behind the most are kept."""
OF_LINK = ("from", "to", "cut", "one_way_ms", "delay_ms_extra", "loss", "bandwidth_bytes_s")
OF_FAULT = ("id", "description", "began_s", "fault")
REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")


def of_status(status: dict[str, Any]) -> dict[str, Any]:
    """A moment's fields: regions, outside, links, faults, lag."""
    regions = status["regions"]
    return {
        "regions": {region["region"]: region["status"] for region in regions},
        "outside": {service["name"]: service["status"] for service in status["outside"]},
        "links": [{field: link.get(field) for field in OF_LINK} for link in status["links"]],
        "faults": [{field: fault.get(field) for field in OF_FAULT} for fault in status["faults"]],
        "lag": lags(regions),
    }


def lags(regions: list[dict[str, Any]]) -> list[Lag]:
    """Every pair of regions, the one that is behind the most first."""
    return worst_first(
        _pair(peer, region["region"], following, region["replicated_tables"])
        for region in regions
        for peer, following in region.get("replication", {}).items()
        if following["feeds"]
    )


def worst_first(lags: Iterable[Lag]) -> list[Lag]:
    """One entry for each pair of regions, of several stores the one that is behind the most."""
    pairs: dict[tuple[str, str], Lag] = {}
    for lag in sorted(lags, key=_ill, reverse=True):
        pairs.setdefault((lag.from_region, lag.to_region), lag)
    return list(pairs.values())[:PAIRS_MAX]


def _pair(peer: str, region: str, following: dict[str, Any], tables: dict[str, str]) -> Lag:
    """One region's replicas of another's tables."""
    feeds = following["feeds"]
    worst = max(feeds, key=lambda feed: (feeds[feed]["backlog"] or 0, feeds[feed]["lag"]["last_ms"] or 0.0))
    store = f"dynamodb:{tables.get(worst, worst)}"
    if following["state"] != "following":
        return Lag(peer, region, store, None, None)
    lag_ms = feeds[worst]["lag"]["last_ms"]
    return Lag(peer, region, store, lag_ms, sum(figures["backlog"] or 0 for figures in feeds.values()))


def _ill(lag: Lag) -> tuple[bool, int, float]:
    return lag.backlog is None, lag.backlog or 0, lag.lag_ms or 0.0


def region_of(target: str, settings: WorldSettings) -> str | None:
    """The region that a health check's target is in: by its address, or the region's name in it."""
    found = REGION.search(target)
    return settings.region_at(target) or (found[0] if found and found[0] in settings.regions else None)
