"""When a world counts as stopped."""

import asyncio
from pathlib import Path

from panregion.control import wait_until_stopped
from panregion.control.launch import LOCK
from panregion.world import WorldSettings
from panregion.world.clock import ManualClock
from panregion.world.disk import locked


async def test_a_world_is_stopped_once_its_folder_is_let_go_of(tmp_path: Path) -> None:
    settings = WorldSettings(folder=str(tmp_path / ".panregion"))
    clock = ManualClock()
    with locked(settings.path / LOCK):
        # Its control does not answer any more, but its front door may still have its port.
        waiting = asyncio.ensure_future(wait_until_stopped(settings, clock))
        await clock.advance(1.0)
        assert not waiting.done()
    await clock.advance(1.0)
    assert waiting.done()
    await waiting


async def test_a_world_without_a_folder_is_stopped(tmp_path: Path) -> None:
    await wait_until_stopped(WorldSettings(folder=str(tmp_path / "none")), ManualClock())
    assert not (tmp_path / "none").exists()
