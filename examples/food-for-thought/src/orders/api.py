"""The order API: orders are placed in whichever region the customer reaches, can be read in all of them, and are
changed only in the one that they were placed in: their home."""

import time

import catalog
import health
import model
import store
from common import log, metrics, places
from common.http import Refused, body_of, serve

SHOWN = (
    *("order_id", "customer_id", "jurisdiction", "restaurant", "lines", "total_cents", "currency", "state", "version"),
    *("placed_at", "changed_at", "reason", "superseded_by"),
)


def handler(event, _context):
    return serve(ROUTES, event)


def create(event):
    body = body_of(event)
    keep_at_home(model.jurisdiction_in(body))
    checkout = model.checkout_from(body)
    order, is_new = store.place(checkout, catalog.priced(checkout.restaurant, checkout.quantities))
    if is_new:
        log.info("order placed", order_id=order["order_id"], total_cents=order["total_cents"])
        metrics.count("OrdersPlaced", Jurisdiction=order["jurisdiction"])
    return (201 if is_new else 200), {"order": view(order)}


def keep_at_home(jurisdiction: str) -> None:
    """Refuse what must not be processed here, before anything of it is looked at, stored or logged."""
    if not places.may_hold(places.HERE, jurisdiction):
        allowed = [region for region in places.OTHERS if places.may_hold(region, jurisdiction)]
        raise Refused(
            409,  # not 421: a browser sends that request once more by itself, person and all
            "WrongJurisdiction",
            "Orders of European customers are taken in Europe only.",
            url=f"{places.regional_url(allowed[0])}/orders",
            urls=[f"{places.regional_url(region)}/orders" for region in allowed],
        )


def read(event):
    order_id = event["pathParameters"]["order_id"]
    model.home_of(order_id)
    order = store.read(order_id)
    if order is None:
        raise Refused(404, "UnknownOrder", "There is no such order here (yet).")
    return 200, view(order) | deliver_to(order)


def of_customer(event):
    return 200, {"orders": [view(order) for order in store.of_customer(event["pathParameters"]["customer_id"])]}


def transition(event):
    order_id = event["pathParameters"]["order_id"]
    home = model.home_of(order_id)
    if home != places.HERE:
        url = f"{places.regional_url(home)}/orders/{order_id}/transitions"
        message = f"This order can be changed in {home} only."
        raise Refused(409, "NotHomeRegion", message, home_region=home, url=url)
    to = body_of(event).get("to")
    if to not in model.BY_REQUEST:
        raise Refused(409, "IllegalMove", f"An order can be asked to be {', '.join(sorted(model.BY_REQUEST))}.")
    order = store.move(order_id, to)
    log.info("order moved", order_id=order_id, state=to)
    return 200, {"order": view(order)}


def view(order: dict) -> dict:
    """An order as this region knows it, and how old that knowledge is."""
    seen = {name: order[name] for name in SHOWN if name in order}
    if order["home"] == places.HERE:
        return {**seen, "home_region": places.HERE, "as_of": store.now(), "age_s": 0}
    age_s = time.time() - store.seconds(order["changed_at"])
    return {
        **seen,
        "home_region": order["home"],
        "as_of": order["changed_at"],
        "age_s": max(0, round(age_s)),
        "note": f"This is a copy. What {order['home']} has done since {order['changed_at']} may not be in it.",
    }


def deliver_to(order: dict) -> dict:
    """Whom to bring it, if this region may know."""
    person = store.person_of(order)
    return {"deliver_to": {name: person[name] for name in ("name", "address", "phone")}} if person else {}


def healthy(_event):
    trouble = health.trouble()
    if trouble:
        return 503, {"status": "unhealthy", "reason": trouble}
    return 200, {"status": "healthy"}


ROUTES = {
    "POST /orders": create,
    "GET /orders/{order_id}": read,
    "POST /orders/{order_id}/transitions": transition,
    "GET /customers/{customer_id}/orders": of_customer,
    "GET /health": healthy,
}
