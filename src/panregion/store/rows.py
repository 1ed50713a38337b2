"""The rows that a connection has read last, so that what is asked for again and again costs no statement.

A table's definition is read by every operation on it, and applications have items that they read much more often than
others. A row is kept when it is read, not when it is written (most of what is written is not read soon); one that is
kept follows what is written. The oldest leaves when there are too many. Whether a key is absent is kept, too.
"""

from collections import defaultdict
from typing import Final

from panregion.store.engine import Writes

ROWS_MAX = 2048
ROW_BYTES_MAX = 2048
"""Per space: 4 MiB at most, and few spaces are read much."""


class _Unknown:
    """The type of UNKNOWN."""


UNKNOWN: Final = _Unknown()
"""Nothing is kept of a key: whether it has a value must be looked up."""


class Rows:
    """Some rows of one state of a store, by space and key."""

    __slots__ = ("spaces",)

    def __init__(self) -> None:
        self.spaces: defaultdict[str, dict[bytes, bytes | None]] = defaultdict(dict)
        """A row's value by space and key; None: there is no such row."""

    def keep(self, space: str, key: bytes, value: bytes | None) -> None:
        """Remember what was read."""
        if value is not None and len(value) > ROW_BYTES_MAX:
            return
        rows = self.spaces[space]
        if len(rows) >= ROWS_MAX:
            del rows[next(iter(rows))]
        rows[key] = value

    def note(self, writes: Writes) -> None:
        """The state has changed by this."""
        for space, changes in writes.items():
            rows = self.spaces.get(space)
            if rows is None:
                continue
            for key, value in changes.items():
                if key not in rows:
                    continue
                if value is None or len(value) <= ROW_BYTES_MAX:
                    rows[key] = value
                else:
                    del rows[key]

    def clear(self) -> None:
        """Nothing is known any more."""
        self.spaces.clear()
