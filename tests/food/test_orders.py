"""Orders: placed where the customer is, paid once, read everywhere, changed at home."""

import pytest

from panregion.testing import World
from tests.food.ordering import API, WORLD, becomes, charges, checkout, order_of, placed, regional, seen

pytestmark = [pytest.mark.timeout(300), pytest.mark.world(**WORLD)]


def test_an_order_is_placed_paid_once_and_read_everywhere(world: World) -> None:
    body = checkout("US")
    order = placed(world, "new-york", body)
    assert order["order_id"] == f"us-east-1~{body['id']}"
    assert (order["state"], order["total_cents"], order["home_region"]) == ("placed", 1020, "us-east-1")
    for region in world.regions:
        paid = becomes(world, region, order["order_id"], "paid")
        assert paid["home_region"] == "us-east-1"
        assert ("note" in paid) == (region != "us-east-1")
    assert [charge["amount_cents"] for charge in charges(world, body["id"])] == [1020]
