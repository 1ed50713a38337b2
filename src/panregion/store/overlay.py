"""Writes laid over a view: what a transaction sees before anybody else does."""

import heapq
from collections.abc import Iterator
from operator import itemgetter

from panregion.store.engine import Pair, View, Writes


class Overlay:
    """A view with writes of its own on top. Dropping it drops them; nothing below has changed."""

    __slots__ = ("_below", "writes")

    def __init__(self, below: View) -> None:
        self._below = below
        self.writes: dict[str, dict[bytes, bytes | None]] = {}

    def get(self, space: str, key: bytes) -> bytes | None:
        written = self.writes.get(space)
        if written is not None and key in written:
            return written[key]
        return self._below.get(space, key)

    def write(self, space: str, key: bytes, value: bytes | None) -> None:
        written = self.writes.get(space)
        if written is None:
            written = self.writes[space] = {}
        written[key] = value

    def write_all(self, writes: Writes) -> None:
        """All of another's writes."""
        for space, changes in writes.items():
            written = self.writes.get(space)
            if written is None:
                self.writes[space] = dict(changes)
            else:
                written.update(changes)

    def clear(self) -> None:
        self.writes.clear()

    def scan(self, space: str, start: bytes, end: bytes, *, reverse: bool) -> Iterator[Pair]:
        """Writes made while the scan is read may or may not be seen by it; those made before it began are."""
        below = self._below.scan(space, start, end, reverse=reverse)
        written = self.writes.get(space)
        if not written:
            return below
        mine = sorted((key for key in written if start <= key < end), reverse=reverse)
        return self._merged(below, mine, dict(written), reverse) if mine else below

    @staticmethod
    def _merged(
        below: Iterator[Pair], mine: list[bytes], written: dict[bytes, bytes | None], reverse: bool
    ) -> Iterator[Pair]:
        kept = (pair for pair in below if pair[0] not in written)
        own = ((key, value) for key in mine if (value := written[key]) is not None)
        return heapq.merge(kept, own, key=itemgetter(0), reverse=reverse)
