"""The sockets at accelerators' addresses: one per address and port, opened and closed as the book says."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from panregion.services.globalaccelerator.model import Listener

log = logging.getLogger("panregion.edge")

Place = tuple[str, int, str]
"""Address, public port, protocol."""

Opener = Callable[[Place], Awaitable[Callable[[], None]]]
"""Opens a socket, and returns what closes it. Raises OSError where the port is taken."""


class Doors:
    """All open sockets. What is decided about a connection is looked up when one comes, not here."""

    def __init__(self, open_one: Opener) -> None:
        self._open_one = open_one
        self._open: dict[Place, Callable[[], None]] = {}
        self._wanted: Mapping[Place, Listener] = {}
        self.failures: dict[str, str] = {}
        self._lock = asyncio.Lock()

    @property
    def count(self) -> int:
        return len(self._open)

    def listener_at(self, place: Place) -> Listener | None:
        return self._wanted.get(place)

    async def follow(self, wanted: Mapping[Place, Listener]) -> None:
        """These are open from now on; those that cannot be are in `failures`, and tried again next time."""
        self._wanted = wanted
        async with self._lock:
            for place in [place for place in self._open if place not in wanted]:
                self._open.pop(place)()
            self.failures.clear()
            for place in wanted:
                if place not in self._open:
                    await self._try(place)

    async def _try(self, place: Place) -> None:
        try:
            self._open[place] = await self._open_one(place)
        except OSError as error:
            address, port, protocol = place
            self.failures[f"{protocol} {address}:{port}"] = str(error)
            log.warning("the accelerator's %s %s:%d cannot be opened: %s", protocol, address, port, error)

    def close(self) -> None:
        for close_one in self._open.values():
            close_one()
        self._open.clear()
