"""`link-cut`: nothing passes between two sites."""

from panregion.control.faults.base import LinkFault
from panregion.control.faults.effects import Cut, LinkChange


class LinkCut(LinkFault, frozen=True, kw_only=True):
    """Cut a link.

    Silent: what is sent is lost and connections hang. Refuse: open connections are reset, new ones refused.
    """

    how: Cut = "silent"

    def describe(self) -> str:
        return f"{self.ends} is cut" + (" and refuses" if self.how == "refuse" else "")

    def change(self) -> LinkChange:
        return LinkChange("", "", cut=self.how)
