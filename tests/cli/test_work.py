"""What is left to do, in words."""

from typing import Any

import pytest

from panregion.cli.work import due, summary


def entry(state: str, due_in_s: float | None) -> dict[str, Any]:
    return {"state": state, "due_in_s": due_in_s}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], "0 to do; 0 dead letters"),
        ([entry("waiting", 5.0), entry("dead", None)], "1 to do; 1 dead letters"),
        (
            [entry("running", -70.0), entry("retried", 2.0), entry("waiting", -90.0)],
            "3 to do, 1 of it under way, 1 of it has failed before, 1 late by up to 90 s; 0 dead letters",
        ),
        ([entry("waiting", -1.0)], "1 to do; 0 dead letters"),
    ],
)
def test_the_summary(entries: list[dict[str, Any]], said: str) -> None:
    assert summary(entries) == said


@pytest.mark.parametrize(("in_s", "said"), [(None, ""), (3.04, "in 3.0 s"), (-1.0, "now"), (-90.4, "90 s ago")])
def test_when_it_is_due(in_s: float | None, said: str) -> None:
    assert due(in_s) == said
