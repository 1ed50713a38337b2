"""Charges for orders that were placed. A pipe puts every order that is new in its home region into a queue of charges.

The queue delivers at least once, the provider may have taken money without our hearing of it, and this region may be
lost at any line of this. So a charge has the checkout's id as its idempotency key, an earlier attempt is looked up
before another is made, and the order moves on by a conditional write: it is charged once, and prepared only when paid.
"""

import json
import os
import time

import bank
import model
import store
from common import log, metrics
from common.http import Refused
from later import attempt_of, come_again

QUEUE_URL = os.environ["CHARGES_QUEUE_URL"]
PAUSE_MAX_S = int(os.environ.get("CHARGES_PAUSE_MAX_S", "60"))
NEW_S = 60
"""For so long the first delivery of an order's message is taken for the first attempt."""


def handler(event, _context):
    failed = [record["messageId"] for record in event["Records"] if not settled(record)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def settled(message: dict) -> bool:
    """Whether the payment of the message's order is decided; if not, the message comes again, later each time."""
    asked = json.loads(message["body"])
    attempt = attempt_of(message)
    with log.correlated(asked["correlation_id"]):
        try:
            settle(asked["order_id"], is_first=attempt == 1)
        except bank.Unknown as error:
            log.warning("charge unknown", order_id=asked["order_id"], attempt=attempt, trouble=str(error))
            metrics.count("ChargesUnknown")
            come_again(QUEUE_URL, message, PAUSE_MAX_S)
            return False
        except Exception:  # noqa: BLE001 - the message comes again
            log.failure("charge failed", order_id=asked["order_id"], attempt=attempt)
            return False
        return True


def settle(order_id: str, is_first: bool) -> None:
    """Take an order that was placed to paid or cancelled. Raises bank.Unknown."""
    order = store.read(order_id)
    if order is None or order["state"] != "placed":
        return
    try:
        decided("paid", order_id, charge_id=charge_for(order, is_first)["id"])
    except bank.Declined:
        decided("cancelled", order_id, reason="the card was declined")


def charge_for(order: dict, is_first: bool) -> dict:
    """The charge that was made, or one that is made now. A message that was sent back from the dead-letter queue is
    counted anew, perhaps days later, when the provider may have forgotten the key: who comes late looks first, too."""
    reference = model.checkout_of(order["order_id"])
    is_new = is_first and time.time() - store.seconds(order["placed_at"]) < NEW_S
    if not is_new and (charge := bank.charge_by(reference)):
        return charge
    person = store.person_of(order)
    return bank.charge(reference, order["total_cents"], order["currency"], person["card"])


def decided(state: str, order_id: str, **facts: str) -> None:
    try:
        store.move(order_id, state, **facts)
    except Refused as refused:
        if refused.body["error"] != "IllegalMove":
            raise
        log.info("decided before", order_id=order_id, state=refused.body["state"])  # by another delivery of the message
        return
    log.info("order moved", order_id=order_id, state=state)
    metrics.count("OrdersPaid" if state == "paid" else "OrdersDeclined")
