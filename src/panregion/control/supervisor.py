"""Starting, watching, killing and restoring the processes of a world.

Every process is a child and the leader of its own group. A region's states:

    starting -> running       it answers on its own address
    running  -> killed        somebody asked for it: SIGKILL to the group, nothing told beforehand
    running  -> crashed       it ended by itself; the last line of its log says why. It stays down, as evidence.
    running  -> frozen        SIGSTOP to the group: it lives and says nothing; SIGCONT makes it running again
    running  -> stopped       asked to end (SIGTERM), as for a restart
    killed, stopped, crashed -> starting   restored, on the same folder

Services outside every region (control/outside.py) can be killed and restored like a region; one that ends by itself is
started again. They serve HTTP: any answer is a sign of life.

The network and the edge are not part of what is rehearsed: if one of them ends, it is started again. So is the console,
which nobody waits for, and which outlives a reset of the world that it shows.

Recovery cells run at sites, of which not every one need be a region; their processes are started when the first cluster
is made. A site is lost as a whole: what kills a region kills the cells there.
"""

import asyncio
import logging
import re
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from panregion.control.outside import start_outside
from panregion.services.recovery import CELL_SITES, FOLDER, host_url
from panregion.world import Clock, HttpClient, SystemClock, WorldSettings, direct_dial
from panregion.world.client import ClientError
from panregion.world.process import PYTHON, Process, spawn, stopped

Status = Literal["starting", "running", "killed", "frozen", "crashed", "stopped"]

START_TIMEOUT_S = 60.0
START_PROBE_S = 10.0
"""One that does not listen yet refuses at once; one that does, on a busy machine, may take long to answer."""
POLL_S = 0.03
STILL_POLL_S = 0.002
RESTART_AFTER_S = 0.5
LOG_PREFIX = re.compile(r"^\S+ \S+ (INFO|WARNING|ERROR|CRITICAL) \S+ ")

Spawn = Callable[[str, list[str], Path], Awaitable[Process]]
"""Starts `python -m MODULE ARGUMENTS`, its output appended to a log."""

log = logging.getLogger("panregion.control")


async def spawn_program(module: str, arguments: list[str], log_path: Path) -> Process:
    """A process of its own, imported from nothing."""
    return await spawn([PYTHON, "-m", module, *arguments], log_path=log_path)


class StartFailed(Exception):
    """A process of the world did not come up; the text says which and what its log says last."""


@dataclass
class Child:
    """One process of the world: what it runs, where it answers, and how it is."""

    name: str
    module: str
    arguments: list[str]
    probe_url: str
    log_path: Path
    starting: Callable[[], Awaitable[Process]] | None = None
    """How it is started, where it is no module of ours."""
    status: Status = "stopped"
    process: Process | None = None
    watcher: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def last_words(self) -> str:
        """The last line of its log."""
        if not self.log_path.exists():
            return "it left no log"
        lines = self.log_path.read_text(errors="replace").strip().splitlines()
        return LOG_PREFIX.sub("", lines[-1]) if lines else "it left an empty log"

    @property
    def end(self) -> str:
        """How it ended and what it said last."""
        code = self.process.exit_code if self.process is not None else None
        if code is None or code >= 0:
            return self.last_words
        return f"ended by {signal.Signals(-code).name}; the last line of its log: {self.last_words}"


class Supervisor:
    """The processes of one world."""

    def __init__(self, settings: WorldSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self._clock = clock or SystemClock()
        self._client = HttpClient(direct_dial)
        self.spawn: Spawn = spawn_program
        """How a process is started; a nursery does it faster."""
        self.when_running: list[Callable[[Child], Awaitable[None]]] = []
        """Called whenever a process has begun to answer, and when one that was frozen goes on."""
        logs = settings.path / "logs"
        world = ["--world", str(settings.path / "world.json")]
        ports = settings.ports
        self.helpers = [
            Child(name, f"panregion.{name}", world, f"http://127.0.0.1:{port}/_panregion/health", logs / f"{name}.log")
            for name, port in (("network", ports.network), ("edge", ports.edge))
        ]
        self.regions = {
            region: Child(
                region,
                "panregion.region",
                [*world, "--region", region],
                f"{settings.endpoint(region)}/_panregion/health",
                logs / f"{region}.log",
            )
            for region in settings.regions
        }
        self.cells = {
            site: Child(
                f"cells-{site}",
                "panregion.region.cell",
                [*world, "--site", site],
                f"{host_url(settings, site)}/_panregion/health",
                logs / f"cells-{site}.log",
            )
            for site in CELL_SITES
        }
        self.console = Child(
            "console",
            "panregion.console",
            world,
            f"http://127.0.0.1:{ports.console}/_panregion/health",
            logs / "console.log",
        )
        self._starting_console: asyncio.Task[None] | None = None
        self.outside = {name: self._outside_child(name, logs / f"{name}.log") for name in settings.outside}

    def _outside_child(self, name: str, log_path: Path) -> Child:
        url = f"http://{self.settings.outside_address(name)}:{self.settings.ports.gateway}/"
        starting = partial(start_outside, self.settings, name, log_path)
        return Child(name, "", [], url, log_path, starting)

    async def start(self) -> None:
        """Start everything; returns when every process answers, or a region has ended by itself.

        A region that cannot start (its store is damaged, say) stops nobody else: it is `crashed`, and its log says
        why. Raises StartFailed where the network, the edge or every region fails.
        """
        children = [*self.helpers, *self.regions.values(), *self.outside.values()]
        if (self.settings.path / FOLDER).exists():
            children += self.cells.values()
        results = await asyncio.gather(*(self._start(child) for child in children), return_exceptions=True)
        failures = {child.name: result for child, result in zip(children, results, strict=True) if result is not None}
        for name, failure in failures.items():
            if name in self._needed or failures.keys() >= self.regions.keys():
                raise failure
            log.error("%s", failure)
        if self.settings.console and self.console.process is None:
            self._starting_console = asyncio.create_task(self._start_console())

    async def _start_console(self) -> None:
        """The world does not wait for the page that shows it."""
        try:
            await self._start(self.console)
        except StartFailed as error:
            log.error("%s", error)

    @property
    def _needed(self) -> set[str]:
        """Without these there is no world."""
        return {child.name for child in self.helpers}

    async def start_cells(self) -> None:
        """Start the recovery cells of every site, unless somebody killed them. Raises StartFailed."""
        (self.settings.path / FOLDER).mkdir(exist_ok=True)
        await asyncio.gather(*(self._start(cells) for cells in self.cells.values() if cells.status == "stopped"))

    async def _start(self, child: Child) -> None:
        child.status = "starting"
        child.process = await self._spawned(child)
        child.watcher = asyncio.create_task(self._watch(child, child.process))
        await self._await_answer(child)
        await self._runs(child)

    async def _spawned(self, child: Child) -> Process:
        if child.starting is None:
            return await self.spawn(child.module, child.arguments, child.log_path)
        try:
            return await child.starting()
        except OSError as error:
            child.status = "crashed"
            raise StartFailed(f"{child.name} cannot be started: {error}") from error

    async def _runs(self, child: Child) -> None:
        child.status = "running"
        for told in self.when_running:
            await told(child)

    async def _await_answer(self, child: Child) -> None:
        process = child.process
        assert process is not None
        deadline = self._clock.monotonic() + START_TIMEOUT_S
        while self._clock.monotonic() < deadline:
            if process.exit_code is not None:
                raise StartFailed(f"{child.name} ended with exit code {process.exit_code}: {child.last_words}")
            if await self.answers(child, START_PROBE_S):
                return
            await self._clock.sleep(POLL_S)
        raise StartFailed(f"{child.name} did not answer within {START_TIMEOUT_S:g} s: {child.last_words}")

    async def answers(self, child: Child, timeout_s: float = 1.0) -> bool:
        """Whether the process serves its health page now."""
        try:
            status = (await self._client.send("GET", child.probe_url, timeout_s=timeout_s)).status
        except ClientError:
            return False
        return status == 200 or child.starting is not None

    async def _watch(self, child: Child, process: Process) -> None:
        code = await process.wait()
        process.kill()  # what is left of its group
        if child.process is not process or child.status in ("killed", "stopped"):
            return
        was_running = child.status in ("running", "frozen")
        child.status = "crashed"
        log.warning("%s ended by itself with exit code %d: %s", child.name, code, child.last_words)
        if child.name not in self.regions and was_running:
            await self._restart(child)

    async def _restart(self, child: Child) -> None:
        await self._clock.sleep(RESTART_AFTER_S)
        try:
            await self._start(child)
        except StartFailed as error:
            log.error("%s", error)
            return
        log.warning("%s runs again", child.name)

    def at(self, site: str) -> list[Child]:
        """What runs, or ran, at a site: its region and its recovery cells; or a service outside, by its name."""
        if site in self.outside:
            return [self.outside[site]]
        here = [self.regions[site]] if site in self.regions else []
        cells = self.cells.get(site)
        return here if cells is None or cells.process is None else [*here, cells]

    async def make(self, site: str, how: Literal["killed", "stopped", "frozen"] | None) -> None:
        """Have what runs at a site killed, stopped, frozen, or (None) running again; one that has ended by itself stays
        as it is. Returns once it is so. Raises StartFailed."""
        await asyncio.gather(*(self._make(child, how) for child in self.at(site)))

    async def _make(self, child: Child, how: Literal["killed", "stopped", "frozen"] | None) -> None:
        if child.status == "crashed" or child.status == how:
            return
        if how == "killed" or (how == "stopped" and child.status != "killed"):
            await self._end(child, how)
            child.status = how
        elif how in ("frozen", None):
            if child.status in ("killed", "stopped"):
                await self._start_unless_killed(child)
            if how == "frozen":
                await self._freeze(child)
            elif child.status == "frozen":
                await self._thaw(child)

    async def _start_unless_killed(self, child: Child) -> None:
        """Start it; one that is killed meanwhile by somebody else's wish has not failed."""
        try:
            await self._start(child)
        except StartFailed:
            if child.status != "killed":
                raise

    async def _end(self, child: Child, how: Literal["killed", "stopped"]) -> None:
        """SIGKILL to the group, or SIGTERM and some patience. Returns once it is gone."""
        if child.process is None or child.process.exit_code is not None:
            return
        frozen, child.status = child.status == "frozen", how
        if how == "killed":
            child.process.kill()
            await child.process.wait()
            return
        if frozen:
            child.process.signal(signal.SIGCONT)  # else it could not hear that it is to stop
        await child.process.terminate()

    async def _freeze(self, child: Child) -> None:
        """SIGSTOP to the group; returns once its leader stands still."""
        if child.process is None or child.process.exit_code is not None:
            return
        child.status = "frozen"
        child.process.signal(signal.SIGSTOP)
        while not stopped(child.process.pid) and child.process.exit_code is None:
            await self._clock.sleep(STILL_POLL_S)

    async def _thaw(self, child: Child) -> None:
        assert child.process is not None
        child.process.signal(signal.SIGCONT)
        await self._runs(child)

    async def restore(self, site: str) -> None:
        """Start what is down at a site, on the folders it had; returns when it answers. Raises StartFailed."""
        down = [child for child in self.at(site) if child.process is None or child.process.exit_code is not None]
        await asyncio.gather(*(self._start(child) for child in down))

    @property
    def rehearsed(self) -> list[Child]:
        """What may be lost: all but the helpers."""
        return [*self.regions.values(), *self.cells.values(), *self.outside.values()]

    @property
    def stopping(self) -> tuple[list[Child], ...]:
        """Who stops after whom: first the edge, whose health checkers would see the regions go, and remember it when
        the world runs again; last the network, over which the regions talk until they end."""
        network, edge = self.helpers
        return [edge], self.rehearsed, [network]

    async def stop(self) -> None:
        """End every process, in that order."""
        groups = (*self.stopping, [self.console])
        for group in groups:
            await asyncio.gather(*(self._end(child, "stopped") for child in group))
        tasks = [child.watcher for group in groups for child in group if child.watcher]
        tasks += [self._starting_console] if self._starting_console else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.close()
