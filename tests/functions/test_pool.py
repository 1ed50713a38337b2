"""Environments come and go: started for what waits, used again, ended when idle. Real processes."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from panregion.functions import Functions, Invocation, Limit, LogEvent, Surroundings, Throttled
from panregion.world import World
from panregion.world.process import PYTHON, alive, run
from tests.functions.support import runs, spec_of, until

HOLD = """
import os, time
def handler(event, context):
    deadline = time.monotonic() + 40
    while event and not os.path.exists(event):
        assert time.monotonic() < deadline
        time.sleep(0.002)
    return os.getpid()
"""


class Lab:
    def __init__(self, folder: Path, limit: Limit) -> None:
        self.folder = folder
        self.logged: list[LogEvent] = []
        (folder / "code").mkdir()
        (folder / "code" / "app.py").write_text(HOLD)
        around = Surroundings(region="us-east-1", endpoint="http://127.0.0.1:1", machine=dict(os.environ))
        self.functions = Functions(folder / "state", World(), around, self._log, limit)
        self.gate = folder / "gate"
        self._count = 0

    def _log(self, _group: str, _stream: str, events: list[LogEvent]) -> None:
        self.logged += events

    async def invoke(self, name: str = "f", *, held: bool = False, reserved: int | None = None, **spec: str) -> bytes:
        self._count += 1
        payload = f'"{self.gate}"'.encode() if held else b"null"
        invocation = Invocation(request_id=f"r{self._count}", payload=payload, arn="arn")
        code = self.folder / "code"
        return (await self.functions.invoke(spec_of(name, code, timeout_s=50, **spec), invocation, reserved)).payload

    @property
    def states(self) -> list[str]:
        return sorted(str(each["state"]) for each in self.functions.describe())

    async def until(self, states: list[str]) -> None:
        await until(lambda: self.states == states)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    lab = Lab(tmp_path, Limit(environments=4, starting=2, idle_s=0))
    yield lab
    await lab.functions.close()


async def test_one_environment_serves_one_after_another(lab: Lab) -> None:
    assert len({await lab.invoke() for _ in range(3)}) == 1


async def test_concurrent_invocations_have_one_each(lab: Lab) -> None:
    calls = [asyncio.create_task(lab.invoke(held=True)) for _ in range(3)]
    await lab.until(["busy"] * 3)
    lab.gate.touch()
    assert len(set(await asyncio.gather(*calls))) == 3


async def test_the_limits_throttle(lab: Lab) -> None:
    calls = [asyncio.create_task(lab.invoke(held=True)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Throttled, match="ReservedFunctionConcurrentInvocationLimitExceeded"):
        await lab.invoke(reserved=2)
    calls += [asyncio.create_task(lab.invoke("g", held=True)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Throttled, match="ConcurrentInvocationLimitExceeded"):
        await lab.invoke("h")
    lab.gate.touch()
    await asyncio.gather(*calls)


async def test_idle_environments_are_reaped(lab: Lab) -> None:
    pid = int(await lab.invoke())
    await lab.until(["idle"])
    lab.functions.reap_now()
    await lab.until([])
    assert not alive(pid)
    assert int(await lab.invoke()) != pid


async def test_a_new_revision_ends_the_environments_of_the_old(lab: Lab) -> None:
    pid = int(await lab.invoke())
    assert int(await lab.invoke(revision="2")) != pid
    await lab.until(["idle"])


async def test_a_deleted_function_is_forgotten(lab: Lab) -> None:
    await lab.invoke()
    await lab.until(["idle"])
    lab.functions.forget("f")
    await lab.until([])


async def test_closing_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    lab = Lab(tmp_path, Limit())
    pid = int(await lab.invoke())
    await lab.functions.close()
    await until(lambda: not alive(pid))
    assert not (tmp_path / "state" / "scratch").exists()


async def test_a_killed_template_costs_its_invocations_and_is_replaced(lab: Lab) -> None:
    call = asyncio.create_task(lab.invoke(held=True))
    await lab.until(["busy"])
    template = lab.functions.template_pid
    assert template is not None
    os.kill(template, 9)
    assert b"Runtime.ExitError" in await call
    assert (await lab.invoke()).isdigit()
    assert lab.functions.template_pid != template


async def test_a_timeout_takes_the_children_too(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "code" / "forks.py").write_text(
        "import os, time\ndef handler(event, context):\n"
        "    pid = os.fork()\n    if pid:\n        print('child', pid)\n    time.sleep(60)\n"
    )
    spec = spec_of("forks", tmp_path / "code", handler="forks.handler", timeout_s=3)
    outcome = await lab.functions.invoke(spec, Invocation(request_id="r", payload=b"{}", arn="arn"))
    assert b"Sandbox.Timedout" in outcome.payload
    child = next(int(text.split()[1]) for _, text in lab.logged if text.startswith("child"))
    await until(lambda: not runs(child))


async def test_every_start_runs_one_process(lab: Lab, tmp_path: Path) -> None:
    """A command that reached the child forked ahead, and another one besides, would lose an invocation."""
    (tmp_path / "code" / "ends.py").write_text("import os\ndef handler(event, context):\n    os._exit(3)\n")
    invocation = Invocation(request_id="r", payload=b"{}", arn="arn")
    for _ in range(8):
        calls = (
            lab.functions.invoke(spec_of(name, tmp_path / "code", handler="ends.handler", timeout_s=5), invocation)
            for name in "ab"
        )
        for outcome in await asyncio.gather(*calls):
            assert b"Runtime.ExitError" in outcome.payload


async def test_a_child_forked_ahead_that_is_killed_is_not_missed(lab: Lab) -> None:
    await lab.functions.warm()
    await until(lambda: lab.functions.template_pid is not None and bool(children_of(lab.functions.template_pid)), 15)
    template = lab.functions.template_pid
    assert template is not None
    (spare,) = children_of(template)
    os.kill(spare, 9)
    await until(lambda: not alive(spare))
    assert (await lab.invoke()).isdigit()


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


ORPHANS = """
import os, signal, subprocess, sys, time

CHILD = (
    "import os, sys, time\\n"
    "os.setsid()\\n"
    "if os.fork():\\n"
    "    os._exit(0)\\n"
    "print('orphan', os.getpid(), flush=True)\\n"
    "time.sleep(60)\\n"
)

def handler(event, context):
    subprocess.run([sys.executable, "-I", "-S", "-c", CHILD], check=True)
    print("here", flush=True)
    if event == "exit":
        os._exit(1)
    time.sleep(60)
"""


@pytest.mark.parametrize("event", [b'"hang"', b'"exit"'])
async def test_what_made_itself_an_orphan_ends_with_its_environment(lab: Lab, tmp_path: Path, event: bytes) -> None:
    (tmp_path / "code" / "orphans.py").write_text(ORPHANS)
    # A busy machine may take seconds until the orphan is one.
    spec = spec_of("orphans", tmp_path / "code", handler="orphans.handler", timeout_s=10)
    outcome = await lab.functions.invoke(spec, Invocation(request_id="r", payload=event, arn="arn"))
    assert outcome.error == "Unhandled"

    def orphan() -> int | None:
        return next((int(text.split()[1]) for _, text in lab.logged if text.startswith("orphan")), None)

    await until(lambda: orphan() is not None or event == b'"exit"')
    pid = orphan()
    if pid is not None:  # its word may have come too late for the log
        await until(lambda: not runs(pid))
    assert (await lab.invoke()).isdigit()


async def test_a_flood_of_lines_is_cut_short(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "code" / "flood.py").write_text(
        "def handler(event, context):\n    for _ in range(6000):\n        print('x' * 1000)\n"
    )
    spec = spec_of("flood", tmp_path / "code", handler="flood.handler", timeout_s=10)
    outcome = await lab.functions.invoke(spec, Invocation(request_id="r", payload=b"{}", arn="arn"))
    assert outcome.payload == b"null"
    assert sum(len(text) for _, text in lab.logged) < 5_000_000
    assert any("were dropped" in text for _, text in lab.logged)
    assert lab.logged[-1][1].startswith("REPORT")


async def test_a_function_is_brought_up_before_anybody_calls(lab: Lab) -> None:
    spec = spec_of("f", lab.folder / "code", timeout_s=15)
    assert await lab.functions.prepare(spec) is None
    assert lab.states == ["idle"]
    assert await lab.functions.prepare(spec) is None  # there is one already
    assert lab.states == ["idle"]


async def test_one_that_does_not_import_says_why_before_anybody_calls(lab: Lab) -> None:
    (lab.folder / "code" / "app.py").write_text("import nosuchmodule\n")
    said = await lab.functions.prepare(spec_of("f", lab.folder / "code", timeout_s=15))
    assert said is not None
    assert "ModuleNotFoundError: No module named 'nosuchmodule'" in said
    assert 'app.py", line 1' in said
    assert lab.states == []


async def test_what_is_provisioned_stays_and_comes_back(lab: Lab) -> None:
    spec = spec_of("f", lab.folder / "code", timeout_s=15)
    lab.functions.provision([(spec, 2)])
    await lab.until(["idle", "idle"])
    assert lab.functions.provisioned(spec.key) == (2, "")
    lab.functions.reap_now()
    pid = int(await lab.invoke())
    await lab.until(["idle", "idle"])
    os.kill(pid, 9)
    await until(lambda: not runs(pid))
    await lab.until(["idle", "idle"])
    lab.functions.provision([(spec, 1)])
    await lab.until(["idle"])
    lab.functions.provision([])
    await lab.until([])


async def test_beyond_what_is_provisioned_others_are_started(lab: Lab) -> None:
    lab.functions.provision([(spec_of("f", lab.folder / "code", timeout_s=15), 1)])
    await lab.until(["idle"])
    calls = [asyncio.create_task(lab.invoke(held=True)) for _ in range(2)]
    await lab.until(["busy", "busy"])
    lab.gate.touch()
    await asyncio.gather(*calls)
    await lab.until(["idle", "idle"])
    lab.functions.reap_now()
    await lab.until(["idle"])


async def test_what_does_not_start_is_not_tried_for_ever(lab: Lab) -> None:
    (lab.folder / "code" / "app.py").write_text("import nosuchmodule\n")
    spec = spec_of("f", lab.folder / "code", timeout_s=15)
    lab.functions.provision([(spec, 1)])
    await until(lambda: "nosuchmodule" in lab.functions.provisioned(spec.key)[1])
    assert lab.states == []


SHARES = """
import os
def handler(event, context):
    path = "/tmp/panregion-own-tmp"
    with open(path, "a") as file:
        file.write("x")
    return [os.path.getsize(path), os.path.samefile("/tmp", os.environ["TMPDIR"]), len(os.listdir("/tmp"))]
"""


async def test_each_worker_has_its_own_tmp() -> None:
    """In a folder outside of /tmp, where the machine lets a process have mounts of its own."""
    if await own_mounts_are_refused():
        pytest.skip("this machine lets no process have mounts of its own")
    if interpreter_is_in_tmp():
        pytest.skip("the interpreter lies in /tmp, and functions need it")
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="panregion-") as name:
        lab = Lab(Path(name), Limit())
        (lab.folder / "code" / "app.py").write_text(SHARES)
        calls = [await lab.invoke() for _ in range(2)] + [await lab.invoke(revision="2")]
        await lab.functions.close()
        assert [json.loads(each) for each in calls] == [[1, True, 1], [2, True, 1], [1, True, 1]]
    assert "panregion-own-tmp" not in os.listdir("/tmp")


def interpreter_is_in_tmp() -> bool:
    return any(Path(each).resolve().is_relative_to("/tmp") for each in (sys.prefix, sys.base_prefix))


async def own_mounts_are_refused() -> bool:
    program = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x20000) != 0)"
    code, _, _ = await run([PYTHON, "-I", "-S", "-c", program])
    return code != 0
