"""Replication under everything that can go wrong, seed after seed."""

import pytest

from panregion.region.catalogue import Catalogue
from tests.simulation.run import Run
from tests.simulation.strong import StrongRun
from tests.simulation.strong_tables import StrongTableRun

SLOWER = 10
"""Whole tables take as many times longer than a register alone: a seed in so many is run."""


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


def test_any_seed_gives_linearizable_strong_tables(pytestconfig: pytest.Config) -> None:
    first = pytestconfig.getoption("--first-seed")
    catalogue = Catalogue()
    for seed in range(first, first + max(1, pytestconfig.getoption("--seeds") // SLOWER)):
        try:
            StrongTableRun(seed, catalogue).run()
        except Exception as error:
            again = f"pytest tests/simulation -k strong_tables --first-seed {seed} --seeds 1"
            raise AssertionError(f"seed {seed}: {error}\n  once more: {again}") from error
