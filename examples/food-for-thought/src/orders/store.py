"""Where orders lie: this region's table of orders, and the tables of what is known of people, by jurisdiction.

An order has its home region in its key. Only its home region writes here with `place` and `move`; what other regions
send of theirs comes in by `accept`. Every write says what it expects to find.
"""

import os
from datetime import UTC, datetime

import boto3
from boto3.dynamodb.conditions import Key
from botocore.config import Config
from botocore.exceptions import ClientError

import model
from common import log
from common.http import Refused
from common.places import HERE, REGIONS

ORDERS = os.environ["ORDERS_TABLE"]
PEOPLE = {jurisdiction: os.environ.get(f"PEOPLE_TABLE_{jurisdiction}") for jurisdiction in model.JURISDICTIONS}
"""A function in America is not told of the table of Europeans; nor may its role read it, nor is there one."""
BY_CUSTOMER = "by-customer"
LISTED_MAX = 50
TRIES = 3
NOT_AS_EXPECTED = ("ConditionalCheckFailedException", "TransactionCanceledException")

near = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "max_attempts": 3})
far = Config(connect_timeout=1, read_timeout=2, retries={"max_attempts": 0})

dynamodb = boto3.resource("dynamodb", config=near)
orders = dynamodb.Table(ORDERS)
_elsewhere: dict = {}


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def seconds(moment: str) -> float:
    """What `now` said, in unix seconds."""
    return datetime.fromisoformat(moment).timestamp()


def place(checkout: model.Checkout, contents: dict) -> tuple[dict, bool]:
    """The order of a checkout, and whether it is new: stored whole with the person it is for, or found as it was."""
    placed_at = now()
    order = {
        "order_id": model.order_id(HERE, checkout.id),
        "home": HERE,
        "customer_id": checkout.customer_id,
        "jurisdiction": checkout.jurisdiction,
        **contents,
        "state": "placed",
        "version": 1,
        "placed_at": placed_at,
        "changed_at": placed_at,
        "correlation_id": log.correlation_id(),
    }
    try:
        dynamodb.meta.client.transact_write_items(TransactItems=_all_or_nothing(order, checkout))
    except ClientError as error:
        if error.response["Error"]["Code"] not in NOT_AS_EXPECTED:
            raise
        return _placed_before(checkout.id), False
    return order, True


def _all_or_nothing(order: dict, checkout: model.Checkout) -> list[dict]:
    """The order and the person, if no region that we have heard of has an order of this checkout."""
    absent = {"TableName": ORDERS, "ConditionExpression": "attribute_not_exists(order_id)"}
    others = [model.order_id(region, checkout.id) for region in REGIONS if region != HERE]
    person = {"order_id": order["order_id"], "customer_id": checkout.customer_id, **checkout.person}
    return [
        {"Put": {**absent, "Item": order}},
        *({"ConditionCheck": {**absent, "Key": {"order_id": other}}} for other in others),
        {"Put": {"TableName": PEOPLE[checkout.jurisdiction], "Item": person}},
    ]


def _placed_before(checkout_id: str) -> dict:
    """The order of a checkout that somebody has; of two, the one that the other has given way to."""
    found = [order for region in REGIONS if (order := read(model.order_id(region, checkout_id)))]
    if not found:
        raise Refused(503, "TryAgain", "This order is being placed at this moment. Please try again.")
    return min(found, key=lambda order: "superseded_by" in order)


def read(order_id: str) -> dict | None:
    return orders.get_item(Key={"order_id": order_id}, ConsistentRead=True).get("Item")


def person_of(order: dict) -> dict | None:
    """Who an order is for, where this region may know; a charge asks within moments of the order, so as it is now."""
    table = PEOPLE[order["jurisdiction"]]
    if not table:
        return None
    return dynamodb.Table(table).get_item(Key={"order_id": order["order_id"]}, ConsistentRead=True).get("Item")


def of_customer(customer_id: str) -> list[dict]:
    """A customer's orders, the latest first."""
    condition = Key("customer_id").eq(customer_id)
    found = orders.query(
        IndexName=BY_CUSTOMER, KeyConditionExpression=condition, ScanIndexForward=False, Limit=LISTED_MAX
    )
    return found["Items"]


def move(order_id: str, to: str, **facts: str) -> dict:
    """Take an order of this region to another state, with what became known of it.

    Raises Refused: UnknownOrder; IllegalMove, also for a move that somebody else made first.
    """
    for _ in range(TRIES):
        order = read(order_id)
        if order is None:
            raise Refused(404, "UnknownOrder", "There is no such order.")
        if not model.is_legal(order["state"], to):
            raise Refused(409, "IllegalMove", f"An order that is {order['state']} cannot become {to}.", **_state(order))
        moved = {
            **order,
            **facts,
            "state": to,
            "version": order["version"] + 1,
            "changed_at": now(),
            "correlation_id": log.correlation_id(),  # whoever asked for this move finds it in every region's log
        }
        if _replaced(order, moved):
            return moved
    raise Refused(503, "TryAgain", "This order is being changed at this moment. Please try again.")


def _state(order: dict) -> dict:
    return {"state": order["state"]}


def _replaced(order: dict, moved: dict) -> bool:
    """Write an order of ours over the version that was read; false if there is another by now."""
    try:
        orders.put_item(
            Item=moved,
            ConditionExpression="home = :here AND version = :read",
            ExpressionAttributeValues={":here": HERE, ":read": order["version"]},
        )
    except ClientError as error:
        return _unless_outdated(error)
    return True


def send(order: dict, region: str) -> bool:
    """Write an order of ours into another region's table, marked as a copy; false if it had this version or a later."""
    if region not in _elsewhere:
        _elsewhere[region] = boto3.resource("dynamodb", region_name=region, config=far).Table(ORDERS)
    try:
        _elsewhere[region].put_item(
            Item={**order, "replicated_from": HERE},
            ConditionExpression="attribute_not_exists(order_id) OR version < :sent",
            ExpressionAttributeValues={":sent": order["version"]},
        )
    except ClientError as error:
        return _unless_outdated(error)
    return True


def _unless_outdated(error: ClientError) -> bool:
    if error.response["Error"]["Code"] not in NOT_AS_EXPECTED:
        raise error
    return False
