"""`checkers-blind`: the health checkers at a site see nothing: neither health nor its loss."""

from collections.abc import Iterable

import msgspec

from panregion.control.faults.base import BaseFault
from panregion.control.faults.effects import AtEdge, Effect, Where


class CheckersBlind(BaseFault, frozen=True, kw_only=True):
    """Blind the health checkers at a site.

    Their probes are not sent, and their last opinion stands.
    """

    site: str
    """Where the checkers are (a region's name), or "*" for all."""

    def describe(self) -> str:
        where = "every site" if self.site == "*" else self.site
        return f"the health checkers at {where} are blind"

    def effects(self, where: Where) -> Iterable[Effect]:
        where.named(self.site)
        return [AtEdge(msgspec.Raw(msgspec.json.encode(self)))]
