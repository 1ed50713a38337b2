"""What tests of the catalog share: changes by an administrator, and what each region shows."""

from typing import Any

import httpx

from panregion.testing import World

EXAMPLE = "../../examples/food-for-thought"
ADMIN = {"authorization": "Bearer let-me-change-the-menu"}
MASTER, SECOND, THIRD = "us-east-1", "eu-west-1", "eu-central-1"
SOUP_KITCHEN = {"name": "Soup Kitchen", "city": "Boston", "cuisine": "Soup", "jurisdiction": "US", "rating": 4.5}
SOUP = {"name": "Soup", "description": "Hot.", "price_cents": 700, "currency": "USD"}


def put(world: World, path: str, body: dict[str, Any] | None, city: str = "new-york") -> httpx.Response:
    """A change by an administrator; None removes."""
    method = "DELETE" if body is None else "PUT"
    return world.user(city).request(method, f"https://admin.food.test{path}", headers=ADMIN, json=body)


def changed(world: World, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    """What a change that has to succeed answers; tried again while the master does not look well to DNS."""

    def tried() -> httpx.Response:
        answer = put(world, path, body)
        assert answer.status_code != 503, answer.text
        return answer

    answer = world.eventually(tried, within=60)
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


def ok(answer: httpx.Response) -> httpx.Response:
    assert answer.status_code == 200, answer.text
    return answer


def refused(answer: httpx.Response) -> dict[str, Any]:
    said: dict[str, Any] = answer.json()
    assert (answer.status_code, "error" in said) == (503, True), answer.text
    return said
