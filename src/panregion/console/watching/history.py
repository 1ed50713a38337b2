"""Moments of the last 15 minutes, and everybody who waits for the next one."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from panregion.console.watching.moment import Moment

KEPT = 900
"""One a second."""


class History:
    """The moments that are kept."""

    def __init__(self, kept: int = KEPT) -> None:
        self._moments: deque[Moment] = deque(maxlen=kept)
        self._changed = asyncio.Event()
        self._notes: list[dict[str, str]] = []

    def note(self, note: dict[str, str]) -> None:
        """Something was done by way of the console ({text, command}): the next moment tells it."""
        self._notes.append(note)

    def take_notes(self) -> list[dict[str, str]]:
        """What was noted since, for the moment that is being made."""
        notes, self._notes = self._notes, []
        return notes

    @property
    def next_number(self) -> int:
        """The number that the next moment has."""
        return self._moments[-1].number + 1 if self._moments else 1

    @property
    def last(self) -> Moment | None:
        return self._moments[-1] if self._moments else None

    def add(self, moment: Moment) -> None:
        """Keep a moment, and wake whoever waits for it."""
        self._moments.append(moment)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def after(self, number: int) -> list[Moment]:
        """The moments that are kept behind that one, the oldest first."""
        return [moment for moment in self._moments if moment.number > number]

    async def follow(self, number: int) -> AsyncIterator[list[Moment]]:
        """Those behind that one, then each as it comes, without end."""
        while True:
            changed = self._changed
            found = self.after(number)
            if found:
                number = found[-1].number
                yield found
            else:
                await changed.wait()
