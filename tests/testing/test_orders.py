"""The plugin as its users use it: the example of the documentation, and what a reset leaves behind (nothing)."""

import pytest

from panregion.testing import NeverTrue, User, World

ORDERS = {"regions": ["us-east-1", "eu-west-1"], "stacks": ["orders/template.yaml"]}
pytestmark = [pytest.mark.world(**ORDERS), pytest.mark.timeout(180)]


def serves(user: User, region: str) -> bool:
    return bool(user.get("https://api.food.test/health").json()["region"] == region)


def test_orders_survive(world: World) -> None:
    user = world.user("london")
    order: dict[str, str] = {}

    def is_taken_at_home() -> bool:  # on a busy machine its checkers may think it ill for a while
        order.update(user.post("http://api.food.test/orders", json={"dish": "soup"}).json())
        return order["region"] == "eu-west-1"

    assert world.eventually(is_taken_at_home)
    assert world.converged()
    world.region("eu-west-1").kill()
    assert world.eventually(
        lambda: user.get(f"http://api.food.test/orders/{order['id']}").status_code == 200, within=60
    )
    assert user.get(f"https://api.food.test/orders/{order['id']}").json()["region"] == "us-east-1"


def test_users_are_served_again_by_the_region_that_comes_back(world: World) -> None:
    user = world.user("paris")
    assert world.region("eu-west-1").status == "running"
    assert world.eventually(lambda: serves(user, "eu-west-1"))
    with world.region("eu-west-1").kill():
        world.eventually(lambda: serves(user, "us-east-1"))
    world.eventually(lambda: serves(user, "eu-west-1"))


def test_a_write_on_both_sides_of_a_cut_is_a_conflict(world: World) -> None:
    tables = [world.region(region).resource("dynamodb").Table("orders") for region in world.regions]
    assert world.conflicts() == []
    with world.link(*world.regions).cut():
        for table, dish in zip(tables, ("soup", "bread"), strict=True):
            table.put_item(Item={"id": "1", "dish": dish})
        with pytest.raises(NeverTrue, match="eu-west-1 lacks 1 changes of orders"):
            world.converged(within=0.2)
    assert world.converged()
    assert tables[0].get_item(Key={"id": "1"})["Item"] == tables[1].get_item(Key={"id": "1"})["Item"]
    assert [conflict["table"] for conflict in world.conflicts()] == ["orders"]
