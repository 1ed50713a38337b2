"""The lab, for every test of this room."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from panregion.region import Region
from panregion.store import MemoryEngine
from panregion.world import ManualClock, SeededChance, World, direct_dial
from tests.services.events.lab import TABLE, Lab
from tests.services.sns.lab import Web
from tests.support import REGION, settings_in


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    clock, web = ManualClock(), Web()
    world = World(clock, SeededChance(1))
    region = Region(REGION, settings_in(tmp_path), MemoryEngine(), lambda _site: direct_dial, world, TABLE)
    region.dispatch._clients[REGION] = web  # type: ignore[assignment]
    await region.start()
    yield Lab(region, clock, web)
    await region.stop()
