"""What the world is to be like, computed from all faults that are live. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from panregion.control.faults.effects import AtEdge, Cut, Down, Effect, InRegion, LinkChange, SiteDown

Target = tuple[str, ...]
"""What has to be settled as one: ("site", name), ("region", name), ("links",), ("edge",)."""

LINKS: Target = ("links",)
EDGE: Target = ("edge",)


def target(effect: Effect) -> Target:
    """What an effect is on."""
    match effect:
        case SiteDown(site=site):
            return ("site", site)
        case LinkChange():
            return LINKS
        case InRegion(region=region):
            return ("region", region)
        case AtEdge():
            return EDGE


def site_wanted(effects: Iterable[Effect], site: str) -> Down | None:
    """How a site is to be; None: running."""
    order: tuple[Down, ...] = get_args(Down)
    hows = [effect.how for effect in effects if isinstance(effect, SiteDown) and effect.site == site]
    return max(hows, key=order.index, default=None)


def links_wanted(effects: Iterable[Effect]) -> Mapping[tuple[str, str], LinkChange]:
    """The links that are not to be as distance made them: delays add up, a loss applies to what another left, the
    narrowest bandwidth counts, and silence beats refusal."""
    links: dict[tuple[str, str], LinkChange] = {}
    for effect in effects:
        if isinstance(effect, LinkChange):
            pair = effect.from_site, effect.to_site
            links[pair] = _together(links[pair], effect) if pair in links else effect
    return links


def _together(one: LinkChange, other: LinkChange) -> LinkChange:
    cuts: list[Cut] = [link.cut for link in (one, other) if link.cut is not None]
    rates = [link.bandwidth_bytes_s for link in (one, other) if link.bandwidth_bytes_s is not None]
    return LinkChange(
        one.from_site,
        one.to_site,
        cut="silent" if "silent" in cuts else cuts[0] if cuts else None,
        delay_ms=one.delay_ms + other.delay_ms,
        jitter_ms=one.jitter_ms + other.jitter_ms,
        loss=1 - (1 - one.loss) * (1 - other.loss),
        bandwidth_bytes_s=min(rates, default=None),
    )


def region_wanted(effects: Iterable[Effect], region: str) -> list[Any]:
    """The list that a region is told, in the order in which the faults began."""
    return [effect.told for effect in effects if isinstance(effect, InRegion) and effect.region == region]


def edge_wanted(effects: Iterable[Effect]) -> list[Any]:
    """The list that the edge is told."""
    return [effect.told for effect in effects if isinstance(effect, AtEdge)]
