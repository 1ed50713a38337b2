"""`link-jitter`: what passes between two sites takes longer, by another time each time."""

from typing import Annotated

from msgspec import Meta

from panregion.control.faults.base import LinkFault
from panregion.control.faults.effects import LinkChange


class LinkJitter(LinkFault, frozen=True, kw_only=True):
    """Make a link uneven: up to `jitter_ms` more, at random, on top of what it has."""

    jitter_ms: Annotated[float, Meta(gt=0, le=1e6)]

    def describe(self) -> str:
        return f"{self.ends} takes up to {self.jitter_ms:g} ms longer at random"

    def change(self) -> LinkChange:
        return LinkChange("", "", jitter_ms=self.jitter_ms)
