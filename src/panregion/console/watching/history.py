"""Moments of the last 15 minutes, and everybody who waits for the next one."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from panregion.console.watching.moment import Moment, folded

KEPT = 900
"""One a second."""


class History:
    """The moments that are kept."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._moments: deque[Moment] = deque()
        self._before: Moment | None = None
        """How things stood when the first moment that is kept came."""
        self._now: Moment | None = None
        self._changed = asyncio.Event()
        self._notes: list[dict[str, str]] = []
        self._ended = False

    def end(self) -> None:
        """Let go of everybody who waits: the console ends."""
        self._ended = True
        self._changed.set()

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

    @property
    def now(self) -> Moment | None:
        """The last moment, with all DNS answers and health checks that are known."""
        return self._now

    def add(self, moment: Moment) -> None:
        """Keep a moment, and wake whoever waits for it."""
        self._moments.append(moment)
        self._now = folded(self._now, moment)
        if len(self._moments) > self._kept:
            self._before = folded(self._before, self._moments.popleft())
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def recent(self, seconds: float) -> list[Moment]:
        """The moments of the last seconds, counted from the last one."""
        found: list[Moment] = []
        for moment in reversed(self._moments):
            if moment.at_s <= self._moments[-1].at_s - seconds:
                break
            found.append(moment)
        return found[::-1]

    def after(self, number: int) -> list[Moment]:
        """The moments that are kept behind that one, the oldest first; who lacks more is told how things stood then."""
        before = [] if self._before is None or self._before.number <= number else [self._before]
        return [*before, *(moment for moment in self._moments if moment.number > number)]

    async def follow(self, number: int) -> AsyncIterator[list[Moment]]:
        """Those behind that one, then each as it comes, until the console ends."""
        while not self._ended:
            changed = self._changed
            found = self.after(number)
            if found:
                number = found[-1].number
                yield found
            else:
                await changed.wait()
