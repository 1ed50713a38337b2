"""The catalog of examples/food-for-thought in a whole world: read everywhere, changed in one region."""

import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from panregion.testing import World

EXAMPLE = "../../examples/food-for-thought"
ADMIN = {"authorization": "Bearer let-me-change-the-menu"}
TABLE = "food-catalog-restaurants"
MASTER, SECOND, THIRD = "us-east-1", "eu-west-1", "eu-central-1"

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.world(
        regions=[MASTER, SECOND, THIRD],
        stacks=[
            {"template": f"{EXAMPLE}/global.yaml", "name": "food-global", "regions": [MASTER]},
            {"template": f"{EXAMPLE}/catalog.yaml", "name": "food-catalog"},
        ],
    ),
]


@pytest.fixture
def restaurants() -> list[dict[str, Any]]:
    """What seed/ makes."""
    sys.path.insert(0, str((Path(__file__).parent / EXAMPLE / "seed").resolve()))
    import restaurants as seed  # type: ignore[import-not-found]

    made: list[dict[str, Any]] = seed.restaurants()
    return made


def put(world: World, path: str, body: dict[str, Any] | None, city: str = "new-york") -> httpx.Response:
    """A change by an administrator; None removes."""
    method = "DELETE" if body is None else "PUT"
    return world.user(city).request(method, f"https://admin.food.test{path}", headers=ADMIN, json=body)


def changed(world: World, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    """What a change that has to succeed answers; tried again while the master does not look well to DNS."""

    def tried() -> httpx.Response | None:
        answer = put(world, path, body)
        return None if answer.status_code == 503 else answer

    answer = world.eventually(tried)
    assert answer is not None
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-food-region"] == MASTER
    said: dict[str, Any] = answer.json()
    return said


def shown_in(world: World, region: str, id: str) -> dict[str, Any] | None:
    """A restaurant as a region's own API shows it, without CloudFront and DNS; None if it is not there."""
    url = world.region(region).outputs("food-catalog")["BrowseUrl"]
    answer = world.user("london").get(f"{url}/restaurants/{id}")
    assert answer.headers["x-food-region"] == region
    assert answer.status_code in (200, 404)
    return answer.json() if answer.status_code == 200 else None


SOUP_KITCHEN = {"name": "Soup Kitchen", "city": "Boston", "cuisine": "Soup", "jurisdiction": "US", "rating": 4.5}
SOUP = {"name": "Soup", "description": "Hot.", "price_cents": 700, "currency": "USD"}


def test_an_update_is_shown_in_every_region_and_so_is_a_removal(world: World) -> None:
    changed(world, "/restaurants/soup", SOUP_KITCHEN)
    changed(world, "/restaurants/soup/menus/all", {"name": "All"})
    wanted = changed(world, "/restaurants/soup/menus/all/dishes/soup", SOUP)
    assert wanted["menus"] == [{"id": "all", "name": "All", "dishes": [{"id": "soup", **SOUP}]}]
    for region in world.regions:
        assert world.eventually(lambda region=region: shown_in(world, region, "soup") == wanted)  # type: ignore[misc]
    changed(world, "/restaurants/soup", None)
    for region in world.regions:
        assert world.eventually(lambda region=region: shown_in(world, region, "soup") is None)  # type: ignore[misc]
