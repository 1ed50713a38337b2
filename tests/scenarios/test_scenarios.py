"""Every transcript in this folder, word for word. `--rewrite-scenarios` writes down what happens now."""

from pathlib import Path

import pytest

from tests.scenarios.interpreter import Scenario, parse, render

FOLDER = Path(__file__).parent


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_scenario(path: Path, request: pytest.FixtureRequest) -> None:
    scenario = Scenario()
    steps = [
        step._replace(expected=[line for command in step.commands for line in scenario.do(command)])
        for step in parse(path.read_text())
    ]
    if request.config.getoption("--rewrite-scenarios"):
        path.write_text(render(steps))
    assert render(steps) == path.read_text(), f"seed 1; to accept: pytest {FOLDER} --rewrite-scenarios"
