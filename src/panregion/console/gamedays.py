"""Game days of a world's folder: those that can be held, those that were, and the one held by way of the console.

It is held by the command that one would type, as a process of its own in the world's folder. SIGINT stops it, as Ctrl-C
does: its lease ends with it, and control undoes what it broke.
"""

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from panregion.gameday import library
from panregion.gameday.reading import parse
from panregion.gameday.result import Result, from_json
from panregion.gameday.source import BadFile, read_source
from panregion.world import Clock
from panregion.world.process import PYTHON, Process, spawn

RESULTS, RESULT_FILE = "gamedays", "result.json"
PATTERNS = ("gameday*.yaml", "gamedays/*.yaml")
OWN = "gameday.yaml"
RUN = (PYTHON, "-m", "panregion", "gameday", "run")
TAIL_BYTES = 6000
TAIL_LINES = 25
STOP_S = 30.0
VERDICTS = {0: "all that was promised held", 1: "not all that was promised held", 2: "it could not be held as asked"}


@dataclass(frozen=True)
class Listed:
    """A game day that can be held."""

    which: str
    """Its name in the library, or its file, from the world's folder on."""
    title: str
    description: str
    short: bool = False
    """Whether it has a short form."""
    problem: str = ""
    """Why it cannot be held; empty otherwise."""


@dataclass(frozen=True)
class Finished:
    """A game day that was held."""

    name: str
    """Of its folder below gamedays/."""
    result: Result


@dataclass
class Held:
    """The one that is held now, or was held last."""

    command: str
    process: Process
    log_path: Path
    began_s: float
    stopping: bool = False

    @property
    def verdict(self) -> str | None:
        """None while it goes on."""
        code = self.process.exit_code
        if code is None:
            return None
        return "stopped" if self.stopping else VERDICTS.get(code, f"it ended with exit code {code}")

    def said(self) -> str:
        """The last lines of what it says."""
        with self.log_path.open("rb") as file:
            file.seek(max(0, self.log_path.stat().st_size - TAIL_BYTES))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-TAIL_LINES:])


class Busy(Exception):
    """There is one already, or there is none; the text says so."""


class GameDays:
    """Of the world in a folder."""

    def __init__(self, folder: Path, logs: Path, clock: Clock, program: Sequence[str] = RUN) -> None:
        self._folder = folder
        self._logs = logs
        self._clock = clock
        self._program = program
        self._read: dict[Path, tuple[int, Result]] = {}
        self._waiting: asyncio.Task[int] | None = None
        self.held: Held | None = None

    @property
    def going(self) -> bool:
        """Whether one is held by way of the console now."""
        return self.held is not None and self.held.verdict is None

    @property
    def own(self) -> str | None:
        """The file that lends users and promises to those of the library."""
        return OWN if (self._folder / OWN).exists() else None

    def library(self) -> list[Listed]:
        """Those that apply to any application."""
        found = [(name, library.from_library(name)[0]) for name in library.names()]
        return [Listed(name, game.name, game.description) for name, game in found]

    def files(self) -> list[Listed]:
        """Those of the world's folder. Their text is read, no code of theirs is run."""
        paths = sorted({path for pattern in PATTERNS for path in self._folder.glob(pattern)})
        return [self._listed(path) for path in paths]

    def _listed(self, path: Path) -> Listed:
        which = str(path.relative_to(self._folder))
        try:
            game = parse(read_source(path))
        except (BadFile, OSError) as error:
            return Listed(which, which, "", problem=str(error))
        return Listed(which, game.name, game.description, bool(game.short))

    def finished(self) -> list[Finished]:
        """Those that were held to their end, the last one first."""
        paths = (self._folder / RESULTS).glob(f"*/{RESULT_FILE}")
        found = [Finished(path.parent.name, result) for path in paths if (result := self._result(path)) is not None]
        return sorted(found, key=lambda one: -one.result.began_s)

    def result(self, name: str) -> Result | None:
        """One of them."""
        return next((one.result for one in self.finished() if one.name == name), None)

    def file(self, name: str, file: str) -> bytes | None:
        """One of the files of a finished game day."""
        if self.result(name) is None or file not in FILES:
            return None
        path = self._folder / RESULTS / name / file
        return path.read_bytes() if path.is_file() else None

    def _result(self, path: Path) -> Result | None:
        """Read once as long as it stays as it is; None for what is no result (of this version)."""
        changed = path.stat().st_mtime_ns
        known = self._read.get(path)
        if known is None or known[0] != changed:
            try:
                known = changed, from_json(path.read_bytes())
            except msgspec.DecodeError:
                return None
            self._read[path] = known
        return known[1]

    async def start(self, arguments: list[str]) -> None:
        """Hold one: the arguments of `panregion gameday run`. Raises Busy."""
        if self.going:
            raise Busy("a game day is being held already: stop it first")
        began_s = self._clock.now()
        log_path = self._logs / f"gameday-{began_s:.0f}.log"
        process = await spawn([*self._program, *arguments], log_path=log_path, cwd=self._folder)
        self.held = Held(" ".join(["panregion gameday run", *arguments]), process, log_path, began_s)
        self._waiting = asyncio.create_task(process.wait())

    def stop(self) -> None:
        """Have it stop, and undo what it broke. Raises Busy."""
        if self.held is None or not self.going:
            raise Busy("no game day is being held by way of the console")
        self.held.stopping = True
        self.held.process.signal(signal.SIGINT)

    async def close(self) -> None:
        """The console ends: so does what it started."""
        if self.held is not None and self._waiting is not None:
            if self.going:
                self.stop()
            await asyncio.wait([self._waiting], timeout=STOP_S)
            self.held.process.kill()
            await self._waiting


FILES = {RESULT_FILE: "application/json", "junit.xml": "application/xml"}
"""What of a finished game day's folder a browser is given: report.html has scripts and styles within, which no page of
the console may have."""
