"""The table of restaurants: one item is a whole restaurant with its menus, so that it changes, and is copied, as one.

id, name, city, jurisdiction, cuisine, rating, version, changed_ms, correlation_id
menus: menu id -> name, position, dishes: dish id -> name, description, price_cents, currency
"""

import os

import boto3
from botocore.config import Config

BRIEFLY = ("id", "name", "city", "jurisdiction", "cuisine", "rating", "version")

table = boto3.resource("dynamodb", config=Config(connect_timeout=1, read_timeout=2)).Table(os.environ["TABLE_NAME"])


def brief(item: dict) -> dict:
    """A restaurant as it stands in a list."""
    return {name: item[name] for name in BRIEFLY}


def whole(item: dict) -> dict:
    """A restaurant with its menus in their order, and the dishes of each by name."""
    menus = sorted(item["menus"].items(), key=lambda menu: (menu[1]["position"], menu[0]))
    return {**brief(item), "menus": [_menu(*menu) for menu in menus]}


def _menu(id: str, menu: dict) -> dict:
    dishes = [{"id": dish_id, **dish} for dish_id, dish in menu["dishes"].items()]
    return {"id": id, "name": menu["name"], "dishes": sorted(dishes, key=lambda dish: (dish["name"], dish["id"]))}
