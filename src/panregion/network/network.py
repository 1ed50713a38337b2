"""All links of a world: made when first used, changed by faults, counted.

A link knows who is on it only as something to call when its conditions change; sockets are the relay's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Literal

import msgspec

from panregion.network.link import Conditions, Cut
from panregion.network.pipe import Carrier
from panregion.network.sites import Sites
from panregion.world import World

Changed = Callable[[Conditions], None]
"""Called with the conditions before the change, once the new ones hold."""


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be asked of a link; what is left out stays as it is."""

    cut: Literal["silent", "refuse"] | msgspec.UnsetType | None = msgspec.UNSET
    delay_ms_extra: float | msgspec.UnsetType = msgspec.UNSET
    jitter_ms: float | msgspec.UnsetType = msgspec.UNSET
    loss: float | msgspec.UnsetType = msgspec.UNSET
    bandwidth_bytes_s: float | msgspec.UnsetType | None = msgspec.UNSET
    scale: float | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        for name in ("delay_ms_extra", "jitter_ms", "scale"):
            value = getattr(self, name)
            if value is not msgspec.UNSET and not 0 <= value <= 1e6:
                raise ValueError(f"{name} must be between 0 and 1e6")
        if self.loss is not msgspec.UNSET and not 0 <= self.loss < 1:
            raise ValueError("loss must be at least 0 and below 1")
        if isinstance(self.bandwidth_bytes_s, float | int) and self.bandwidth_bytes_s <= 0:
            raise ValueError("bandwidth_bytes_s must be above 0 (null is unlimited)")

    def apply(self, conditions: Conditions) -> Conditions:
        """The conditions with these faults."""
        changes: dict[str, Any] = {}
        for name, field, factor in (
            ("delay_ms_extra", "extra_delay_s", 0.001),
            ("jitter_ms", "jitter_s", 0.001),
            ("loss", "loss", 1),
            ("scale", "scale", 1),
        ):
            value = getattr(self, name)
            if value is not msgspec.UNSET:
                changes[field] = value * factor
        if self.bandwidth_bytes_s is not msgspec.UNSET:
            changes["bandwidth_bytes_s"] = self.bandwidth_bytes_s
        if self.cut is not msgspec.UNSET:
            changes["cut"] = self.cut
        return replace(conditions, **changes)


class Disturbed(Faults, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of the list of all links that are disturbed."""

    from_site: str = msgspec.field(name="from")
    to_site: str = msgspec.field(name="to")


class Link:
    """One directed link: its carrier, its figures, and who is to be told of a change."""

    def __init__(self, from_site: str, to_site: str, undisturbed: Conditions) -> None:
        self.from_site = from_site
        self.to_site = to_site
        self.undisturbed = undisturbed
        self.carrier = Carrier(undisturbed)
        self.bytes = 0
        self.connects = 0
        self.refused = 0
        self.resets = 0
        self.late_count = 0
        self.late_sum_s = 0.0
        self.late_max_s = 0.0
        self._followers: set[Changed] = set()
        self._change = asyncio.Event()

    @property
    def conditions(self) -> Conditions:
        return self.carrier.conditions

    @property
    def cut(self) -> Cut | None:
        return self.conditions.cut

    @property
    def live(self) -> int:
        """Connections on it now."""
        return len(self._followers)

    def late(self, by_s: float) -> None:
        """One piece left so much after its time: the relay's own cost."""
        self.late_count += 1
        self.late_sum_s += by_s
        self.late_max_s = max(self.late_max_s, by_s)

    def follow(self, changed: Changed) -> Callable[[], None]:
        """Be told of changes, before and after; returns how to stop."""
        self._followers.add(changed)
        return lambda: self._followers.discard(changed)

    def set(self, conditions: Conditions) -> None:
        """New conditions, at once, for what is under way too."""
        before, self.carrier.conditions = self.carrier.conditions, conditions
        for changed in list(self._followers):
            changed(before)
        self._change.set()
        self._change = asyncio.Event()

    def change(self) -> Awaitable[object]:
        """The next change after this call, to be awaited."""
        return self._change.wait()

    def describe(self) -> dict[str, Any]:
        conditions = self.conditions
        return {
            "from": self.from_site,
            "to": self.to_site,
            "cut": conditions.cut,
            "one_way_ms": round(conditions.delay_s * 1000, 3),
            "undisturbed_one_way_ms": round(self.undisturbed.delay_s * 1000, 3),
            "delay_ms_extra": round(conditions.extra_delay_s * 1000, 3),
            "jitter_ms": round(conditions.jitter_s * 1000, 3),
            "loss": conditions.loss,
            "bandwidth_bytes_s": conditions.bandwidth_bytes_s,
            "scale": conditions.scale,
            "bytes": self.bytes,
            "connects": self.connects,
            "refused": self.refused,
            "resets": self.resets,
            "live": self.live,
            "late_ms_mean": round(1000 * self.late_sum_s / self.late_count, 3) if self.late_count else 0.0,
            "late_ms_max": round(1000 * self.late_max_s, 3),
        }


class Network:
    """The links of a world."""

    def __init__(self, sites: Sites, world: World) -> None:
        self.sites = sites
        self.world = world
        self._links: dict[tuple[str, str], Link] = {}

    def link(self, from_site: str, to_site: str) -> Link:
        """The link between two sites. Raises UnknownSite."""
        found = self._links.get((from_site, to_site))
        if found is None:
            self.sites.require(from_site)
            self.sites.require(to_site)
            found = Link(from_site, to_site, self.sites.undisturbed(from_site, to_site))
            self._links[from_site, to_site] = found
        return found

    @property
    def links(self) -> list[Link]:
        """Those that have been used or changed."""
        return [self._links[pair] for pair in sorted(self._links)]
