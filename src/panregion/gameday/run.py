"""Running a game day in a world that stands: steady state, faults, recovery, steady state, and the end.

    0        + warm_up_s   + before_s          last fault over   + recover_s   + after_s
    | warming up |  steady?  | faults, one by one | coming back    |  steady?     | no more load; what is there?

Users arrive all the time. If the state is not steady before the faults, none is injected: what is broken already
teaches nothing about being broken. Faults are held by a lease, so a game day that dies takes them along.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from panregion.control import ControlClient, ControlError
from panregion.control.faults.schedule import Step
from panregion.control.faults.where import where_in
from panregion.gameday import objectives as judge
from panregion.gameday import result as r
from panregion.gameday.acting import Actor
from panregion.gameday.attempts import percentile
from panregion.gameday.file import Active, Availability, GameDay, Http, Lag, Latency
from panregion.gameday.injecting import Injector
from panregion.gameday.journeys import journey_of, reading
from panregion.gameday.ledger import Ledger
from panregion.gameday.load import Group, Load
from panregion.gameday.observe import Observer
from panregion.gameday.observed import Observed, ProbeSample
from panregion.gameday.probes import Prober
from panregion.gameday.reckoning import Reckoning
from panregion.gameday.regions import Regions
from panregion.gameday.timetable import timetable
from panregion.gameday.user import Agent, Answer, Scene, User
from panregion.gameday.verdict import verdict
from panregion.world import Chance, Clock, HttpClient, SystemChance, SystemClock, WorldSettings, direct_dial
from panregion.world.tls import trusting
from panregion.world.user_agent import UserAgent
from panregion.world.whereabouts import places

PROBE_EVERY_S = 1.0
LATE_MS = 250.0
BUSY = (
    "this machine was too busy: 1 % of the requests were sent {late_ms:.0f} ms or more after they were meant to be, so "
    "what was slow or failed may say more about it than about the application"
)
CONVERGE_BOUND_S = 60.0
ASKED_S = 10.0
RECENT_S = 10.0
"""Writes acknowledged so shortly before a fault are looked for while it lasts."""
ALLOWED_LAG_S = 1.0
"""A write younger than this is not missing yet."""

Say = Callable[[float, str], None]
"""Told what happens: seconds since the game day began, and a line."""


@dataclass(frozen=True)
class Plan:
    """A game day made ready: the file's value, where it came from, and everything in it found."""

    game: GameDay
    folder: Path
    """Where the file is: journeys and templates are beside it."""
    settings: WorldSettings
    seed: int
    command: str = ""
    """How to run it again."""
    text: str = ""
    """The file, as it was."""


class GameDayRun:
    """One run. `scene`, `observer` and `phase` may be looked at while it goes on: the live view does."""

    def __init__(
        self, plan: Plan, ledger: Ledger, say: Say, *, clock: Clock | None = None, chance: Chance | None = None
    ) -> None:
        self.plan = plan
        self._game = plan.game
        self._say = say
        self._clock = clock or SystemClock()
        self._chance = chance or SystemChance()
        self.ledger = ledger
        self._control = ControlClient(plan.settings)
        self._client = HttpClient(direct_dial)
        began_s = self._clock.now()
        self.observer = Observer(plan.settings, self._control, self._client, self._clock, began_s)
        self.scene = Scene(ledger, self.observer.elapsed, self._chance.token(5))
        self.phase: r.PhaseName = "before"
        self._asking: set[asyncio.Task[ProbeSample]] = set()
        self._regions = Regions(plan.settings)
        self._steps = timetable(plan.game.faults, where_in(plan.settings), plan.seed, plan.game.timeline.faults_s)
        self._agents = self._make_agents()
        self._prober = Prober(plan.settings, self._agents, self._regions, self._clock, plan.folder)
        self._actor = Actor(plan.game.actions, plan.settings, plan.folder, self.observer.elapsed, self.tell)
        self._injector = Injector(self._control, where_in(plan.settings), self.observer.elapsed, began_s, self.tell)
        self._seen = Observed(
            began_s=began_s,
            duration_s=0.0,
            seed=plan.seed,
            regions=list(plan.settings.regions),
            health_check_scale=plan.settings.time.health_check_scale,
            attempts=self.scene.attempts,
            phases=[],
            faults=[],
            command=plan.command,
            text=plan.text,
        )
        self._reckoning = Reckoning(
            plan.game.stores, plan.folder, ledger, self._regions, self._control, self._seen, self._clock, self._ask_from
        )

    @property
    def steps(self) -> list[Step]:
        """What is done to the world, and when."""
        return self._steps

    @property
    def faults(self) -> list[r.FaultSpan]:
        """The faults, and what else was done, as they are by now."""
        return [*self._injector.spans, *self._actor.spans]

    def tell(self, text: str) -> None:
        """Say what happens, at this moment."""
        self._say(self.observer.elapsed(), text)

    def _make_agents(self) -> dict[str, Agent]:
        asked = [*self._steady_probes(), *self._game.in_the_end]
        cities = {one.city for one in self._game.users} | {one.city for one in asked if isinstance(one, Http)}
        return {city: self._agent(city) for city in sorted(cities)}

    def _agent(self, city: str) -> Agent:
        settings = self.plan.settings
        number = list(places(settings)).index(city)
        return UserAgent(f"http://127.0.0.1:{settings.ports.places + number}", tls=trusting(settings.path))

    async def _ask_from(self, city: str, method: str, url: str, **options: Any) -> Answer:
        """What a `verify` function asks as somebody in a city; it is no user's request. Raises NoAnswer."""
        agent = self._agents.get(city) or self._agents.setdefault(city, self._agent(city))
        elapsed = self.observer.elapsed
        user = User(Scene(Ledger(), elapsed), agent, city, 0, self._chance, elapsed(), patience_s=ASKED_S)
        return await user.request(method, url, **options)

    def _steady_probes(self) -> list[Active]:
        """Those of the steady state that must be asked."""
        return [one for one in self._game.steady_state if not isinstance(one, Availability | Latency | Lag)]

    def _groups(self) -> list[Group]:
        groups = []
        for one in self._game.users:
            journey = reading(one.get) if one.get else journey_of(one.journey or "", self.plan.folder)
            groups.append(Group(one.city, journey, one.rate_s, one.arrivals, one.patience_s))
        return groups

    async def run(self) -> r.Result:
        """The whole game day. Raises ControlError where no world answers at its beginning."""
        try:
            await self._control.status()
            await self.observer.begin()
            processor = psutil.Process()
            used_before_s = _used_s(processor)
            async with self._watching(), self._load():
                await self._phases()
            self._cost(_used_s(processor) - used_before_s)
            await self._converge()
            await self._ask_at_the_end()
            await self._reckoning.reckon(self._game.verify)
        finally:
            await self._close()
        return verdict(self._game, self._collected())

    @contextlib.asynccontextmanager
    async def _watching(self) -> AsyncIterator[None]:
        tasks: list[asyncio.Task[None]] = [asyncio.create_task(self.observer.watch(lambda: self.scene.hosts))]
        tasks += [asyncio.create_task(self._ask_again(probe)) for probe in self._steady_probes()]
        try:
            yield
        finally:
            for task in (*tasks, *self._asking):
                task.cancel()
            for ended in await asyncio.gather(*tasks, *self._asking, return_exceptions=True):
                if isinstance(ended, Exception):
                    self._seen.troubles.append(f"watching failed: {type(ended).__name__}: {ended}")

    async def _ask_again(self, probe: Active) -> None:
        while True:
            await self._begin_asking(probe)
            await self._clock.sleep(PROBE_EVERY_S)

    def _begin_asking(self, probe: Active) -> asyncio.Task[ProbeSample]:
        asking = asyncio.create_task(self._ask(probe))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        return asking

    async def _ask(self, probe: Active) -> ProbeSample:
        sample = await self._prober.ask(probe, self.observer.elapsed())
        self._seen.probes.append(sample)
        return sample

    @contextlib.asynccontextmanager
    async def _load(self) -> AsyncIterator[None]:
        load = Load(self.scene, self._clock, self._agents, self.plan.seed)
        running = asyncio.create_task(load.run(self._groups()))
        try:
            yield
        finally:
            load.stop()
            await running
        self._seen.duration_s = max([self.observer.elapsed(), *(one.ended_s for one in self.scene.attempts)])

    async def _phases(self) -> None:
        line = self._game.timeline
        if line.warm_up_s:
            self.tell(f"warming up for {line.warm_up_s:g} s")
            await self._until(line.warm_up_s)
        self._begin("before", f"steady state for {line.before_s:g} s")
        await self._until(line.faults_from_s)
        await self._asked()
        self._seen.phases.append(r.Phase("before", line.warm_up_s, line.faults_from_s))
        if not self._is_steady():
            return
        self._begin("during", "")
        await self._disturb()
        over_s = self.observer.elapsed()
        self.observer.waiting_to_converge = True
        self.tell(f"the last fault is over; {line.recover_s:g} s to recover")
        await self._until(over_s + line.recover_s)
        await self._asked()
        self._seen.phases.append(r.Phase("during", line.faults_from_s, round(self.observer.elapsed(), 3)))
        begin_s = self._seen.phases[-1].end_s
        self._begin("after", f"steady state for {line.after_s:g} s")
        await self._until(begin_s + line.after_s)
        await self._asked()
        self._seen.phases.append(r.Phase("after", begin_s, round(self.observer.elapsed(), 3)))

    def _begin(self, phase: r.PhaseName, told: str) -> None:
        """A phase begins: every probe is asked once in it, however short it is."""
        self.phase = phase
        if told:
            self.tell(told)
        for probe in self._steady_probes():
            self._begin_asking(probe)

    async def _asked(self) -> None:
        """What was asked in the phase is answered, or so late that it failed: what comes next is not to blame."""
        await asyncio.gather(*self._asking)

    async def _until(self, at_s: float) -> None:
        await self._clock.sleep(max(0.0, at_s - self.observer.elapsed()))

    def _is_steady(self) -> bool:
        self._seen.lag = self.observer.lag
        checks = [check for check in judge.steady_checks(self._game.steady_state, self._seen) if not check.held]
        for check in checks:
            because = f" ({check.why})" if check.why else ""
            self.tell(f"not steady: {check.name}: {check.measured}, wanted: {check.wanted}{because}")
        if checks:
            self._seen.troubles.append("the state was not steady before the faults, so none was injected")
        return not checks

    async def _disturb(self) -> None:
        """Carry out the timetable; returns once every fault is over. Where one has to wait for another that takes long
        to undo (a region that starts slowly), all that follows is as much later."""
        from_s = self._game.timeline.faults_from_s
        late_s = 0.0
        ends: dict[int | None, asyncio.Task[None]] = {}
        try:
            async with self._control.lease() as lease, asyncio.TaskGroup() as doing:
                doing.create_task(self._actor.act(from_s, self._until))
                for step in self._steps:
                    await self._until(from_s + step.at_s + late_s)
                    if step.act == "undo":
                        ends[step.number] = doing.create_task(self._injector.undo(step))
                        continue
                    if step.after in ends and not ends[step.after].done():
                        await ends[step.after]
                        late_s = self.observer.elapsed() - from_s - step.at_s
                    await self._injector.inject(step, from_s, lease)
                    doing.create_task(self._look_for_missing(step))
        except ControlError as error:
            self._seen.troubles.append(f"faults could not be held: {error}")

    async def _look_for_missing(self, step: Step) -> None:
        """What had just been acknowledged when the fault began, and cannot be read while it lasts."""
        begun_s = self.observer.elapsed()
        await self._clock.sleep(2 * ALLOWED_LAG_S)
        if self._injector.is_live(step):
            running = {region for region, status in self.observer.states.items() if status == "running"}
            running -= self._injector.down(step)
            await self._reckoning.look_for_missing(
                step.fault.describe(), running, begun_s - RECENT_S, begun_s + ALLOWED_LAG_S
            )

    async def _converge(self) -> None:
        if not self.observer.waiting_to_converge:
            return
        bound_s = self.observer.elapsed() + (self._game.objectives.converge_s or CONVERGE_BOUND_S)
        while self.observer.converged_s is None and self.observer.elapsed() < bound_s:
            await self.observer.look()
            await self._clock.sleep(0.1)
        if self.observer.converged_s is None:
            self._seen.notes.append("the regions had not converged when their stores were read")

    async def _ask_at_the_end(self) -> None:
        for probe in self._game.in_the_end:
            sample = await self._ask(probe)
            self.tell(f"in the end, {probe.title()}: {sample.measured}")

    def _cost(self, used_s: float) -> None:
        attempts, duration_s = self.scene.attempts, self._seen.duration_s
        late_ms = percentile(sorted((one.sent_s - one.intended_s) * 1000 for one in attempts), 0.99) or 0.0
        if late_ms > LATE_MS:
            self._seen.notes.append(BUSY.format(late_ms=late_ms))
        self._seen.cost = r.Cost(
            cpu_s=round(used_s, 3),
            cores=round(used_s / duration_s, 4),
            requests_s=round(len(attempts) / duration_s, 1),
            begun_late_ms=round(late_ms, 3),
        )

    def _collected(self) -> Observed:
        seen, observer = self._seen, self.observer
        seen.faults = sorted(self.faults, key=lambda one: one.planned_at_s)
        seen.health, seen.dns, seen.lag = observer.health, observer.dns, observer.lag
        seen.region_states, seen.converged_s = observer.region_states, observer.converged_s
        seen.notes += [f"{who} did not answer {count} questions" for who, count in observer.unanswered.items()]
        seen.notes += scale_notes(self.plan.settings)
        seen.troubles += [f"{count} journeys raised {told}" for told, count in self.scene.troubles.items()]
        return seen

    async def _close(self) -> None:
        self.ledger.close()
        for agent in self._agents.values():
            if isinstance(agent, UserAgent):
                agent.close()
        await self._client.close()
        await self._control.close()


def scale_notes(settings: WorldSettings) -> list[str]:
    """What of the world is quicker than AWS is, so that nobody takes its figures for AWS's."""
    notes = []
    scale = settings.time.health_check_scale
    if scale != 1:
        notes.append(
            f"health checks and TTLs run at {scale:g} of their time: on AWS fail-over takes {1 / scale:g} times as long"
        )
    if settings.network.scale != 1:
        notes.append(f"distances are {settings.network.scale:g} of what they are on AWS")
    return notes


def _used_s(process: psutil.Process) -> float:
    """Processor time that this process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)
