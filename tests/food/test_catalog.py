"""The catalog of examples/food-for-thought in a whole world: read everywhere, changed in one region."""

import importlib
from types import ModuleType

import pytest

from panregion.testing import World
from tests.food.catalog import EXAMPLE, MASTER, SECOND, SOUP, SOUP_KITCHEN, THIRD, changed, ok, put, refused, shown_in
from tests.food.functions import SOURCES
from tests.food.whole import WHOLE

TABLE = "food-catalog-restaurants"

pytestmark = [
    WHOLE,
    pytest.mark.timeout(400),
    pytest.mark.world(
        health_check_scale=0.2,  # checkers that ask every half second would be most of what two cores have to do
        regions=[MASTER, SECOND, THIRD],
        stacks=[
            {"template": f"{EXAMPLE}/global.yaml", "name": "food-global", "regions": [MASTER]},
            {"template": f"{EXAMPLE}/catalog.yaml", "name": "food-catalog"},
        ],
    ),
]

CATALOG = "https://catalog.food.test"
WWW = {"origin": "https://www.food.test"}


@pytest.fixture
def seed(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script that loads the restaurants."""
    monkeypatch.syspath_prepend(str(SOURCES.parent / "seed"))
    return importlib.import_module("load")


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


def test_pages_may_ask_and_strangers_may_not_change(world: World) -> None:
    user = world.user("new-york")
    asked = {**WWW, "access-control-request-method": "PUT", "access-control-request-headers": "authorization"}
    answer = world.eventually(lambda: user.options("https://admin.food.test/restaurants/soup", headers=asked))
    assert answer.headers["access-control-allow-origin"] == WWW["origin"]
    assert "PUT" in answer.headers["access-control-allow-methods"]
    for token, status in (({}, 401), ({"authorization": "Bearer guessed"}, 403)):
        answer = user.put("https://admin.food.test/restaurants/soup", headers={**WWW, **token}, json=SOUP_KITCHEN)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == WWW["origin"]
    asked = {**WWW, "access-control-request-method": "GET", "access-control-request-headers": "x-correlation-id"}
    answer = user.options(f"{CATALOG}/restaurants", headers=asked)
    assert answer.headers["access-control-allow-origin"] == WWW["origin"]
    assert "x-correlation-id" in answer.headers["access-control-allow-headers"]
    answer = user.get(f"{CATALOG}/restaurants", headers=WWW)
    assert answer.headers["access-control-allow-origin"] == WWW["origin"]
    assert "x-food-region" in answer.headers["access-control-expose-headers"]


def test_browsing_outlives_the_master_and_updates_are_refused_with_the_reason(world: World, seed: ModuleType) -> None:
    assert seed.load(world.region(MASTER).resource("dynamodb").Table(TABLE)) == 200
    for region in (SECOND, THIRD):
        world.eventually(lambda region=region: count(world, region) == 200, within=120)  # type: ignore[misc]
    user, first = world.user("new-york"), seed.restaurants()[0]
    kept = world.eventually(lambda: ok(user.get(f"{CATALOG}/restaurants/{first['id']}")))
    world.region(MASTER).kill()
    again = user.get(f"{CATALOG}/restaurants/{first['id']}")
    assert (again.json(), again.headers["x-cache"]) == (kept.json(), "Hit from cloudfront")
    for city in ("new-york", "london", "berlin"):
        page = world.eventually(lambda city=city: ok(world.user(city).get(f"{CATALOG}/restaurants?city=Boston")))  # type: ignore[misc]
        assert len(page.json()["restaurants"]) == 20
        assert page.headers["x-food-region"] in (SECOND, THIRD)
    refusal = world.eventually(lambda: refused(put(world, "/restaurants/soup", SOUP_KITCHEN)))
    assert (refusal["error"], refusal["master"]) == ("NotMaster", MASTER)
    assert refusal["message"].startswith("Updates are not possible now")
    world.region(MASTER).restore()
    changed(world, "/restaurants/soup", SOUP_KITCHEN)
    assert world.eventually(lambda: shown_in(world, THIRD, "soup"))


def test_a_region_that_was_away_has_it_all_afterwards_in_order(world: World) -> None:
    changed(world, "/restaurants/soup", SOUP_KITCHEN)
    changed(world, "/restaurants/gone", SOUP_KITCHEN)
    world.eventually(lambda: shown_in(world, THIRD, "gone"))
    sqs = world.region(MASTER).client("sqs")

    def waiting() -> int:
        """Messages in all queues of copies of the master region, dead-letter queues included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        queues = sqs.list_queues(QueueNamePrefix="food-catalog-")["QueueUrls"]
        found = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] for url in queues]
        return sum(int(attributes[name]) for attributes in found for name in names)

    with world.region(THIRD).kill():
        for price in range(700, 712):
            wanted = changed(world, "/restaurants/soup", {**SOUP_KITCHEN, "name": f"Soup at {price}"})
        changed(world, "/restaurants/gone", None)
        assert world.eventually(lambda: shown_in(world, SECOND, "soup") == wanted)
        assert world.eventually(lambda: shown_in(world, SECOND, "gone") is None)
        assert world.eventually(lambda: waiting() == 14)  # a removal is two changes: whose request it is, and then it
    seen = [shown_in(world, THIRD, "soup")]

    def arrived() -> bool:
        seen.append(shown_in(world, THIRD, "soup"))
        return seen[-1] == wanted and shown_in(world, THIRD, "gone") is None

    assert world.eventually(arrived, within=90)
    versions = [soup["version"] for soup in seen if soup]
    assert versions == sorted(versions)
    assert world.eventually(lambda: waiting() == 0)


def count(world: World, region: str) -> int:
    counted: int = world.region(region).client("dynamodb").scan(TableName=TABLE, Select="COUNT")["Count"]
    return counted
