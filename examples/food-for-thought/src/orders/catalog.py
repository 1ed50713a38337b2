"""What dishes cost: asked of the catalog service, and believed for a minute."""

import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

from common import log
from common.http import Refused

URL = os.environ["CATALOG_URL"]
TIMEOUT_S = 3
BELIEVED_S = 60

_known: dict[str, tuple[float, dict]] = {}


def priced(restaurant_id: str, quantities: dict[str, int]) -> dict:
    """The part of an order that comes from the catalog: restaurant, lines, total. Raises Refused."""
    restaurant = restaurant_by(restaurant_id)
    dishes = {dish["id"]: dish for menu in restaurant["menus"] for dish in menu["dishes"]}
    if unknown := [dish for dish in quantities if dish not in dishes]:
        raise Refused(422, "UnknownDish", "The restaurant does not have all of these dishes.", dishes=unknown)
    currencies = {dishes[dish]["currency"] for dish in quantities}
    if len(currencies) > 1:
        raise Refused(422, "SeveralCurrencies", "These dishes have prices in several currencies: order them apart.")
    lines = [line_of(dishes[dish], quantity) for dish, quantity in quantities.items()]
    return {
        "restaurant": {"id": restaurant_id, "name": restaurant["name"]},
        "lines": lines,
        "total_cents": sum(line["quantity"] * line["price_cents"] for line in lines),
        "currency": currencies.pop(),
    }


def line_of(dish: dict, quantity: int) -> dict:
    return {"dish": dish["id"], "name": dish["name"], "quantity": quantity, "price_cents": dish["price_cents"]}


def restaurant_by(restaurant_id: str) -> dict:
    """A restaurant with its menus. Raises Refused where there is none, or the catalog cannot say."""
    until, restaurant = _known.get(restaurant_id, (0.0, {}))
    if time.monotonic() < until:
        return restaurant
    restaurant = _asked(restaurant_id)
    _known[restaurant_id] = (time.monotonic() + BELIEVED_S, restaurant)
    return restaurant


def _asked(restaurant_id: str) -> dict:
    url = f"{URL}/restaurants/{urllib.parse.quote(restaurant_id, safe='')}"
    request = urllib.request.Request(url, headers={"x-correlation-id": log.correlation_id()})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise Refused(422, "UnknownRestaurant", "There is no such restaurant.") from error
        trouble = f"status {error.code}"
    except (OSError, ValueError, http.client.HTTPException) as error:
        trouble = type(error).__name__
    log.warning("the catalog cannot be asked", trouble=trouble)
    raise Refused(503, "CatalogAway", "Prices cannot be looked up just now. Please try again.")
