"""Carrying out the actions of a game day's file: command lines, one after another, each shown as a span of its own.

Nobody holds an action by a lease, as control holds faults: it is undone here, also where the game day is stopped, but
not where its process is killed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec

from panregion.gameday.commands import environment, told
from panregion.gameday.file import Action
from panregion.gameday.result import FaultSpan
from panregion.world import WorldSettings
from panregion.world.shell import run_line


class Actor:
    """Acts; what fails is kept in the action's span, for the verdict."""

    def __init__(
        self,
        actions: Sequence[Action],
        settings: WorldSettings,
        folder: Path,
        elapsed: Callable[[], float],
        tell: Callable[[str], None],
    ) -> None:
        self._actions = actions
        self._settings = settings
        self._folder = folder
        self._elapsed = elapsed
        self._tell = tell
        self._spans: dict[int, FaultSpan] = {}

    @property
    def spans(self) -> list[FaultSpan]:
        """Every action so far, in the order in which they began."""
        return list(self._spans.values())

    async def act(self, offset_s: float, until: Callable[[float], Awaitable[None]]) -> None:
        """All of them; `offset_s` is what their times count from, `until` waits for a time."""
        for number, action in enumerate(self._actions):
            await until(offset_s + action.at_s)
            await self._one(number, action, offset_s, until)

    async def _one(
        self, number: int, action: Action, offset_s: float, until: Callable[[float], Awaitable[None]]
    ) -> None:
        began_s = self._elapsed()
        self._spans[number] = FaultSpan(
            id=f"a{number + 1}",
            kind="action",
            text=action.name,
            sites=list(action.sites),
            planned_at_s=round(offset_s + action.at_s, 3),
            began_s=round(began_s, 3),
            ended_s=None,
            fault={"run": action.run, **({"undo": action.undo} if action.undo else {})},
        )
        self._tell(action.name)
        try:
            problem = await self._run(action, action.run)
            if action.for_s is not None and not problem:
                await until(began_s + action.for_s)
        finally:
            if action.undo:
                undoing = asyncio.create_task(self._run(action, action.undo))
                problem_of_undo = await asyncio.shield(undoing)
        if action.undo and problem_of_undo:
            problem = f"{problem}; it could not be undone: {problem_of_undo}".lstrip("; ")
        if problem:
            self._tell(f"{action.name}: {problem}")
        span = self._spans[number]
        self._spans[number] = msgspec.structs.replace(span, ended_s=round(self._elapsed(), 3), problem=problem)
        self._tell(f"over: {action.name}")

    async def _run(self, action: Action, line: str) -> str:
        """Why it failed; empty if it did not."""
        try:
            code, stdout, stderr = await run_line(
                line, env=environment(self._settings), cwd=self._folder, timeout_s=action.timeout_s
            )
        except TimeoutError:
            return f"it had not ended after {action.timeout_s:g} s"
        return told(code, stdout, stderr) if code else ""
