"""What a fault wants of the world while it is live, as plain values.

Every fault is such a wish and nothing else. What the world is to be like is computed anew from all live faults
(`wanted.py`) whenever one begins or ends, or a process has come back; so faults may overlap, be undone in any order,
and be put back, without any of them knowing of the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import msgspec

Down = Literal["frozen", "stopped", "killed"]
"""In rising order: a site that one fault freezes and another kills is killed."""
Cut = Literal["silent", "refuse"]

GROUPS = ("regions", "places", "*")


@dataclass(frozen=True)
class Where:
    """What there is in a world for faults to happen to."""

    regions: Sequence[str]
    places: Sequence[str]
    sites: Sequence[str]
    """Everything that a link may begin or end at."""
    others: Sequence[str] = ()
    """What is no region and has processes all the same: where recovery cells run, or could; services outside."""

    def named(self, name: str) -> Sequence[str]:
        """A site, or those of a group: "regions", "places", "*" (all). Raises ValueError."""
        match name:
            case "regions":
                return self.regions
            case "places":
                return self.places
            case "*":
                return self.sites
        if name not in self.sites:
            near = get_close_matches(name, self.sites)
            raise ValueError(f"unknown site {name!r}; " + (f"near to it: {', '.join(near)}" if near else self._all))
        return [name]

    @property
    def _all(self) -> str:
        return f"there are: {', '.join([*GROUPS, *self.sites])}"

    def pairs(self, from_site: str, to_site: str, *, both: bool) -> Iterator[tuple[str, str]]:
        """The directed links between two sites or groups. Raises ValueError."""
        ways = [(from_site, to_site), (to_site, from_site)] if both else [(from_site, to_site)]
        pairs = {(a, b) for one, other in ways for a in self.named(one) for b in self.named(other) if a != b}
        yield from sorted(pairs)

    def require_region(self, region: str) -> str:
        """The region itself, if the world has it. Raises ValueError."""
        if region not in self.regions:
            raise ValueError(f"{region} is not a region of this world; it has {', '.join(self.regions)}")
        return region

    def require_down(self, site: str) -> str:
        """A site with processes of its own. Raises ValueError."""
        return site if site in self.others else self.require_region(site)


class SiteDown(msgspec.Struct, frozen=True):
    """The processes of a site (its region, its recovery cells) are not running."""

    site: str
    how: Down


class LinkChange(msgspec.Struct, frozen=True):
    """What becomes of one directed link."""

    from_site: str
    to_site: str
    cut: Cut | None = None
    delay_ms: float = 0
    jitter_ms: float = 0
    loss: float = 0
    bandwidth_bytes_s: float | None = None


class InRegion(msgspec.Struct, frozen=True):
    """What the region's own process does to itself (region/faults): one entry of the list that it is told."""

    region: str
    told: msgspec.Raw


class AtEdge(msgspec.Struct, frozen=True):
    """What the edge does to itself (edge/faults.py): one entry of the list that it is told."""

    told: msgspec.Raw


Effect = SiteDown | LinkChange | InRegion | AtEdge
