"""The faults that the edge has in itself, told whole by control: no name server, checkers that are blind."""

from collections.abc import Sequence
from typing import Literal

import msgspec

Down = Literal["silent", "servfail"]


class NameServerDown(msgspec.Struct, frozen=True, tag_field="kind", tag="name-server-down", forbid_unknown_fields=True):
    how: Down = "silent"


class CheckersBlind(msgspec.Struct, frozen=True, tag_field="kind", tag="checkers-blind", forbid_unknown_fields=True):
    site: str


EdgeFault = NameServerDown | CheckersBlind


class EdgeFaults:
    """What is live at the edge."""

    def __init__(self) -> None:
        self.live: Sequence[EdgeFault] = ()
        self.name_server: Down | None = None
        """How the name server is down; silence comes first."""
        self._blind: frozenset[str] = frozenset()

    def set(self, told: bytes) -> None:
        """Have exactly these faults. Raises msgspec.DecodeError."""
        faults = msgspec.json.decode(told, type=list[EdgeFault])
        hows = [fault.how for fault in faults if isinstance(fault, NameServerDown)]
        self.name_server = "silent" if "silent" in hows else "servfail" if hows else None
        self._blind = frozenset(fault.site for fault in faults if isinstance(fault, CheckersBlind))
        self.live = faults

    def blind(self, site: str) -> bool:
        """Whether the checkers at a site see nothing."""
        return bool(self._blind) and (site in self._blind or "*" in self._blind)
