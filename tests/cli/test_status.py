"""The state of a world as tables: what is shown only when something is amiss."""

from typing import Any

import pytest

from panregion.cli.state import show


def state(**changes: Any) -> dict[str, Any]:
    region = {"region": "eu-west-1", "status": "running", "endpoint": "http://127.0.1.1:4566", "pid": 7}
    return {"regions": [region], "recovery_cells": [], "outside": [], "faults": [], **changes}


def shown(capsys: pytest.CaptureFixture[str], **changes: Any) -> str:
    show(state(**changes))
    return capsys.readouterr().out


def test_recovery_cells_are_named_once_one_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    cells = [{"site": "us-east-1", "status": "running"}, {"site": "eu-west-1", "status": "running"}]
    assert "recovery cells" not in shown(capsys)
    assert "recovery cells" not in shown(capsys, recovery_cells=cells)
    lost = [cells[0], {"site": "eu-west-1", "status": "killed"}]
    assert "recovery cells: us-east-1 running, eu-west-1 killed" in shown(capsys, recovery_cells=lost)


def test_live_faults_are_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    fault = {"id": "1cd00a6a", "description": "a <-> b is cut"}
    assert "fault 1cd00a6a: a <-> b is cut" in shown(capsys, faults=[fault])
