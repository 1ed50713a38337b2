"""Chaos Toolkit, run for real on a small world."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from panregion.control.faults import FAULTS
from panregion.testing import World
from panregion.testing.chaos import actions, discover, probes
from panregion.testing.chaos.connection import NoWorld

pytestmark = pytest.mark.timeout(180)
REGION, OTHER = "us-east-1", "eu-west-1"


def activity(kind: str, func: str, **arguments: Any) -> dict[str, Any]:
    module = f"panregion.testing.chaos.{kind}s"
    provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
    return {"type": kind, "name": func, "provider": provider}


def experiment(world: World, method: list[dict[str, Any]], rollbacks: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": "A region is lost",
        "description": "and the other one is not",
        "configuration": {"panregion_world": world.settings.folder},
        "steady-state-hypothesis": {
            "title": "The other region runs",
            "probes": [{**activity("probe", "region_status", region=OTHER), "tolerance": "running"}],
        },
        "method": method,
        "rollbacks": rollbacks,
    }


def run(folder: Path, value: dict[str, Any], *arguments: str) -> tuple[int, dict[str, Any]]:
    """`chaos run`: its exit code, and its journal."""
    (folder / "experiment.json").write_text(json.dumps(value))
    program = Path(sys.executable).with_name("chaos")
    argv = [str(program), "--no-version-check", "run", "--rollback-strategy", "always", *arguments, "experiment.json"]
    finished = subprocess.run(argv, cwd=folder, capture_output=True, timeout=100, check=False, text=True)
    assert (folder / "journal.json").exists(), finished.stdout + finished.stderr
    return finished.returncode, json.loads((folder / "journal.json").read_text())


@pytest.mark.world(regions=[REGION, OTHER])
def test_chaos_run(world: World, tmp_path: Path) -> None:
    method = [
        activity("action", "region_kill", region=REGION),
        activity("probe", "region_status", region=REGION),
        activity("action", "link_delay", from_site=OTHER, to_site="london", delay_ms=50, duration_s=60),
        activity("probe", "live_faults"),
    ]
    code, journal = run(tmp_path, experiment(world, method, [activity("action", "heal")]))
    assert (code, journal["status"], journal["deviated"]) == (0, "completed", False)
    outputs = [each["output"] for each in journal["run"]]
    assert outputs[1] == "killed"
    assert outputs[3] == [f"{REGION} is killed", f"{OTHER} <-> london takes 50 ms longer each way"]
    assert journal["rollbacks"][0]["output"] == outputs[3]
    assert (world.region(REGION).status, world.faults()) == ("running", [])

    # What a run leaves behind ends with its process; a hypothesis that does not hold is told.
    code, journal = run(tmp_path, experiment(world, [activity("action", "region_kill", region=OTHER)], []))
    assert (code, journal["deviated"]) == (1, True)
    assert world.eventually(lambda: world.faults() == [] and world.region(OTHER).status == "running")

    # The same functions, called by hand.
    configuration = {"panregion_world": world.settings.folder}
    fault = actions.inject({"kind": "clock-skew", "region": REGION, "skew_s": 5}, configuration=configuration)
    assert len(probes.live_faults(configuration)) == 1
    actions.undo(fault, configuration=configuration)
    assert probes.live_faults(configuration) == []
    assert probes.converged(5, configuration)
    assert probes.conflicts(configuration) == 0
    assert probes.http_status("london", "http://nowhere.test/", configuration=configuration) == 502
    with pytest.raises(ValueError, match="atlantis is not a region"):
        probes.region_status("atlantis", configuration)


def test_every_fault_is_an_action_that_chaos_toolkit_knows() -> None:
    found = discover()["activities"]
    assert isinstance(found, list)
    names = {each["name"] for each in found if each["type"] == "action"}
    assert {kind.replace("-", "_") for kind in FAULTS} <= names
    assert {each["name"] for each in found if each["type"] == "probe"} == set(probes.__all__)


def test_without_a_world(tmp_path: Path) -> None:
    with pytest.raises(NoWorld, match="panregion up"):
        actions.heal({"panregion_world": str(tmp_path)})
