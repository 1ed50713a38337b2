"""What lately happened, in memory: bounded, and put into words only if somebody reads it."""

from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

ENTRIES_MAX = 2000

Entry = Callable[[], dict[str, Any]]


class Ring:
    """The last entries, numbered from 1."""

    def __init__(self, entries_max: int = ENTRIES_MAX) -> None:
        self._entries: deque[tuple[int, Entry]] = deque(maxlen=entries_max)
        self.count = 0

    def add(self, entry: Entry) -> None:
        self.count += 1
        self._entries.append((self.count, entry))

    def after(self, number: int) -> list[dict[str, Any]]:
        """The entries behind that number, each with its own; all, for somebody who has read further than there is: what
        was read then was of an edge that has ended since."""
        behind = number if number <= self.count else 0
        return [{"number": count, **entry()} for count, entry in self._entries if count > behind]

    def find(self, number: int) -> dict[str, Any] | None:
        """The entry of that number, if it is still kept."""
        entry = next((entry for count, entry in self._entries if count == number), None)
        return None if entry is None else {"number": number, **entry()}

    def newest(self, most: int, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """The last entries that are wanted, the newest first, each with its number."""
        found = ({"number": count, **entry()} for count, entry in reversed(self._entries))
        return list(islice((entry for entry in found if wanted(entry)), most))
