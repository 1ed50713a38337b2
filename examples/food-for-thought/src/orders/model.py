"""What an order is: its names, its states, and what a customer must say to place one. Nothing here reads or writes."""

import re
import uuid
from dataclasses import dataclass, field

from common.http import Refused
from common.places import REGIONS

MOVES = {
    "placed": {"paid", "cancelled"},
    "paid": {"preparing", "cancelled"},
    "preparing": {"out_for_delivery"},
    "out_for_delivery": {"delivered"},
    "delivered": set(),
    "cancelled": set(),
}
BY_REQUEST = {"preparing", "out_for_delivery", "delivered"}
"""What kitchens and couriers may ask for. Whether an order is paid or cancelled, the payment decides."""

JURISDICTIONS = ("US", "EU")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TEXT_MAX = 200
LINES_MAX = 50
QUANTITY_MAX = 99


@dataclass(frozen=True)
class Checkout:
    """What a customer sends. Its id is drawn by the client, so that trying again means the same order."""

    id: str
    customer_id: str
    jurisdiction: str
    restaurant: str
    quantities: dict[str, int]
    """By dish."""
    person: dict[str, str] = field(repr=False)
    """Name, address, phone and card: what must not leave the customer's jurisdiction, nor be logged."""


def order_id(region: str, checkout_id: str) -> str:
    return f"{region}~{checkout_id}"


def home_of(order: str) -> str:
    """The home region of an order, from its id. Raises Refused for what is no order's id."""
    region, _, checkout_id = order.partition("~")
    if region not in REGIONS or not UUID.fullmatch(checkout_id):
        raise Refused(404, "UnknownOrder", "There is no such order.")
    return region


def checkout_of(order: str) -> str:
    return order.partition("~")[2]


def is_legal(state: str, to: str) -> bool:
    return to in MOVES.get(state, ())


def jurisdiction_in(body: dict) -> str:
    """Whose law holds for the customer: read before anything else of the body is. Raises Refused."""
    customer = body.get("customer")
    jurisdiction = customer.get("jurisdiction") if isinstance(customer, dict) else None
    if jurisdiction not in JURISDICTIONS:
        raise Refused(400, "BadRequest", f"customer.jurisdiction is one of {', '.join(JURISDICTIONS)}.")
    return jurisdiction


def checkout_from(body: dict) -> Checkout:
    """The checkout that a request asks for. Raises Refused, which names the field and never quotes it."""
    customer = body["customer"]
    return Checkout(
        id=_uuid(body.get("id", str(uuid.uuid4())), "id"),
        # It goes to every region, so nothing that tells who somebody is can be one: no address, no number.
        customer_id=_uuid(customer.get("id"), "customer.id"),
        jurisdiction=jurisdiction_in(body),
        restaurant=_text(body, "restaurant"),
        quantities=_quantities(body.get("lines")),
        person={
            **{name: _text(customer, name, "customer.") for name in ("name", "address", "phone")},
            "card": _text(body, "card"),
        },
    )


def _uuid(value, name: str) -> str:
    if not isinstance(value, str) or not UUID.fullmatch(value):
        raise Refused(400, "BadRequest", f"{name} is a UUID in small letters, drawn by the client.")
    return value


def _text(body: dict, name: str, where: str = "") -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= TEXT_MAX:
        raise Refused(400, "BadRequest", f"{where}{name} is a text of 1 to {TEXT_MAX} characters.")
    return value.strip()


def _quantities(lines) -> dict[str, int]:
    if not isinstance(lines, list) or not 0 < len(lines) <= LINES_MAX:
        raise Refused(400, "BadRequest", f"lines are 1 to {LINES_MAX} objects with dish and quantity.")
    quantities: dict[str, int] = {}
    for line in lines:
        quantity = line.get("quantity") if isinstance(line, dict) else None
        if type(quantity) is not int or not 0 < quantity <= QUANTITY_MAX:
            raise Refused(400, "BadRequest", f"A line's quantity is a number from 1 to {QUANTITY_MAX}.")
        dish = _text(line, "dish", "lines.")
        quantities[dish] = quantities.get(dish, 0) + quantity
    return quantities
