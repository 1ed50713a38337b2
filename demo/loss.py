"""The loss of a region, as a game day: gameday.yaml held by the engine in the story's world, told while it goes on."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.markup import escape

from demo.users import Attempt, User
from demo.world import CITIES, DemoWorld
from panregion.cli.output import out
from panregion.gameday.attempts import Attempt as Request
from panregion.gameday.ledger import Ledger
from panregion.gameday.reading import read
from panregion.gameday.report import to_html, to_junit, watched
from panregion.gameday.result import Result, to_json
from panregion.gameday.run import GameDayRun, Plan
from panregion.world import Clock

LOST_REGION = "us-east-1"
LOST_CITY = "new-york"
GAME_DAY = Path(__file__).parent / "gameday.yaml"
FOLDER = "gameday"
BOUND_S = 60.0


class StoryFailed(Exception):
    """A step did not come to its end; the text says which and what was seen instead."""


class Loss:
    """One game day; fills the story's figures."""

    def __init__(
        self, world: DemoWorld, users: list[User], figures: dict[str, Any], say: Callable[[str], None]
    ) -> None:
        self._world = world
        self._users = users
        self._figures = figures
        self._say = say

    async def hold(self) -> Result:
        """The game day from its beginning to its verdict. Raises StoryFailed where the region was not lost at all."""
        game, source = read(GAME_DAY)
        folder = self._world.settings.path.parent / FOLDER
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        plan = Plan(game, GAME_DAY.parent, self._world.settings, game.seed, "scripts/demo", source.text)
        run = GameDayRun(plan, Ledger(folder / "ledger.jsonl"), lambda _at_s, text: self._say(_as_story(text)))
        self._say(f"a game day begins: {game.users[0].rate_s:g} requests a second from each city, half of them writes")
        with watched(run, out):
            telling = asyncio.create_task(self._tell(run))
            try:
                result = await run.run()
            finally:
                telling.cancel()
                told = await asyncio.gather(telling, return_exceptions=True)
        self._check(result, told[0])
        self._reckon(result, run.scene.attempts)
        return result

    async def _tell(self, run: GameDayRun) -> None:
        """What the engine's own lines do not say: who serves the lost region's users, and when all is everywhere."""
        clock = self._world.clock
        while not run.faults:
            await clock.sleep(0.02)
            if run.observer.elapsed() < run.plan.game.timeline.before_s - 0.2:
                continue
            if "replication_ms" not in self._figures:
                self._figures["replication_ms"] = await self._world.replication_lag()
        killed_s = run.faults[0].began_s or 0.0
        served = None
        while served is None:
            await clock.sleep(0.02)
            served = next(
                (
                    one
                    for one in run.scene.attempts
                    if one.city == LOST_CITY and one.ok and one.intended_s > killed_s and one.region != LOST_REGION
                ),
                None,
            )
        lasted_s = served.ended_s - killed_s
        self._say(f"{LOST_CITY} is served again by {served.region}, {lasted_s:.1f} s after the loss")
        self._figures["answered_by"]["during"] = await who_answers(self._users, clock)
        while run.observer.converged_s is None:
            await clock.sleep(0.02)
        self._say("all three have everything that the others have")

    def _check(self, result: Result, told: BaseException | None) -> None:
        if isinstance(told, Exception):
            raise StoryFailed(f"the game day could not be watched: {told}") from told
        if not result.faults or "during" not in self._figures["answered_by"]:
            raise StoryFailed("; ".join(result.why_not) or f"{LOST_CITY} was not served while {LOST_REGION} was away")

    def _reckon(self, result: Result, attempts: list[Request]) -> None:
        """The result's figures under the names that demo.json has for them."""
        figures = self._figures
        recovery = next(one for one in result.rto if one.city == LOST_CITY)
        (store,) = result.rpo
        killed_s = result.faults[0].began_s or 0.0
        figures["rto_s"] = _rounded(recovery.first_success_s)
        figures["converged_s"] = _rounded(result.converge_s)
        figures["requests"] = sum(sum(series.good) + sum(series.failed) for series in result.cities)
        figures["failed_requests"] = sum(sum(series.failed) for series in result.cities)
        figures["failed_by_city"] = {
            city: sum(sum(series.failed) for series in result.cities if series.city == city) for city in CITIES
        }
        figures["failed_before_the_loss"] = sum(not one.ok and one.ended_s < killed_s for one in attempts)
        figures["acknowledged_writes"] = store.acknowledged
        figures["lost_writes"] = store.lost
        figures["overwritten_writes"] = store.overwritten
        self._say(
            f"{store.acknowledged} acknowledged writes were looked for in every region: {store.lost} are missing; "
            f"{store.overwritten} writes of the guestbook were overwritten by a concurrent one"
        )


def _as_story(text: str) -> str:
    """The engine's line, with the story's own words for the two that it is about."""
    told = {
        f"{LOST_REGION} is killed": f"[red]{LOST_REGION} is killed[/red], without notice",
        f"over: {LOST_REGION} is killed": f"[green]{LOST_REGION} runs again[/green] on the folder it had",
    }
    return told.get(text, escape(text))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


async def who_answers(users: list[User], clock: Clock) -> dict[str, str | None]:
    """City -> the region that answers it, waiting for the first answer after a change for a bounded time."""
    return {user.city: (await _until_answered(user, clock)).region for user in users}


async def _until_answered(user: User, clock: Clock) -> Attempt:
    deadline = clock.monotonic() + BOUND_S
    while True:
        attempt = await user.ping()
        if attempt.ok:
            return attempt
        if clock.monotonic() > deadline:
            raise StoryFailed(f"{user.city} was not served within {BOUND_S:g} s: {attempt.reason}")
        await clock.sleep(0.1)


def write_report(result: Result, folder: Path) -> Path:
    """The game day's report, JUnit XML and JSON, beside its ledger; the report's path."""
    page = folder / FOLDER / "report.html"
    page.write_text(to_html(result))
    page.with_name("junit.xml").write_bytes(to_junit(result))
    page.with_name("result.json").write_bytes(to_json(result))
    return page
