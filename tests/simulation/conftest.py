"""`--seeds N` runs more (or fewer), `--first-seed N` begins elsewhere. A test that takes `seeds` gets some of them."""

import pytest

AT_ONCE = 250
"""Seeds per test, so that each ends in time and tests can be spread."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seeds", type=int, default=2000, help="how many seeds the simulations run")
    parser.addoption("--first-seed", type=int, default=0, help="the first of them")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seeds" not in metafunc.fixturenames:
        return
    first, count = (metafunc.config.getoption(name) for name in ("--first-seed", "--seeds"))
    end = first + count
    parts = [range(start, min(start + AT_ONCE, end)) for start in range(first, end, AT_ONCE)]
    metafunc.parametrize("seeds", parts, ids=[f"{part.start}-{part.stop - 1}" for part in parts])
