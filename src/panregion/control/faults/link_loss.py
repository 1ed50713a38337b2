"""`link-loss`: a share of the packets between two sites is lost and sent again."""

from typing import Annotated

from msgspec import Meta

from panregion.control.faults.base import LinkFault
from panregion.control.faults.effects import LinkChange


class LinkLoss(LinkFault, frozen=True, kw_only=True):
    """Lose a share of a link's packets: a stall of a retransmission timeout for each."""

    loss: Annotated[float, Meta(gt=0, lt=1)]

    def describe(self) -> str:
        return f"{self.ends} loses {self.loss * 100:g} % of its packets"

    def change(self) -> LinkChange:
        return LinkChange("", "", loss=self.loss)
