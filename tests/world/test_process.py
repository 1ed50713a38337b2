"""Processes and what they leave behind when they are killed."""

import asyncio
from pathlib import Path

from panregion.world.process import PYTHON, alive, spawn

LEADER = """
import subprocess, time
child = subprocess.Popen(['sleep', '600'], start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""


async def test_a_child_that_left_the_group_is_killed_with_it(tmp_path: Path) -> None:
    """What a handler leaves in a session of its own is not to outlive its region."""
    log = tmp_path / "log"
    process = await spawn([PYTHON, "-c", LEADER], log_path=log)
    async with asyncio.timeout(20):
        while not log.read_text().endswith("\n"):
            await asyncio.sleep(0.01)
        child = int(log.read_text())
        assert alive(child)
        process.kill()
        await process.wait()
        while alive(child):
            await asyncio.sleep(0.01)
