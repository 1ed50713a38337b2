"""Fixtures for every test: a region by itself, and one that real clients can talk to."""

import gc
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from panregion.region import Region
from panregion.testing.blocks import claimed
from panregion.world.settings import Ports
from tests.support import ServedRegion, region_in

MOSTLY_WAITING = ("world", "testing", "conformance/clients", "gameday/test_run", "control", "browser", "food")
"""Tests of processes: they wait for them most of the time. Those that need `clients` are not in front: in CI they are
being fetched then."""
LONGEST = ("simulation/test_replication", "food/test_gamedays")
"""These begin first: one that is left to the end keeps a single worker busy."""

gc.disable()  # until everything is collected

# How long it takes to make an example tells how busy the machine is.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files whose tests mostly wait among those whose tests compute, so that side by side they fill the
    machine; all at the end, they would wait for each other."""
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0].removeprefix("tests/"), []).append(item)
    waiting = [name for kind in MOSTLY_WAITING for name in files if name.startswith(kind)]
    computing = [name for name in files if not name.startswith(MOSTLY_WAITING)]
    places: dict[str, float] = {}
    for names in (waiting, computing):
        names.sort(key=lambda name: not name.startswith(LONGEST))
        places |= {name: (number + 0.5) / len(names) for number, name in enumerate(names)}
    items[:] = [item for name in sorted(files, key=lambda name: places[name]) for item in files[name]]


def pytest_collection_finish() -> None:
    """What was collected stays until the end, and the collector of garbage is told so: it would go through all of it
    again and again, for a quarter of the time that the simulations take, and of that which collecting takes."""
    gc.collect()
    gc.freeze()
    gc.enable()


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
def clients() -> Path:
    """The folder of what tests run and .venv cannot hold, filled on first use."""
    script = Path(__file__).parent.parent / "scripts" / "install-clients"
    return Path(subprocess.run([script], capture_output=True, text=True, check=True).stdout.strip())


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedRegion]:
    """One region for the whole session, served over HTTP: tests share it and name their things apart."""
    served = ServedRegion(tmp_path_factory.mktemp("served"))
    yield served
    served.close()
