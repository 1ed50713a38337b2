"""Fixtures: two regions and five sites for a module's tests."""

from collections.abc import Iterator

import pytest

from panregion.testing.blocks import claimed
from panregion.world import Request, Response, serve
from tests.services.arc_region_switch.support import EAST, WEST, TwoRegions
from tests.services.route53_recovery_cluster.support import Five


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Five]:
    """Five sites that are not started yet."""
    with claimed() as ports:
        five = Five(tmp_path_factory.mktemp("cells"), ports)
        five.open()
        yield five
        five.close()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, five: Five) -> Iterator[TwoRegions]:
    async def control(_request: Request) -> Response:
        await five.start_stopped()
        return Response(200, [], b"[]")

    server = five.run(serve(control, "127.0.0.1", 0))
    two = TwoRegions(tmp_path_factory.mktemp("regions"), five, server.port)
    two.start(EAST)
    two.start(WEST)
    yield two
    two.close()
    five.run(server.close())
