"""Replication under everything that can go wrong, seed after seed."""

from collections.abc import Callable

import pytest

from panregion.region.catalogue import Catalogue
from tests.simulation.run import Run
from tests.simulation.strong import StrongRun
from tests.simulation.strong_tables import StrongTableRun

SLOWER = 10
"""Whole tables take as many times longer than a register alone: a seed in so many is run."""


def _run(seeds: range, simulation: Callable[[int], None], name: str) -> None:
    for seed in seeds:
        try:
            simulation(seed)
        except Exception as error:
            again = f"pytest tests/simulation -k {name} --first-seed {seed} --seeds 1"
            raise AssertionError(f"seed {seed}: {error}\n  once more: {again}") from error


def test_any_seed_converges_and_loses_nothing_but_what_the_ledgers_hold(seeds: range) -> None:
    _run(seeds, lambda seed: Run(seed).run(), "converges")


def test_any_seed_gives_a_linearizable_register(seeds: range) -> None:
    _run(seeds, lambda seed: StrongRun(seed).run(), "linearizable_register")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue()


def test_any_seed_gives_linearizable_strong_tables(seeds: range, catalogue: Catalogue) -> None:
    some = seeds if len(seeds) == 1 else range(-(-seeds.start // SLOWER) * SLOWER, seeds.stop, SLOWER)
    _run(some, lambda seed: StrongTableRun(seed, catalogue).run(), "strong_tables")
