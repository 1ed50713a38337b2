"""A region with schedules, queues, topics, buses and a function that remembers; time stands still."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from panregion.region import Region
from panregion.region.table import Entry
from panregion.store import MemoryEngine
from panregion.world import ManualClock, SeededChance, World, direct_dial
from tests.services.events.lab import TABLE
from tests.services.sns.lab import Lab as SnsLab
from tests.services.sns.lab import Web
from tests.support import REGION, settings_in

ROLE = "arn:aws:iam::000000000000:role/r"


class Lab(SnsLab):
    """Asked by operation name with AWS's parameters."""

    async def ask(self, operation: str, **params: Any) -> dict[str, Any]:
        return await self.region.ask("scheduler", operation, params)

    async def schedule(self, expression: str, target: dict[str, Any], name: str = "s", **params: Any) -> None:
        given = {"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"RoleArn": ROLE, **target}, **params}
        await self.ask("CreateSchedule", Name=name, ScheduleExpression=expression, **given)

    async def names(self) -> list[str]:
        return [one["Name"] for one in (await self.ask("ListSchedules"))["Schedules"]]


@asynccontextmanager
async def opened(folder: Path, clock: ManualClock) -> AsyncIterator[Lab]:
    table = {**TABLE, "scheduler": Entry("panregion.services.scheduler")}
    world = World(clock, SeededChance(1))
    region = Region(REGION, settings_in(folder), MemoryEngine(), lambda _site: direct_dial, world, table)
    await region.start()
    yield Lab(region, clock, Web())
    await region.stop()


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with opened(tmp_path, ManualClock()) as lab:
        yield lab
