"""Processes and what they leave behind when they are killed."""

import asyncio
import signal
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


PARENT = """
import asyncio, pathlib, sys, uvloop
from panregion.world.process import spawn

async def main():
    child = await spawn(["sleep", "600"], log_path=pathlib.Path("log"), dies_with_us=True)
    print(child.pid, flush=True)
    await asyncio.sleep(600)

uvloop.run(main())
"""


async def test_a_program_that_knows_nothing_of_us_dies_with_us(tmp_path: Path) -> None:
    """A service outside, which is anybody's program, is not to outlive a control that was killed."""
    log = tmp_path / "parent.log"
    parent = await spawn([PYTHON, "-c", PARENT], log_path=log, cwd=tmp_path)
    async with asyncio.timeout(20):
        while not log.read_text().endswith("\n"):
            await asyncio.sleep(0.01)
        child = int(log.read_text())
        assert alive(child)
        parent.signal(signal.SIGKILL)
        await parent.wait()
        while alive(child):
            await asyncio.sleep(0.01)
