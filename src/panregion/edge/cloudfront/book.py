"""What the edge knows of CloudFront: distributions and what they refer to, found by the names viewers ask for."""

from collections.abc import Callable
from typing import Any

import msgspec

from panregion.edge.cloudfront.plan import Plan, make_plan
from panregion.services.cloudfront.managed import MANAGED
from panregion.services.cloudfront.model import Change, Distribution, Kind, Part, Snapshot

Invalidate = Callable[[str, list[str]], None]
Forget = Callable[[str | None], None]


class Book:
    """Distributions and parts by id. `invalidate` and `forget` are told what caches must let go of."""

    def __init__(self, invalidate: Invalidate, forget: Forget) -> None:
        self._invalidate = invalidate
        self._forget = forget
        self.distributions: dict[str, Distribution] = {}
        self._parts: dict[tuple[Kind, str], Part] = {}
        self._by_name: dict[str, str] = {}
        self._plans: dict[str, Plan] = {}

    def load(self, snapshot: bytes) -> None:
        """Forget everything and know this; invalidations may have been missed, so caches begin anew."""
        found = msgspec.msgpack.decode(snapshot, type=Snapshot)
        self.distributions = {one.id: one for one in found.distributions}
        self._parts = {(part.kind, part.id): part for part in found.parts}
        self._index()
        self._forget(None)

    def apply(self, record: bytes) -> None:
        """One record of the feed."""
        change = msgspec.msgpack.decode(record, type=Change)
        if change.invalidation is not None:
            self._invalidate(change.invalidation.distribution_id, change.invalidation.paths)
        if change.part is not None:
            self._take_part(change.part, change.gone)
        if change.distribution is not None:
            self._take_distribution(change.distribution, change.gone)

    def _take_part(self, part: Part, gone: bool) -> None:
        if gone:
            self._parts.pop((part.kind, part.id), None)
        else:
            self._parts[part.kind, part.id] = part
        self._plans.clear()

    def _take_distribution(self, distribution: Distribution, gone: bool) -> None:
        if gone:
            self.distributions.pop(distribution.id, None)
            self._forget(distribution.id)
        else:
            self.distributions[distribution.id] = distribution
        self._index()

    def _index(self) -> None:
        self._plans.clear()
        self._by_name = {name: one.id for one in self.distributions.values() for name in (one.domain, *one.aliases)}

    def snapshot(self) -> bytes:
        """All of it, to be kept."""
        found = Snapshot(distributions=list(self.distributions.values()), parts=list(self._parts.values()))
        return msgspec.msgpack.encode(found)

    def plan_for(self, host: str) -> Plan | None:
        """The distribution that a host name (in lower case) belongs to: by its very name, then by the nearest wildcard.

        A wildcard is for any number of labels.
        """
        distribution_id = self._by_name.get(host)
        above = host
        while distribution_id is None and "." in above:
            above = above.partition(".")[2]
            distribution_id = self._by_name.get(f"*.{above}")
        if distribution_id is None:
            return None
        plan = self._plans.get(distribution_id)
        if plan is None:
            plan = self._plans[distribution_id] = make_plan(self.distributions[distribution_id], self.part)
        return plan

    def part(self, kind: Kind, part_id: str) -> Part | None:
        """A policy, also one of AWS's own."""
        return MANAGED.get((kind, part_id)) or self._parts.get((kind, part_id))

    def describe(self) -> dict[str, Any]:
        """For the edge's API."""
        return {one.domain: {"id": one.id, "aliases": one.aliases} for one in self.distributions.values()}
