"""The worlds of one test run: made when first asked for, put back to their beginning when their scope begins anew."""

from panregion.testing.errors import WorldFailed
from panregion.testing.options import Options
from panregion.testing.running import RunningWorld
from panregion.world.background import Background

RUNNING_MAX = 1
"""Worlds that are kept at a time, beside those of the session: each holds some 100 MB, and checks its health."""


class Pool:
    """Running worlds by kind."""

    def __init__(self) -> None:
        self._background = Background("panregion-testing")
        self._worlds: dict[bytes, RunningWorld] = {}
        self._owners: dict[bytes, str] = {}
        """Kind -> whose state it holds: a test, a module, the session. A world at rest holds nobody's."""
        self.resets_s: list[float] = []

    def world(self, options: Options, owner: str) -> RunningWorld:
        """A world of that kind in the state that `owner` left it in; a new owner finds it at its beginning.

        Raises WorldFailed.
        """
        kind = options.kind
        running = self._worlds.pop(kind, None)
        if running is not None and self._owners.get(kind) != owner and not self._reset(running):
            running = None
        if running is None:
            self._make_room()
            running = RunningWorld(options, self._background)
        self._worlds[kind] = running  # again the last: the first is the one that was used longest ago
        self._owners[kind] = owner
        return running

    def _reset(self, running: RunningWorld) -> bool:
        """Put a world back; one that cannot be (somebody killed its control, say) is ended: the next is a fresh one."""
        try:
            self.resets_s.append(running.reset())
        except WorldFailed:
            running.close()
            return False
        return True

    def _make_room(self) -> None:
        passing = [kind for kind, world in self._worlds.items() if world.options.scope != "session"]
        for kind in passing[: max(0, len(passing) + 1 - RUNNING_MAX)]:
            self._owners.pop(kind, None)
            self._worlds.pop(kind).close()

    def rest(self) -> None:
        """The next test asks for no world: those that would be put back before their own next test rest."""
        for kind in [kind for kind, world in self._worlds.items() if world.options.scope == "function"]:
            if self._owners.pop(kind, None) is None:
                continue
            try:
                self._worlds[kind].rest()
            except WorldFailed:
                self._worlds.pop(kind).close()

    def close(self) -> None:
        """End all of them."""
        for running in self._worlds.values():
            running.close()
        self._worlds.clear()
        self._background.close()
