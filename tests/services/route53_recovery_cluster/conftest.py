"""Fixtures: five cells of a cluster."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.route53_recovery_cluster.support import Five


def free_port() -> int:
    """A port that is free on every loopback address, as far as one can tell beforehand."""
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def five(tmp_path: Path) -> Iterator[Five]:
    """All five sites, running, with no cluster yet."""
    five = Five(tmp_path, free_port())
    five.open()
    five.start()
    yield five
    five.close()
