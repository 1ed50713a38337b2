"""Seed and load of examples/food-for-thought: two hundred restaurants, hungry people at meal times."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

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
