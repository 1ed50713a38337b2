"""What every data plane of the edge owes to it (edge/plane.py)."""

import pytest

from panregion.edge.table import TABLE, make_planes


@pytest.mark.parametrize("name", sorted(TABLE))
async def test_a_plane_that_never_started_stops(name: str) -> None:
    await make_planes()[name].stop()
