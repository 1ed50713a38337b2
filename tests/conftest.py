"""Fixtures for every test: a region by itself, and one that real clients can talk to."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from panregion.region import Region
from panregion.testing.blocks import claimed
from panregion.world.settings import Ports
from tests.support import ServedRegion, region_in

# How long it takes to make an example tells how busy the machine is.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture
async def region(tmp_path: Path) -> AsyncIterator[Region]:
    """A started region with its store in memory; ask it with `await region.ask(service, operation, params)`."""
    region = region_in(tmp_path)
    await region.start()
    yield region
    await region.stop()


@pytest.fixture
def ports() -> Iterator[Ports]:
    """Ports for a test's own world, which no other worker and no other run has meanwhile."""
    with claimed() as ports:
        yield ports


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedRegion]:
    """One region for the whole session, served over HTTP: tests share it and name their things apart."""
    served = ServedRegion(tmp_path_factory.mktemp("served"))
    yield served
    served.close()
