"""Replication under everything that can go wrong, seed after seed."""

import pytest

from tests.simulation.run import Run
from tests.simulation.strong import StrongRun


def test_any_seed_converges_and_loses_nothing_but_what_the_ledgers_hold(pytestconfig: pytest.Config) -> None:
    first = pytestconfig.getoption("--first-seed")
    for seed in range(first, first + pytestconfig.getoption("--seeds")):
        try:
            Run(seed).run()
        except Exception as error:
            again = f"pytest tests/simulation --first-seed {seed} --seeds 1"
            raise AssertionError(f"seed {seed}: {error}\n  once more: {again}") from error


def test_any_seed_gives_a_linearizable_register(pytestconfig: pytest.Config) -> None:
    first = pytestconfig.getoption("--first-seed")
    for seed in range(first, first + pytestconfig.getoption("--seeds")):
        try:
            StrongRun(seed).run()
        except Exception as error:
            again = f"pytest tests/simulation -k linearizable --first-seed {seed} --seeds 1"
            raise AssertionError(f"seed {seed}: {error}\n  once more: {again}") from error
