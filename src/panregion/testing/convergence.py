"""Whether all replicas of a world have caught up: pure, from what the regions say of themselves."""

from collections.abc import Iterable, Mapping
from typing import Any

Heads = dict[tuple[str, str], int]
"""(region, feed) -> the last sequence number that the region has given out."""


def heads_of(regions: Iterable[Mapping[str, Any]]) -> Heads:
    """What there was to be applied when the regions were asked."""
    return {
        (region["region"], feed): head
        for region in regions
        for feed, head in region.get("replication_heads", {}).items()
    }


def behind(regions: Iterable[Mapping[str, Any]], heads: Heads) -> list[str]:
    """Who has not applied what a peer's feed had at `heads`, in words; empty where all have caught up."""
    told = []
    for region in regions:
        if region["status"] != "running":
            told.append(f"{region['region']} is {region['status']}")
        for peer, following in region.get("replication", {}).items():
            for feed, figures in following["feeds"].items():
                missing = heads.get((peer, feed), 0) - figures["cursor"]
                if missing > 0 or figures["copying"]:
                    table = region.get("replicated_tables", {}).get(feed, feed)
                    told.append(f"{region['region']} lacks {max(missing, 0)} changes of {table} from {peer}")
    return told
