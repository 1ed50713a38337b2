"""What tests of ordering share: the world that they ask for, and customers."""

import sys
import uuid
from typing import Any

import httpx

from panregion.testing import World

EXAMPLE = "../../examples/food-for-thought"
PROVIDER = {"place": "zurich", "command": [sys.executable, "provider.py"], "folder": f"{EXAMPLE}/payments"}
MENUS = {"place": "zurich", "command": [sys.executable, "menus.py"]}

WORLD: dict[str, Any] = {
    "regions": ["us-east-1", "eu-west-1", "eu-central-1"],
    "stacks": [
        {"template": f"{EXAMPLE}/global.yaml", "name": "food-global", "regions": ["us-east-1"]},
        {
            "template": f"{EXAMPLE}/orders.yaml",
            "name": "food-orders",
            "parameters": {"CatalogUrl": "https://menus.test", "PaymentsTimeoutSeconds": "2"},
        },
    ],
    "outside": {"payments.bank.test": PROVIDER, "menus.test": MENUS},
    "scope": "module",
}

API = "https://api.food.test"
BERLINER = {"name": "Hannelore Ziegenfuss", "address": "Kastanienallee 4711", "phone": "+49-30-5550123987"}
NEW_YORKER = {"name": "Walt Whitman", "address": "99 Ryerson Street", "phone": "+1-718-5550188"}


def checkout(jurisdiction: str = "US", *, card: str = "ok", customer: str = "", **changes: Any) -> dict[str, Any]:
    """What a page sends: two soups and a bread, under a new id."""
    person = BERLINER if jurisdiction == "EU" else NEW_YORKER
    return {
        "id": str(uuid.uuid4()),
        "customer": {"id": customer or str(uuid.uuid4()), "jurisdiction": jurisdiction, **person},
        "restaurant": "soup-kitchen",
        "lines": [{"dish": "soup", "quantity": 2}, {"dish": "bread", "quantity": 1}],
        "card": card,
        **changes,
    }


def regional(region: str) -> str:
    return f"https://{region}.api.food.test"


def order_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.text
    order: dict[str, Any] = answer.json()["order"]
    return order


def placed(world: World, region: str, body: dict[str, Any]) -> dict[str, Any]:
    """An order that a region takes, asked by its own name."""
    return order_of(world.user("london").post(f"{regional(region)}/orders", json=body))


def seen(world: World, region: str, order_id: str, city: str = "london") -> dict[str, Any]:
    """An order as a region knows it; a failing assertion if it does not."""
    answer = world.user(city).get(f"{regional(region)}/orders/{order_id}")
    assert answer.status_code == 200, answer.text
    order: dict[str, Any] = answer.json()
    return order


def becomes(world: World, region: str, order_id: str, state: str, within: float = 30) -> dict[str, Any]:
    """The order once it is in a state in a region."""

    def is_so() -> dict[str, Any]:
        order = seen(world, region, order_id)
        assert order["state"] == state, order
        return order

    found: dict[str, Any] = world.eventually(is_so, within=within)
    return found


def charges(world: World, checkout_id: str) -> list[dict[str, Any]]:
    """What the provider has taken for a checkout."""
    answer = world.user("zurich").get("https://payments.bank.test/charges", params={"reference": checkout_id})
    found: list[dict[str, Any]] = answer.json()["charges"]
    return found
