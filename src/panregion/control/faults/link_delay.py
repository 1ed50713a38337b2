"""`link-delay`: what passes between two sites takes longer, by a fixed time each way."""

from typing import Annotated

from msgspec import Meta

from panregion.control.faults.base import LinkFault
from panregion.control.faults.effects import LinkChange


class LinkDelay(LinkFault, frozen=True, kw_only=True):
    """Delay a link: `delay_ms` more in each direction; the world's scale does not shrink it."""

    delay_ms: Annotated[float, Meta(gt=0, le=1e6)]

    def describe(self) -> str:
        return f"{self.ends} takes {self.delay_ms:g} ms longer" + (" each way" if self.both else "")

    def change(self) -> LinkChange:
        return LinkChange("", "", delay_ms=self.delay_ms)
