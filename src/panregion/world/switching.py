"""Leaving HTTP: a connection whose request was answered with 101 goes on in another protocol.

The HTTP connection hands its transport to a `Successor` and hears of it once more, when it is lost: so a server that
closes lets go of those connections too.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from panregion.world.http import Response


class Successor(asyncio.Protocol):
    """What speaks on a connection after HTTP."""

    forget: Callable[[Exception | None], None] | None = None
    """Tells the HTTP connection that came before that the connection is over."""

    def connection_lost(self, exc: Exception | None) -> None:
        if self.forget is not None:
            self.forget(exc)
            self.forget = None


@dataclass(slots=True, kw_only=True)
class Switching(Response):
    """101, and who takes the connection over."""

    status: int = 101
    successor: Successor = field(default_factory=Successor)


def switch(
    transport: asyncio.Transport,
    head: bytes,
    early: bytes,
    successor: Successor,
    forget: Callable[[Exception | None], None],
) -> None:
    """Send the head of the 101 and leave the connection to its successor, with what came early."""
    successor.forget = forget
    if transport.is_closing():
        successor.connection_made(transport)
        successor.connection_lost(None)
        return
    transport.write(head)
    transport.set_protocol(successor)
    successor.connection_made(transport)
    if early:
        successor.data_received(early)
    transport.resume_reading()
