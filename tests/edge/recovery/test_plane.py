"""The plane by itself: what it kept, whom it tells, where it leads, and what it follows only when it has to."""

from pathlib import Path

import pytest

from panregion.edge.following import Following
from panregion.edge.plane import Surroundings
from panregion.edge.recovery import RecoveryPlane
from panregion.edge.recovery.states import States
from panregion.edge.routes import Route, Routes
from panregion.edge.where import Map
from panregion.services.recovery import CELL_SITES, Shown, Told, cell_address
from panregion.world import World, WorldSettings
from tests.edge.support import Lab

CONTROL = "arn:aws:route53-recovery-control::000000000000:controlpanel/p/routingcontrol/1"
PLAN = "arn:aws:arc-region-switch::000000000000:plan/app:abc123/record/x/us-east-1"


@pytest.fixture
def surroundings(tmp_path: Path) -> Surroundings:
    settings = WorldSettings(folder=str(tmp_path), regions=("us-east-1", "us-west-2"))
    return Surroundings(
        settings, World(), Map(settings), Routes(settings), Lab().resolver, Following(settings, World())
    )


def keep(surroundings: Surroundings, data: bytes) -> None:
    folder = surroundings.settings.path / "edge"
    folder.mkdir()
    (folder / "recovery.msgpack").write_bytes(data)


async def test_what_was_kept_is_known_and_told_at_once(surroundings: Surroundings) -> None:
    states = States()
    states.take("us-east-1", Told(1, [Shown("c", 1, 1, {CONTROL: True})]))
    keep(surroundings, states.snapshot())
    plane, told = RecoveryPlane(), []
    plane.listen(lambda: told.append(plane.state(CONTROL)))
    assert plane.state(CONTROL) is None
    await plane.start(surroundings)
    assert (plane.state(CONTROL), told) == (True, [True])
    assert plane.health() == {"routing_controls": 1, "failures": {}}
    await plane.stop()


async def test_a_damaged_file_is_told_and_not_used(surroundings: Surroundings) -> None:
    keep(surroundings, b"damaged")
    plane = RecoveryPlane()
    await plane.start(surroundings)
    assert plane.state(CONTROL) is None
    ((path, failure),) = plane.health()["failures"].items()
    assert path.endswith("recovery.msgpack")
    assert failure.startswith("it is damaged and was not used")
    await plane.stop()


@pytest.mark.parametrize("asked_first", [True, False])
async def test_regions_are_followed_only_once_a_plans_check_is_asked_for(
    surroundings: Surroundings, asked_first: bool
) -> None:
    plane = RecoveryPlane()
    if asked_first:
        assert plane.state(PLAN) is None
    await plane.start(surroundings)
    plane.state(CONTROL)
    assert bool(surroundings.following.describe()) is asked_first
    assert plane.state(PLAN) is None
    followed = {f"arc-region-switch-{region}" for region in surroundings.settings.regions}
    assert set(surroundings.following.describe()) == followed
    await plane.stop()
    await surroundings.following.close()


async def test_cells_addresses_lead_to_their_sites(surroundings: Surroundings) -> None:
    plane = RecoveryPlane()
    await plane.start(surroundings)
    for site in CELL_SITES:
        address = cell_address(site, 1)
        assert plane.route(address, 80, "london") == Route(site, address, surroundings.settings.ports.gateway)
    for stranger in ("127.0.1.1", "127.5.9.1", "127.5.x.1", "127.5.1.254", "198.18.1.1"):
        assert plane.route(stranger, 80, "london") is None
    assert plane.target_health("x.cloudfront.net.") is None
    await plane.stop()
