"""Two hundred restaurants in ten cities, with their menus: the same ones every time. Pure.

for restaurant in restaurants():  {"id", "name", "city", "jurisdiction", "cuisine", "rating", "menus": {...}}
"""

import random

CITIES = {
    "New York": ("US", "USD"),
    "Boston": ("US", "USD"),
    "Chicago": ("US", "USD"),
    "Seattle": ("US", "USD"),
    "Toronto": ("US", "USD"),
    "London": ("EU", "GBP"),
    "Dublin": ("EU", "EUR"),
    "Paris": ("EU", "EUR"),
    "Berlin": ("EU", "EUR"),
    "Madrid": ("EU", "EUR"),
}
PER_CITY = 20

CUISINES = {
    "Italian": (
        ("Trattoria", "Osteria", "Pizzeria"),
        ("Bruschetta", "Arancini", "Caprese"),
        ("Margherita", "Tagliatelle al ragù", "Risotto ai funghi", "Gnocchi", "Lasagne"),
        ("Tiramisù", "Panna cotta"),
    ),
    "Indian": (
        ("Tandoor", "Masala House", "Curry Leaf"),
        ("Samosas", "Onion bhaji", "Papadums"),
        ("Chana masala", "Lamb rogan josh", "Palak paneer", "Chicken korma", "Biryani"),
        ("Gulab jamun", "Mango kulfi"),
    ),
    "Japanese": (
        ("Ramen Bar", "Sushi Counter", "Izakaya"),
        ("Edamame", "Gyoza", "Miso soup"),
        ("Shoyu ramen", "Salmon nigiri", "Katsu curry", "Udon", "Vegetable tempura"),
        ("Mochi", "Matcha ice cream"),
    ),
    "Mexican": (
        ("Taqueria", "Cantina", "Comedor"),
        ("Guacamole", "Elote", "Nachos"),
        ("Tacos al pastor", "Bean burrito", "Enchiladas verdes", "Fish tacos", "Chicken mole"),
        ("Churros", "Flan"),
    ),
    "Lebanese": (
        ("Mezze House", "Cedar Kitchen", "Grill"),
        ("Hummus", "Tabbouleh", "Falafel"),
        ("Chicken shawarma", "Mixed grill", "Stuffed aubergine", "Kafta", "Mujaddara"),
        ("Baklava", "Rice pudding"),
    ),
}
OWNERS = ("Aurora", "Bianca", "Carmen", "Daria", "Elio", "Farid", "Greta", "Hana", "Ines", "Jonas", "Kenji", "Lucia")
DESCRIPTIONS = ("As at home.", "For two who share.", "The house's own.", "Small, and enough.")
COURSES = (("starters", "Starters", 500, 1100), ("mains", "Mains", 1100, 2400), ("desserts", "Desserts", 500, 900))


def restaurants() -> list[dict]:
    chance = random.Random("food for thought")
    return [_restaurant(chance, city, number) for city in CITIES for number in range(1, PER_CITY + 1)]


def _restaurant(chance: random.Random, city: str, number: int) -> dict:
    jurisdiction, currency = CITIES[city]
    cuisine = chance.choice(list(CUISINES))
    kinds, *courses = CUISINES[cuisine]
    return {
        "id": f"{city.lower().replace(' ', '-')}-{number:02}",
        "name": f"{chance.choice(kinds)} {chance.choice(OWNERS)}",
        "city": city,
        "jurisdiction": jurisdiction,
        "cuisine": cuisine,
        "rating": chance.randint(30, 50) / 10,
        "menus": {
            course: {"name": name, "position": place, "dishes": _dishes(chance, course, dishes, least, most, currency)}
            for place, ((course, name, least, most), dishes) in enumerate(zip(COURSES, courses, strict=True))
        },
    }


def _dishes(
    chance: random.Random, course: str, names: tuple[str, ...], least: int, most: int, currency: str
) -> dict[str, dict]:
    return {
        f"{course}-{number}": {
            "name": name,
            "description": chance.choice(
                ("As at home.", "For two who share.", "The house's own.", "Small, and enough.")
            ),
            "price_cents": chance.randrange(least, most, 50),
            "currency": currency,
        }
        for number, name in enumerate(names, 1)
    }
