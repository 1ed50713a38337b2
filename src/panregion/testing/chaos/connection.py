"""The connection of one `chaos` process to a running world: one loop, one client, one lease for all that it asks."""

import atexit
import contextlib
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from panregion.control import ControlClient, Lease
from panregion.world import WorldSettings, load_world
from panregion.world.background import Background

T = TypeVar("T")

FOLDER, FILE = ".panregion", "world.json"
KEY = "panregion_world"
"""In an experiment's configuration: the folder of the world, or the one that it was started in."""


class NoWorld(Exception):
    """No world was started where it was looked for."""


def find_world(configuration: Mapping[str, Any] | None) -> WorldSettings:
    """The settings of the world that an experiment is about. Raises NoWorld."""
    start = Path((configuration or {}).get(KEY) or ".").resolve()
    for folder in (start, *start.parents):
        for candidate in (folder / FILE, folder / FOLDER / FILE):
            if candidate.exists():
                return load_world(candidate)
    raise NoWorld(f"no world was started in {start} or above it: `panregion up` starts one")


class Connection:
    """Asks one world; faults that it begins are undone when it closes, or when its process dies."""

    def __init__(self, settings: WorldSettings) -> None:
        self.settings = settings
        self._background = Background("panregion-chaos")
        self.control = ControlClient(settings)
        self._stack = contextlib.AsyncExitStack()
        self._lease: Lease | None = None

    def ask(self, question: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine. Raises ControlError."""
        return self._background.run(question)

    def lease(self) -> Lease:
        """The lease that this process holds. Raises ControlError."""
        if self._lease is None:
            self._lease = self.ask(self._stack.enter_async_context(self.control.lease()))
        return self._lease

    def close(self) -> None:
        """Let go; what was begun is undone."""
        self.ask(self._stack.aclose())
        self.ask(self.control.close())
        self._background.close()


_open: dict[str, Connection] = {}


def connection(configuration: Mapping[str, Any] | None) -> Connection:
    """The connection to an experiment's world, opened when it is first needed. Raises NoWorld."""
    settings = find_world(configuration)
    found = _open.get(settings.folder)
    if found is None:
        found = _open[settings.folder] = Connection(settings)
        atexit.register(found.close)
    return found
