"""A world to be measured: the demo's, in a folder that goes away, at AWS's pace of health checks."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from demo.world import DemoWorld

from panregion.testing.blocks import ports_of

FIRST_PORT = 19500


@asynccontextmanager
async def measured_world(health_check_scale: float = 1.0) -> AsyncIterator[DemoWorld]:
    """Three regions, started; they are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="panregion-bench-") as folder:
        world = DemoWorld(Path(folder), ports_of(FIRST_PORT), health_check_scale)
        try:
            await world.start()
            yield world
        finally:
            await world.stop()


def quantile(values: list[float], part: float) -> float:
    """The value below which that part of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
