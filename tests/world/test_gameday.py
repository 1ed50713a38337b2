"""hello-global's game day, in a short form, as somebody at a terminal holds it: its users, its fault, its verdict."""

import asyncio
import shutil
import sys
from pathlib import Path

import msgspec
from demo.world import EXAMPLE

from panregion.gameday import result
from panregion.world.settings import Ports

BOUND_S = 100.0
SHORT = {
    "health_check_scale: 0.1": "health_check_scale: 0.08",
    "warm_up_s: 5, before_s: 10, recover_s: 20, after_s: 10": "warm_up_s: 4, before_s: 2, recover_s: 4, after_s: 2",
    "for_s: 30": "for_s: 8",
    "rate_s: 5": "rate_s: 2, patience_s: 10",
    # Of a machine that is busy with other tests no promise of quick answers is asked.
    "at_least: 0.99": "at_least: 0.3",
    "at_most_ms: 1000": "at_most_ms: 10000",
    "at_most_ms: 2000": "at_most_ms: 20000",
    "during: true": "during: false",
    "{new-york: 20, london: 1, sydney: 1}": "30",
    "availability: 0.8": "availability: 0.3",
    "converge_s: 20": "converge_s: 40",
    "    name: the table": "    timeout_s: 40\n    name: the table",
}


async def panregion(folder: Path, *arguments: str) -> tuple[int | None, str]:
    """The command's exit code, and what it said on both outputs."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from panregion.cli import main; main()", *arguments),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        told, _ = await asyncio.wait_for(started.communicate(), BOUND_S)
    except TimeoutError:
        started.terminate()
        raise
    return started.returncode, told.decode()


def prepare(folder: Path, ports: Ports) -> None:
    """The example in a folder of its own, on ports of its own, its game day in short."""
    for name in ("src", "template.yaml", "journeys.py", "gameday.yaml"):
        source = EXAMPLE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    lines = "".join(f"{name} = {port}\n" for name, port in msgspec.structs.asdict(ports).items())
    (folder / "panregion.toml").write_text(f"[network]\nscale = 0.3\n\n[ports]\n{lines}")
    text = (folder / "gameday.yaml").read_text()
    for full, short in SHORT.items():
        assert full in text, full
        text = text.replace(full, short)
    (folder / "gameday.yaml").write_text(text)


async def test_hello_globals_game_day(tmp_path: Path, ports: Ports) -> None:
    prepare(tmp_path, ports)
    code, told = await panregion(tmp_path, "gameday", "run", "gameday.yaml", "--out", "out")
    assert (tmp_path / "out" / "result.json").exists(), told
    found = result.from_json((tmp_path / "out" / "result.json").read_bytes())
    assert (code, found.held, found.why_not) == (0, True, []), told

    # What was done, when it was meant to be, and undone.
    (fault,) = found.faults
    assert (fault.kind, fault.sites, fault.planned_at_s) == ("region-kill", ["us-east-1"], 6.0)
    assert fault.began_s is not None
    assert fault.ended_s is not None
    assert 6.0 <= fault.began_s < 12.0
    assert fault.ended_s - fault.began_s >= 8.0

    # Who felt it, and how New York came back: detected, told another address, served.
    rto = {one.city: one for one in found.rto}["new-york"]
    assert rto.touched
    assert rto.detected_s is not None
    assert rto.rerouted_s is not None
    assert rto.first_success_s is not None
    assert 0 < rto.detected_s < rto.rerouted_s + 0.3
    assert "new-york" in found.blast_radius.cities_touched
    told_where = [answer.regions for answer in found.dns if answer.city == "new-york"]
    assert told_where[:2] == [["us-east-1"], ["eu-west-1"]]

    # Nothing that was promised is lost, and somebody was promised something.
    (store,) = found.rpo
    assert store.acknowledged > 30
    assert store.lost == 0
    assert found.converge_s is not None
    assert found.cost.cores < 0.5
    assert {state.status for state in found.region_states} >= {"running", "killed"}
    assert len(found.lag) == 6

    # The reports are made anew from the JSON alone, and a verdict that does not hold is an exit code.
    (tmp_path / "out" / "report.html").unlink()
    code, told = await panregion(tmp_path, "gameday", "report", "out/result.json")
    assert (code, (tmp_path / "out" / "report.html").exists()) == (0, True), told
    missed = msgspec.structs.replace(found, held=False, why_not=["it was missed"])
    (tmp_path / "missed.json").write_bytes(result.to_json(missed))
    code, told = await panregion(tmp_path, "gameday", "report", "missed.json", "--out", "other")
    assert code == 1
    assert "it was missed" in told
