"""Processes forked from a warm one: they run, are told to end, and end with it."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from panregion.world.nursery_client import Nursery, NurseryEnded
from panregion.world.process import alive

PROGRAM = """
import os, sys, time
print("arguments", *sys.argv[1:], "leader" if os.getpgid(0) == os.getpid() else "member", flush=True)
if sys.argv[1] == "exit":
    sys.exit(int(sys.argv[2]))
if sys.argv[1] == "raise":
    raise ValueError("words")
time.sleep(100)
"""


@pytest.fixture
async def nursery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Nursery]:
    (tmp_path / "child_program.py").write_text(PROGRAM)
    (tmp_path / "child_warm.py").write_text("def warm():\n    import decimal\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    nursery = Nursery("child_warm:warm", tmp_path / "nursery.log")
    await nursery.start()
    yield nursery
    await nursery.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_child_runs_a_program_as_its_group_s_leader(nursery: Nursery, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "child.log"
    child = await nursery.spawn("child_program", ["exit", "3"], log)
    assert await child.wait() == 3
    assert child.exit_code == 3
    assert log.read_text() == "arguments exit 3 leader\n"


async def test_what_a_child_raises_is_in_its_log(nursery: Nursery, tmp_path: Path) -> None:
    child = await nursery.spawn("child_program", ["raise"], tmp_path / "child.log")
    assert await child.wait() == 1
    assert (tmp_path / "child.log").read_text().endswith("ValueError: words\n")


async def test_children_are_killed_one_by_one(nursery: Nursery, tmp_path: Path) -> None:
    first, second = [await nursery.spawn("child_program", ["stay"], tmp_path / "log") for _ in range(2)]
    first.kill()
    assert await first.wait() == -signal.SIGKILL
    assert second.exit_code is None
    assert await second.terminate() == -signal.SIGTERM


async def test_with_the_nursery_end_its_children(tmp_path: Path, nursery: Nursery) -> None:
    child = await nursery.spawn("child_program", ["stay"], tmp_path / "log")
    await until(lambda: (tmp_path / "log").exists() and "stay" in (tmp_path / "log").read_text())
    await nursery.close()
    assert await child.wait() == -signal.SIGKILL
    child.kill()  # this program does not ask to die with its parent, as ours do
    await until(lambda: not alive(child.pid))
    with pytest.raises(NurseryEnded):
        await nursery.spawn("child_program", ["stay"], tmp_path / "log")
