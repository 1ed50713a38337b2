"""An engine in memory, for the simulator and the tests: the same promises, nothing on disk."""

from collections.abc import Iterator

from sortedcontainers import SortedDict

from panregion.store.engine import Pair, View, Writes
from panregion.store.overlay import Overlay

Spaces = dict[str, SortedDict[bytes, bytes]]


class _Committed:
    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces

    def get(self, space: str, key: bytes) -> bytes | None:
        kept = self._spaces.get(space)
        return None if kept is None else kept.get(key)

    def scan(self, space: str, start: bytes, end: bytes, *, reverse: bool) -> Iterator[Pair]:
        kept = self._spaces.get(space)
        if kept is None:
            return
        for key in kept.irange(start, end, (True, False), reverse=reverse):
            yield key, kept[key]


class MemoryEngine:
    """Keeps everything in sorted dictionaries; `commit` is at once."""

    inline = True

    def __init__(self) -> None:
        self._spaces: Spaces = {}
        self._committed = _Committed(self._spaces)
        self._group = Overlay(self._committed)

    @property
    def reader(self) -> View:
        return self._committed

    @property
    def writer(self) -> View:
        return self._group

    def apply(self, writes: Writes) -> None:
        self._group.write_all(writes)

    def commit(self) -> None:
        for space, changes in self._group.writes.items():
            kept = self._spaces.setdefault(space, SortedDict())
            for key, value in changes.items():
                if value is None:
                    kept.pop(key, None)
                else:
                    kept[key] = value
        self._group.clear()

    def rollback(self) -> None:
        self._group.clear()

    def refresh(self) -> None:
        """Nothing to do: the reader reads what is there."""

    @property
    def untidy(self) -> bool:
        return False

    def release(self) -> None:
        """Nothing is held."""

    def tidy(self) -> None:
        """Nothing to do."""

    @property
    def overgrown(self) -> bool:
        return False

    def shorten(self) -> bool:
        return True

    def close(self) -> None:
        self._group.clear()
