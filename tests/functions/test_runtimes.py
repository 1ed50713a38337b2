"""Which runtimes are accepted, and what is said of those that are not quite what was asked for."""

import shutil
from pathlib import Path

import pytest

from panregion.functions import runtime_named, supported
from panregion.functions.runtimes import NODES, PYTHON_VERSION, node_version
from tests.functions.support import spec_of

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="this machine has no node")


@pytest.mark.parametrize("name", ["python3.9", "python3.14", "provided.al2023"])
def test_aws_names_are_accepted(name: str) -> None:
    assert name in supported()
    assert runtime_named(name).name == name


@pytest.mark.parametrize("name", ["python2.7", "nodejs16.x", "ruby3.3", "java21", ""])
def test_others_are_not(name: str) -> None:
    with pytest.raises(KeyError):
        runtime_named(name)


@needs_node
def test_every_node_runs_on_the_machines_own() -> None:
    assert set(NODES) <= set(supported())
    assert node_version().isdigit()
    own = f"nodejs{node_version()}.x"
    assert runtime_named("nodejs22.x" if own != "nodejs22.x" else "nodejs20.x").warning.endswith(
        f"runs on this machine's Node.js {node_version()}"
    )
    if own in NODES:
        assert runtime_named(own).warning == ""


def test_a_python_of_another_version_is_warned_of() -> None:
    assert runtime_named(f"python{PYTHON_VERSION}").warning == ""
    assert runtime_named("python3.9").warning == f"python3.9 runs on this machine's Python {PYTHON_VERSION}"
    assert runtime_named("provided.al2023").warning == ""


def test_a_bootstrap_is_the_functions_own_or_a_layers(tmp_path: Path) -> None:
    code, first, last = (tmp_path / name for name in ("code", "first", "last"))
    for folder in (code, first, last):
        folder.mkdir()
    spec = spec_of("f", code, runtime="provided.al2023", layers=(first, last))
    runtime = runtime_named("provided.al2023")
    assert runtime.argv(spec) == (f"{code}/bootstrap",)
    for folder in (first, last, code):
        (folder / "bootstrap").touch()
        assert runtime.argv(spec) == (f"{folder}/bootstrap",)
