"""Fixtures: five cells of a cluster."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from panregion.world.settings import Ports
from tests.services.route53_recovery_cluster.support import Five


@pytest.fixture
def five(tmp_path: Path, ports: Ports) -> Iterator[Five]:
    """All five sites, running, with no cluster yet."""
    five = Five(tmp_path, ports)
    five.open()
    five.start()
    yield five
    five.close()
