"""The steps of the story, each measured where it happens."""

import statistics
from pathlib import Path
from typing import Any

from rich.table import Table

from demo.loss import BOUND_S, LOST_CITY, LOST_REGION, Loss, StoryFailed, who_answers
from demo.replica import add_replica_under_load
from demo.users import Attempt, User
from demo.world import CITIES, HEALTH_CHECK_SCALE, HOMES, REGIONS, DemoWorld
from panregion.cli.output import out
from panregion.gameday.result import Result

PROBES = 20


class Story:
    """Tells itself, and fills `figures` on the way."""

    def __init__(self, world: DemoWorld) -> None:
        self._world = world
        self._clock = world.clock
        self._began = self._clock.monotonic()
        self.result: Result | None = None
        """What the game day in it found."""
        self.figures: dict[str, Any] = {"regions": list(REGIONS), "health_check_scale": HEALTH_CHECK_SCALE}

    def say(self, text: str) -> None:
        """A line of the story, with the seconds since its beginning."""
        out.print(f"[dim]{self._clock.monotonic() - self._began:6.1f} s[/dim]  {text}", soft_wrap=True)

    async def tell(self) -> None:
        """The whole story, in order."""
        await self._start_and_deploy()
        users = [User(city, self._world.proxy(city), self._clock) for city in CITIES]
        try:
            await self._everybody_is_served(users)
            await self._a_write_travels(users)
            await self._a_replica_is_added()
            await self._a_region_is_lost(users)
        finally:
            for user in users:
                await user.close()

    async def _start_and_deploy(self) -> None:
        await self._world.start()
        self.say(f"three regions run, each a process tree with its own store: {', '.join(REGIONS)}")
        self.say(
            f"for this demonstration health checks run at {HEALTH_CHECK_SCALE:g} of their interval, and cities keep "
            f"DNS answers for {HEALTH_CHECK_SCALE:g} of their TTL"
        )
        began = self._clock.monotonic()
        await self._world.deploy()
        self.figures["deploy_s"] = round(self._clock.monotonic() - began, 2)
        self.say(
            f"examples/hello-global is deployed to all three in {self.figures['deploy_s']:.1f} s, from one template"
        )

    async def _everybody_is_served(self, users: list[User]) -> None:
        self.figures["answered_by"] = {"before": await self._until_at_home(users)}
        for city, region in self.figures["answered_by"]["before"].items():
            self.say(f"{city} asks api.hello.test and is answered by {region}")

    async def _until_at_home(self, users: list[User]) -> dict[str, str | None]:
        """Who answers each city, once health checkers have seen all regions well and it is the nearest everywhere."""
        deadline = self._clock.monotonic() + BOUND_S
        while (answered := await who_answers(users, self._clock)) != HOMES:
            if self._clock.monotonic() > deadline:
                raise StoryFailed(f"after {BOUND_S:g} s not everybody is served by the nearest region: {answered}")
            await self._clock.sleep(0.2)
        return answered

    async def _a_write_travels(self, users: list[User]) -> None:
        london, sydney = users[1], users[2]
        lags_ms = []
        for number in range(PROBES):
            item = f"letter-{number:02}"
            written = await self._acknowledged(london, item)
            lags_ms.append((await self._until_read(sydney, item) - written.ended_s) * 1000)
        self.figures["london_to_sydney_ms"] = {
            "p50": round(statistics.median(lags_ms), 1),
            "max": round(max(lags_ms), 1),
        }
        self.say(
            f"a write acknowledged in London is read in Sydney {statistics.median(lags_ms):.0f} ms later "
            f"(median of {PROBES}, as Sydney's user sees it)"
        )

    async def _acknowledged(self, user: User, item: str) -> Attempt:
        written = await user.write(item, f"written in {user.city}")
        if not written.ok:
            raise StoryFailed(f"a write from {user.city} failed: {written.reason}")
        return written

    async def _until_read(self, user: User, item: str) -> float:
        """When the first answer that has the item arrived."""
        deadline = self._clock.monotonic() + BOUND_S
        while self._clock.monotonic() < deadline:
            attempt = await user.read(item)
            if attempt.found:
                return attempt.ended_s
        raise StoryFailed(f"{user.city} did not see {item} within {BOUND_S:g} s")

    async def _a_replica_is_added(self) -> None:
        added = await add_replica_under_load(self._world)
        self.figures["replica_added"] = added
        self.say(
            f"a replica is added in {added['region']} to a table of {added['items_before']} items, with "
            f"{added['writes_meanwhile']} writes meanwhile: active after {added['active_s']:.1f} s, "
            f"{added['items_found']} items there, {added['items_missing']} missing"
        )

    async def _a_region_is_lost(self, users: list[User]) -> None:
        """The game day of gameday.yaml: its engine makes the traffic, loses the region, and says what it cost."""
        await self._until_at_home(users)
        loss = Loss(self._world, users, self.figures, self.say)
        self.result = await loss.hold()
        self.figures["answered_by"]["after"] = await self._until_at_home(users)
        self.say(f"{LOST_CITY} is served by {LOST_REGION} again")

    def summarize(self) -> None:
        """The figures as a small table."""
        figures = self.figures
        table = Table(box=None, pad_edge=False)
        table.add_column("what it cost")
        table.add_column("", justify="right")
        answered = figures["answered_by"]
        for city in CITIES:
            path = " → ".join(str(answered[when][city]) for when in ("before", "during", "after"))
            table.add_row(f"{city} answered by", path)
        lag = figures["replication_ms"]
        table.add_row("replication lag p50 / p99", f"{lag['p50']:.0f} / {lag['p99']:.0f} ms")
        table.add_row("RTO", f"{figures['rto_s']:.1f} s")
        table.add_row("failed requests", f"{figures['failed_requests']} of {figures['requests']}")
        table.add_row("acknowledged writes", str(figures["acknowledged_writes"]))
        table.add_row("lost writes", str(figures["lost_writes"]))
        table.add_row("overwritten writes", str(figures["overwritten_writes"]))
        table.add_row("converged after", f"{figures['converged_s']:.1f} s")
        out.print()
        out.print(table)

    def invite(self, folder: Path) -> None:
        """What to try in the world that was left running."""
        out.print(f"\nthe world runs on. Try, in {folder.name}/ (with .venv/bin on your PATH):")
        for line in (
            "panregion status",
            "panregion dig --from new-york api.hello.test",
            "panregion curl --from sydney http://api.hello.test/item/letter-00",
            "panregion cut eu-west-1 us-east-1      # then write on both sides, and heal",
            "panregion down --forget                # when you have seen enough",
        ):
            out.print(f"    {line}")
