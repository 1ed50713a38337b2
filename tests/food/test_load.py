"""Seed and load of examples/food-for-thought: two hundred restaurants, hungry people at meal times."""

import argparse
import asyncio
import importlib.util
import threading
from collections import Counter
from http.server import HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.food.hangs_up import HangsUp

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "food-for-thought"


def module(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.replace("/", "_"), EXAMPLE / f"{path}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_there_are_two_hundred_restaurants_and_always_the_same() -> None:
    made: list[dict[str, Any]] = module("seed/generated").restaurants()
    assert made == module("seed/generated").restaurants()
    assert (len(made), len({restaurant["id"] for restaurant in made})) == (200, 200)
    assert {restaurant["jurisdiction"] for restaurant in made} == {"US", "EU"}
    for restaurant in made:
        dishes = [dish for menu in restaurant["menus"].values() for dish in menu["dishes"]]
        assert len(set(dishes)) == 10  # an order names dishes by their ids alone
        prices = [dish["price_cents"] for menu in restaurant["menus"].values() for dish in menu["dishes"].values()]
        assert len(prices) == 10
        assert all(400 < price < 3000 for price in prices)


def test_people_are_hungry_at_meal_times() -> None:
    journeys = module("load/journeys")
    hours = [journeys.hunger(hour / 4) for hour in range(96)]
    assert max(hours) == journeys.hunger(12.5) == 1
    assert journeys.hunger(19) == pytest.approx(0.85)
    assert journeys.hunger(4) == 0.05
    assert sum(hours) / 96 < 0.3


def test_lunch_comes_to_london_before_new_york() -> None:
    journeys = module("load/journeys")
    hour_s = journeys.DAY_S / 24
    assert journeys.hour_in("london", 3.5 * hour_s) == pytest.approx(12.5)
    assert journeys.hour_in("new-york", 8.5 * hour_s) == pytest.approx(12.5)
    assert journeys.hour_in("seattle", 0) == pytest.approx(1)


def test_every_city_of_the_load_has_restaurants() -> None:
    cities = module("seed/generated").CITIES
    for name, jurisdiction, _offset in module("load/journeys").CITIES.values():
        assert cities[name][0] == jurisdiction


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(EXAMPLE / "load"))
    return module("load/run")


def test_customers_come_when_they_are_meant_to(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait for an answer; here nobody has one before sixty have asked."""
    sixty_have_asked = threading.Barrier(60)

    def ask(*_asked: Any) -> Any:
        sixty_have_asked.wait(20)
        return run.Answer(200, {}, b"{}")

    async def lunch(customer: Any) -> None:
        await asyncio.gather(*(customer.get("https://catalog.food.test/restaurants") for _ in range(60)))

    monkeypatch.setattr(run.Customer, "_ask", ask)
    monkeypatch.setattr(run.journeys, "lunch", lunch)
    asyncio.run(run.main(argparse.Namespace(city="london", peak=200.0, minutes=0.0001, seed=1)))


def test_a_region_that_dies_in_the_middle_of_an_answer_does_not_end_the_load(run: ModuleType) -> None:
    server = HTTPServer(("127.0.0.1", 0), HangsUp)
    threading.Thread(target=server.handle_request, daemon=True).start()
    customer = run.Customer("london", run.Chance(1), Counter(), [])
    with pytest.raises(OSError, match="IncompleteRead"):  # as journeys expect of whoever does not answer
        asyncio.run(customer.get(f"http://127.0.0.1:{server.server_address[1]}/"))
    server.server_close()
