"""The plugin itself, run by a pytest of its own: options, reports, parallel workers, and what is left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from panregion.testing.blocks import is_free

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.timeout(180)

WORLD = """
import pytest
pytestmark = pytest.mark.world(regions=["us-east-1"])
"""


@pytest.fixture
def kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that is this test's own: at its end there must be nothing of a world in it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def worlds_in(folder: Path) -> list[Path]:
    return list(folder.glob("panregion-test-*"))


def processes_of(folder: Path) -> list[str]:
    """What runs with a world's folder below `folder` in its command line, or in it."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if "panregion" in " ".join(words) and any(str(folder) in word for word in words):
            found.append(" ".join(words))
    return found


def test_nothing_is_imported_before_a_test_asks(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import sys
        def test_plain():
            assert not [name for name in sys.modules if name.startswith(("panregion.control", "panregion.world"))]
    """)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


NO_OPTIONS = {
    'regions=["atlantis-1"]': "*atlantis-1 is not a region that panregion knows*",
    "colour=1": "*unknown field `colour`*the options are regions, stacks*",
    'stacks=["nowhere.yaml"]': "*there is no template nowhere.yaml in *",
    'scope="week"': "*week*",
    "time={'tea_s': 1}": "*unknown field `tea_s`*",
    'regions=["us-east-1", "us-east-1"]': "*each named once*",
}


def test_what_is_no_option_is_told(pytester: pytest.Pytester) -> None:
    tests = (
        f"@pytest.mark.world({marker})\ndef test_{number}(world):\n    pass\n"
        for number, marker in enumerate(NO_OPTIONS)
    )
    pytester.makepyfile("import pytest\n" + "".join(tests))
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=len(NO_OPTIONS))
    for number, message in enumerate(NO_OPTIONS.values()):
        result.stdout.fnmatch_lines([f"*ERROR at setup of test_{number} *", message])


def test_the_project_s_options_hold_for_every_test(pytester: pytest.Pytester, kept_apart: Path) -> None:
    pytester.makepyprojecttoml("""
        [tool.panregion]
        regions = ["eu-west-1"]
        scope = "module"
        scale = 0.0
    """)
    pytester.makepyfile("""
        import pytest

        @pytest.fixture(scope="module")
        def table(world):
            dynamodb = world.region("eu-west-1").resource("dynamodb")
            return dynamodb.create_table(
                TableName="things", BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])

        def test_one(world, table):
            assert world.settings.network.scale == 0
            world.eventually(lambda: table.put_item(Item={"id": "1"}))

        def test_two(world, table):
            assert table.get_item(Key={"id": "1"})["Item"]
    """)
    pytester.runpytest_subprocess().assert_outcomes(passed=2)
    assert (worlds_in(kept_apart), processes_of(kept_apart)) == ([], [])


def test_a_failing_test_s_report_has_the_logs_and_what_was_wrong(pytester: pytest.Pytester, kept_apart: Path) -> None:
    pytester.makepyfile(
        WORLD
        + """
def test_it(world):
    world.region("us-east-1").kill()
    assert world.region("us-east-1").status == "running"

def test_the_next_finds_it_well(world):
    assert (world.region("us-east-1").status, world.faults()) == ("running", [])
"""
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*- panregion world -*", "at the end of the test: us-east-1 is killed", "*fault * begins: us-east-1 is killed"]
    )
    assert (worlds_in(kept_apart), processes_of(kept_apart)) == ([], [])


def test_parallel_workers_have_worlds_of_their_own(pytester: pytest.Pytester, kept_apart: Path) -> None:
    pytester.makepyfile(
        WORLD
        + """
@pytest.mark.parametrize("number", range(4))
def test_it(world, number, worker_id):
    sqs = world.region("us-east-1").client("sqs")
    assert "QueueUrls" not in sqs.list_queues()
    sqs.create_queue(QueueName=f"queue-{number}")
    print("PORT", worker_id, world.settings.ports.gateway)
"""
    )
    result = pytester.runpytest_subprocess("-n", "2", "-rP")
    result.assert_outcomes(passed=4)
    told = {tuple(line.split()[1:]) for line in result.outlines if line.startswith("PORT")}
    assert len(told) == len({worker for worker, _ in told}) == len({port for _, port in told}) == 2
    assert (worlds_in(kept_apart), processes_of(kept_apart)) == ([], [])


def test_a_world_rests_while_no_test_asks_for_it(pytester: pytest.Pytester, kept_apart: Path) -> None:
    pytester.makepyfile(
        WORLD
        + """
import socket

def answers():
    try:
        socket.create_connection(WHERE, 5).close()
    except ConnectionRefusedError:
        return False
    return True

def test_one(world):
    global FOLDER, WHERE
    FOLDER, WHERE = world.settings.folder, (world.settings.address("us-east-1"), world.settings.ports.gateway)
    assert answers()
    world.region("us-east-1").client("sqs").create_queue(QueueName="orders")

def test_between():
    assert not answers()

def test_two(world):
    assert world.settings.folder == FOLDER
    assert "QueueUrls" not in world.region("us-east-1").client("sqs").list_queues()
"""
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=3)
    assert (worlds_in(kept_apart), processes_of(kept_apart)) == ([], [])


def test_a_world_that_cannot_be_put_back_is_replaced(pytester: pytest.Pytester, kept_apart: Path) -> None:
    pytester.makepyfile(
        WORLD
        + """
import psutil

def test_one(world):
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or [])
        if "panregion.control" in words and world.settings.folder in words:
            process.kill()

def test_two(world):
    assert world.region("us-east-1").status == "running"
"""
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=2)
    assert (worlds_in(kept_apart), processes_of(kept_apart)) == ([], [])


def test_a_killed_pytest_leaves_nothing(pytester: pytest.Pytester, kept_apart: Path) -> None:
    pytester.makepyfile(
        WORLD
        + """
import time
from collections.abc import Callable
def test_it(world):
    open("ready", "w").write(str(world.settings.ports.gateway))
    time.sleep(600)
"""
    )
    runner = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q"], cwd=pytester.path, stdout=subprocess.DEVNULL, env={**os.environ}
    )
    ready = pytester.path / "ready"
    wait_until(lambda: ready.exists() and ready.read_text() != "", 90)
    assert worlds_in(kept_apart)
    assert len(processes_of(kept_apart)) >= 1
    runner.send_signal(signal.SIGKILL)
    runner.wait()
    wait_until(lambda: not worlds_in(kept_apart) and not processes_of(kept_apart), 30)
    port = int(ready.read_text())
    wait_until(lambda: is_free(port), 10)


def wait_until(condition: Callable[[], bool], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
