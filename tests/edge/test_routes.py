"""From addresses to the way there."""

import pytest

from panregion.edge.routes import NoRoute, Route, Routes, balancer_address
from panregion.world import WorldSettings

SETTINGS = WorldSettings()


@pytest.mark.parametrize(
    ("address", "port", "route"),
    [
        ("127.0.2.1", 80, Route("eu-west-1", "127.0.2.1", 4566)),
        ("127.0.2.1", 443, Route("eu-west-1", "127.0.2.1", 4567)),
        ("127.0.1.16", 443, Route("us-east-1", "127.0.1.16", 4567)),
        ("127.0.1.254", 8080, Route("us-east-1", "127.0.1.254", 8080)),
    ],
)
def test_regions_and_their_load_balancers(address: str, port: int, route: Route) -> None:
    assert Routes(SETTINGS).to(address, port) == route


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.9.1", "127.0.1.2", "127.0.1.15", "127.0.1.255", "10.0.0.1"])
def test_other_addresses_lead_nowhere(address: str) -> None:
    with pytest.raises(NoRoute, match=address):
        Routes(SETTINGS).to(address, 80)


def test_a_data_plane_s_addresses_depend_on_who_connects() -> None:
    def elsewhere(address: str, port: int, site: str) -> Route | None:
        return Route(site, address, port + 1) if address.startswith("127.3.") else None

    routes = Routes(SETTINGS, elsewhere)
    assert routes.to("127.3.1.1", 80, "london") == Route("london", "127.3.1.1", 81)
    with pytest.raises(NoRoute):
        routes.to("127.4.1.1", 80, "london")


def test_load_balancers_are_numbered_from_0() -> None:
    assert balancer_address(SETTINGS, "eu-west-1", 0) == "127.0.2.16"
    with pytest.raises(ValueError, match="no load balancer 239"):
        balancer_address(SETTINGS, "eu-west-1", 239)
