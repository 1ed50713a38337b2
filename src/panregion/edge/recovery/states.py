"""The states that health checks follow: of routing controls, and of Region switch's plans. Pure.

Of routing controls each site tells what its cells know to be agreed. Of one cluster the site that knows the most
changes is right: the others have not heard of them yet. A cluster is known as long as any site last told of it.
"""

from collections.abc import Iterable, Iterator

import msgspec

from panregion.services.recovery import Shown, Told


class States:
    """What all sites last told."""

    def __init__(self) -> None:
        self._told: dict[str, list[Shown]] = {}
        self._on: dict[str, bool] = {}

    def load(self, kept: bytes) -> None:
        """Take up what was kept. Raises msgspec.DecodeError."""
        self._told = msgspec.msgpack.decode(kept, type=dict[str, list[Shown]])
        self._on = dict(self._merged())

    def snapshot(self) -> bytes:
        """All that is known, as `load` takes it."""
        return msgspec.msgpack.encode(self._told)

    def take(self, site: str, told: Told) -> bool:
        """What a site tells now; whether any control is known to be in another state than before."""
        self._told[site] = told.cells
        before, self._on = self._on, dict(self._merged())
        return self._on != before

    def state(self, control_arn: str) -> bool | None:
        """Whether a routing control is on; None for one that nobody told of."""
        return self._on.get(control_arn)

    @property
    def count(self) -> int:
        return len(self._on)

    def _merged(self) -> Iterator[tuple[str, bool]]:
        latest: dict[str, Shown] = {}
        for cells in self._told.values():
            for shown in cells:
                known = latest.get(shown.cluster_id)
                if known is None or shown.version > known.version:
                    latest[shown.cluster_id] = shown
        for shown in latest.values():
            yield from shown.states.items()


class Turned(msgspec.Struct, frozen=True):
    """How a plan's health check is turned, and since when (services/arc_region_switch)."""

    arn: str
    on: bool
    at: float


class Plans:
    """The book of one region (see `edge.follower.Book`): how executions there, or told there, turned health checks."""

    def __init__(self) -> None:
        self.turned: dict[str, Turned] = {}

    def load(self, snapshot: bytes) -> None:
        self.turned = {each.arn: each for each in msgspec.msgpack.decode(snapshot, type=list[Turned])}

    def apply(self, record: bytes) -> None:
        each = msgspec.msgpack.decode(record, type=Turned)
        self.turned[each.arn] = each

    def snapshot(self) -> bytes:
        return msgspec.msgpack.encode(list(self.turned.values()))


def latest(books: Iterable[Plans], arn: str) -> bool | None:
    """Whether a plan's health check is on by the latest word of any region; None for one that none told of."""
    known = [book.turned[arn] for book in books if arn in book.turned]
    return max(known, key=lambda each: each.at).on if known else None
