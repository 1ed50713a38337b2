"""Options of worlds: what the project says, what the marker says over it, and what makes no sense."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from panregion.testing.blocks import BLOCK, claim, claimed
from panregion.testing.convergence import behind, heads_of
from panregion.testing.errors import BadOptions
from panregion.testing.options import options_from
from panregion.testing.project import read_project
from panregion.world.process import spawn_detached
from panregion.world.settings import Ports


def test_the_marker_goes_before_the_project(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "template.yaml").write_text("{}")
    project = {"regions": ["eu-west-1"], "scale": 0.5, "stacks": ["app/template.yaml"]}
    options = options_from(project, {"scale": 0}, [tmp_path / "tests", tmp_path])
    assert (options.regions, options.scale) == (("eu-west-1",), 0)
    (stack,) = options.stacks
    assert (stack.template, stack.name) == (str(tmp_path / "app" / "template.yaml"), "app")
    assert options.kind != options_from(project, {"scale": 1}, [tmp_path]).kind
    settings = options.settings(tmp_path, Ports())
    assert (settings.network.scale, settings.time.health_check_scale, settings.store.durability) == (0, 0.05, "normal")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"regions": []}, "one or more"),
        ({"stacks": [1]}, "a stack is a template's path"),
        ({"stacks": [{"name": "x"}]}, "with `template`"),
        ({"health_check_scale": 0}, "health_check_scale"),
        ({"account_id": "1"}, "account_id"),
    ],
)
def test_options_that_make_no_sense(given: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(BadOptions, match=message):
        options_from({}, given, [tmp_path])


def test_a_project_s_file(tmp_path: Path) -> None:
    assert read_project(tmp_path) == {}
    (tmp_path / "pyproject.toml").write_text("[tool.panregion]\nscale = 0.2\n")
    assert read_project(tmp_path) == {"scale": 0.2}
    (tmp_path / "pyproject.toml").write_text("[tool")
    with pytest.raises(BadOptions, match=r"pyproject\.toml"):
        read_project(tmp_path)


def test_two_worlds_never_have_one_block() -> None:
    with claimed() as first, claimed() as second:
        assert abs(first.gateway - second.gateway) >= BLOCK
    with claimed() as again:
        assert again.gateway <= first.gateway


def test_a_block_is_held_by_a_world_that_its_owner_did_not_live_to_see(tmp_path: Path) -> None:
    theirs, ours = os.pipe()
    with claim() as (ports, held):
        waits = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        world = spawn_detached(waits, log_path=tmp_path / "log", stdin=theirs, keeps=[held])
    os.close(theirs)
    try:
        with claimed() as other:
            assert other.gateway != ports.gateway
    finally:
        os.close(ours)
        world.wait(30)


def region(name: str, head: int, peer: str, cursor: int, **changes: Any) -> dict[str, Any]:
    figures = {"cursor": cursor, "copying": False}
    return {
        "region": name,
        "status": "running",
        "replication_heads": {"feed": head},
        "replication": {peer: {"feeds": {"feed": figures}}},
        "replicated_tables": {"feed": "orders"},
        **changes,
    }


def test_who_is_behind() -> None:
    a, b = region("a", 3, "b", 7), region("b", 7, "a", 2)
    heads = heads_of([a, b])
    assert heads == {("a", "feed"): 3, ("b", "feed"): 7}
    assert behind([a, b], heads) == ["b lacks 1 changes of orders from a"]
    assert behind([a, region("b", 9, "a", 3)], heads) == []
    assert behind([a, {"region": "b", "status": "killed"}], heads) == ["b is killed"]
