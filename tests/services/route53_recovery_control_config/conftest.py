"""Fixtures: a region with the control plane, and five sites that start when control is asked for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from panregion.testing.blocks import claimed
from panregion.world import Request, Response, serve
from panregion.world.settings import Ports
from tests.services.route53_recovery_cluster.support import Five
from tests.services.route53_recovery_control_config.support import Plane
from tests.support import ServedRegion


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """Shared by a module's tests, which delete the clusters that they make."""
    with claimed() as ports:
        yield from _plane(tmp_path_factory.mktemp("recovery"), ports)


@pytest.fixture
def own_plane(tmp_path: Path, ports: Ports) -> Iterator[Plane]:
    """For a test that does harm."""
    yield from _plane(tmp_path, ports)


def _plane(folder: Path, ports: Ports) -> Iterator[Plane]:
    five = Five(folder, ports)
    five.open()
    asked: list[str] = []

    async def control(request: Request) -> Response:
        asked.append(request.path)
        await five.start_stopped()
        return Response(200, [], b"[]")

    server = five.run(serve(control, "127.0.0.1", 0))
    served = ServedRegion(folder / "region", ports=Ports(gateway=five.port, control=server.port))
    yield Plane(served, five, asked)
    served.close()
    five.run(server.close())
    five.close()
