"""`link-bandwidth`: the link between two sites carries fewer bytes a second, for all its connections together."""

from typing import Annotated

from msgspec import Meta

from panregion.control.faults.base import LinkFault
from panregion.control.faults.effects import LinkChange


class LinkBandwidth(LinkFault, frozen=True, kw_only=True):
    """Narrow a link: at most `bandwidth_bytes_s` in each direction, for all its connections together."""

    bandwidth_bytes_s: Annotated[float, Meta(gt=0)]

    def describe(self) -> str:
        return f"{self.ends} carries {self.bandwidth_bytes_s:,.0f} bytes a second"

    def change(self) -> LinkChange:
        return LinkChange("", "", bandwidth_bytes_s=self.bandwidth_bytes_s)
