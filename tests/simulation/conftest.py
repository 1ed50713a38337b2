"""`--seeds N` runs more, `--seed N` runs one."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seeds", type=int, default=1000, help="how many seeds the simulations run")
    parser.addoption("--first-seed", type=int, default=0, help="the first of them")
