"""What customers and administrators do, and when customers are hungry.

    journey: load.journeys:lunch          in a game day of panregion, beside which this folder lies
    python load/run.py --city london      by itself, against whatever the names of the zone lead to

A journey asks through its user alone (`get`, `post`, `put`, `chance`, what was acknowledged), and knows neither where
it runs nor what is broken meanwhile. `lunch` is to be begun at the rate of the busiest minute: at other times of the
day most of those who could come are not hungry, and do not.
"""

import math
import os
import time

CATALOG, API, ADMIN = "https://catalog.food.test", "https://api.food.test", "https://admin.food.test"
TOKEN = {"authorization": f"Bearer {os.environ.get('FOOD_ADMIN_TOKEN', 'let-me-change-the-menu')}"}

DAY_S = float(os.environ.get("FOOD_DAY_S", "3600"))
"""How long a day of the curve takes: an hour, unless it is told otherwise."""
BEGINS_AT_HOUR = float(os.environ.get("FOOD_BEGINS_AT_HOUR", "9"))
"""The hour, UTC, at which the curve begins."""

REGIONS = {"US": ("us-east-1", "eu-west-1", "eu-central-1"), "EU": ("eu-west-1", "eu-central-1")}
"""Where orders may be taken, by the law of the customer."""

MEALS = ((12.5, 0.8, 1.0), (19.0, 1.2, 0.85))
"""Hour of the day, half-width in hours, height."""
BETWEEN_MEALS = 0.05

CITIES = {
    "new-york": ("New York", "US", -5),
    "boston": ("Boston", "US", -5),
    "chicago": ("Chicago", "US", -6),
    "seattle": ("Seattle", "US", -8),
    "toronto": ("Toronto", "US", -5),
    "london": ("London", "EU", 0),
    "dublin": ("Dublin", "EU", 0),
    "paris": ("Paris", "EU", 1),
    "berlin": ("Berlin", "EU", 1),
    "madrid": ("Madrid", "EU", 1),
}
"""Name in the catalog, whose law holds, hours ahead of UTC."""

began = time.monotonic()


def hunger(hour: float) -> float:
    """The share of the busiest minute's customers who come at an hour of their day (0 to 24)."""
    meals = (height * math.exp(-((hour - at) ** 2) / (2 * width**2)) for at, width, height in MEALS)
    return min(1.0, max(BETWEEN_MEALS, *meals))


def hour_in(city: str, elapsed_s: float) -> float:
    """The time of day in a city, on a day that takes DAY_S."""
    return (BEGINS_AT_HOUR + CITIES[city][2] + elapsed_s / DAY_S * 24) % 24


async def lunch(user):
    """Somebody who orders if they are hungry at this hour; a Poisson process thinned so follows the curve."""
    if user.chance.random() < hunger(hour_in(user.city, time.monotonic() - began)):
        await order(user)


async def browse(user):
    """Look at the restaurants of one's city, and at one of them; the restaurant, or None."""
    city = CITIES[user.city][0].replace(" ", "%20")
    page = await asked(user, "GET", f"{CATALOG}/restaurants?city={city}")
    if page is None:
        return None
    if not page["restaurants"]:
        return user.failed("there are no restaurants")
    return await asked(user, "GET", f"{CATALOG}/restaurants/{user.chance.choice(page['restaurants'])['id']}")


async def order(user):
    """Browse, order a dish or two, and look at the order. What was acknowledged has to be there at the end.

    Who has no answer sends the same checkout again, as the pages do: to the global name, then to regions by their own.
    """
    restaurant = await browse(user)
    if restaurant is not None:
        await check_out(user, restaurant)


async def check_out(user, restaurant):
    """Send a checkout until somebody has taken it, or everybody was asked."""
    dishes = [dish for menu in restaurant["menus"] for dish in menu["dishes"]]
    checkout = {
        "id": user.chance.uuid(),
        "customer": customer(user),
        "restaurant": restaurant["id"],
        "lines": [{"dish": user.chance.choice(dishes)["id"], "quantity": 1 + user.chance.randrange(2)}],
        "card": "ok",
    }
    user.writing("checkout", checkout["id"], {"restaurant": restaurant["id"]})
    regional = [f"https://{region}.api.food.test" for region in REGIONS[checkout["customer"]["jurisdiction"]]]
    for url in (API, API, *regional):
        placed = await tried(user, f"{url}/orders", checkout)
        if placed:
            known = {"order_id": placed["order"]["order_id"], "customer_id": checkout["customer"]["id"]}
            user.acknowledged("checkout", checkout["id"], {"restaurant": restaurant["id"]})
            user.acknowledged("order", known["order_id"], known)
            await track(user, known["order_id"])
            return


async def tried(user, url, checkout):
    """The order, or None if there was no answer, or none of use."""
    try:
        return await asked(user, "POST", url, body=checkout)
    except OSError:
        return None


async def track(user, order_id):
    """Look at an order that was placed just now."""
    answer = await user.get(f"{API}/orders/{order_id}")
    user.answered_by(answer.header("x-food-region"))
    user.saw("order", order_id, answer.json() if answer.ok else None)


def customer(user):
    """Somebody new, with a name and an address that occur nowhere else."""
    token = user.chance.token(8)
    return {
        "id": user.chance.uuid(),
        "jurisdiction": CITIES[user.city][1],
        "name": f"Customer {token}",
        "address": f"{1 + user.chance.randrange(200)} Street {token}",
        "phone": f"+00 {user.chance.randrange(10**9):09}",
    }


async def administer(user):
    """Change what a restaurant is rated. Without the master region this is refused, with a reason, as it should be."""
    shown = await asked(user, "GET", f"{CATALOG}/restaurants/{CITIES[user.city][0].lower().replace(' ', '-')}-01")
    if shown is None:
        return
    about = {name: shown[name] for name in ("name", "city", "cuisine", "jurisdiction")}
    about["rating"] = (30 + user.chance.randrange(21)) / 10
    kept = {"id": shown["id"], "rating": f"{about['rating']:g}"}
    user.writing("change", shown["id"], kept)
    answer = await user.put(f"{ADMIN}/restaurants/{shown['id']}", json=about, headers=TOKEN)
    user.answered_by(answer.header("x-food-region"))
    if answer.ok:
        user.acknowledged("change", shown["id"], kept)
    elif answer.status == 503 and "NotMaster" in answer.text:
        user.expected()
    else:
        user.failed(f"the change was answered with {answer.status}")


async def asked(user, method, url, body=None):
    """What was answered, or None after a failure. Sent once more to where an answer says that it belongs."""
    answer = await user.request(method, url, json=body)
    if answer.status in (409, 421) and "url" in answer.json():
        answer = await user.request(method, answer.json()["url"], json=body)
    user.answered_by(answer.header("x-food-region"))
    if answer.ok:
        return answer.json()
    return user.failed(f"{method} was answered with {answer.status}")
