"""What administrators send, read field by field; whatever is wrong is said with the field's name. Pure."""

from decimal import Decimal

from common.http import Refused

LONGEST = 500


def restaurant(body: dict) -> dict:
    return {
        "name": text(body, "name"),
        "city": text(body, "city"),
        "cuisine": text(body, "cuisine"),
        "jurisdiction": one_of(body, "jurisdiction", ("US", "EU")),
        "rating": number(body, "rating", 0, 5),
    }


def menu(body: dict) -> dict:
    return {"name": text(body, "name"), "position": whole(body, "position", 0, 1000, default=0)}


def dish(body: dict) -> dict:
    return {
        "name": text(body, "name"),
        "description": text(body, "description", default=""),
        "price_cents": whole(body, "price_cents", 1, 1_000_000),
        "currency": one_of(body, "currency", ("USD", "EUR", "GBP")),
    }


def text(body, name, default=None):
    value = body.get(name, default)
    if not isinstance(value, str) or len(value) > LONGEST or (default is None and not value.strip()):
        raise Refused(400, "BadRequest", f"{name} must be a text of 1 to {LONGEST} characters.", field=name)
    return value.strip()


def one_of(body, name, choices):
    value = body.get(name)
    if value not in choices:
        raise Refused(400, "BadRequest", f"{name} must be one of {', '.join(choices)}.", field=name)
    return value


def number(body, name, least, most, default=None):
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Refused(400, "BadRequest", f"{name} must be a number from {least} to {most}.", field=name)
    return Decimal(str(value))


def whole(body, name, least, most, default=None):
    value = number(body, name, least, most, default)
    if value != int(value):
        raise Refused(400, "BadRequest", f"{name} must be a whole number.", field=name)
    return int(value)
