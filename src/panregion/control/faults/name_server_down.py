"""`name-server-down`: the world's name server does not answer."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from panregion.control.faults.base import BaseFault
from panregion.control.faults.effects import AtEdge, Effect, Where


class NameServerDown(BaseFault, frozen=True, kw_only=True):
    """Take the name server down.

    Silent: questions get no answer. Servfail: they are answered with a failure. What resolvers keep, they keep.
    """

    how: Literal["silent", "servfail"] = "silent"

    def describe(self) -> str:
        return "the name server " + ("is down" if self.how == "silent" else "fails (SERVFAIL)")

    def effects(self, where: Where) -> Iterable[Effect]:  # noqa: ARG002 - there is but one name server
        return [AtEdge(msgspec.Raw(msgspec.json.encode(self)))]
