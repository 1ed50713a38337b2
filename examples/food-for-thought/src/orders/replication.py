"""Orders go from their home region to all others: by the table's stream, and by a queue to regions that were away.

Only an order's home sends it, and what arrives elsewhere is marked, so nothing goes round in circles. Versions only
grow: what arrives late, twice or in the wrong order changes nothing.
"""

import json
import os
import time

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError

import model
import store
from common import log, metrics
from common.http import Refused
from common.places import HERE, OTHERS
from later import come_again, sqs

QUEUE_URL = os.environ["PARKED_QUEUE_URL"]
LEFT_ALONE_S = 3
PAUSE_MAX_S = int(os.environ.get("PARKED_PAUSE_MAX_S", "30"))

plain = TypeDeserializer().deserialize
_away_until: dict[str, float] = {}


def from_stream(event, _context):
    """Every change of this region's table, in order. The first that fails is begun with again."""
    for record in event["Records"]:
        try:
            changed(record["dynamodb"])
        except Exception:  # noqa: BLE001 - the record comes again
            log.failure("change not replicated", sequence_number=record["dynamodb"]["SequenceNumber"])
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def changed(change: dict) -> None:
    order = {name: plain(value) for name, value in change.get("NewImage", {}).items()}
    if not order:
        return  # orders are never deleted by us; what an operator deletes here is deleted here only
    with log.correlated(order["correlation_id"]):
        if "replicated_from" in order:
            log.info("copy arrived", order_id=order["order_id"], version=order["version"], home=order["home"])
            settle_twin(order)
            return
        for region in OTHERS:
            if not sent(order, region):
                park(order["order_id"], region)


def sent(order: dict, region: str) -> bool:
    """Whether a region has the order now. One that did not answer is left alone for a moment."""
    if time.monotonic() < _away_until.get(region, 0.0):
        return False
    try:
        store.send(order, region)
    except (BotoCoreError, ClientError) as error:
        _away_until[region] = time.monotonic() + LEFT_ALONE_S
        log.warning("region away", to=region, trouble=type(error).__name__)
        return False
    lag_ms = (time.time() - store.seconds(order["changed_at"])) * 1000
    metrics.put("ReplicationLag", round(lag_ms), "Milliseconds", To=region)
    log.info("order replicated", order_id=order["order_id"], version=order["version"], to=region)
    return True


def park(order_id: str, region: str) -> None:
    body = {"order_id": order_id, "to": region, "correlation_id": log.correlation_id()}
    sqs.send_message(QueueUrl=QUEUE_URL, MessageBody=json.dumps(body))
    metrics.count("ReplicationParked", To=region)


def from_queue(event, _context):
    """What was parked: the order is sent as it is now, so messages may come in any order."""
    failed = [message["messageId"] for message in event["Records"] if not drained(message)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def drained(message: dict) -> bool:
    parked = json.loads(message["body"])
    with log.correlated(parked["correlation_id"]):
        order = store.read(parked["order_id"])
        if order is None or sent(order, parked["to"]):
            return True
        come_again(QUEUE_URL, message, PAUSE_MAX_S)
        return False


def settle_twin(copy: dict) -> None:
    """A customer who had no answer here and tried again there has two orders of one checkout, paid by one charge.

    The one that was placed later is the one that the customer has heard of; the earlier is cancelled by its home.
    Of two that were placed in the same millisecond one has to stay, too: the one whose id is the greater.
    """
    twin_id = model.order_id(HERE, model.checkout_of(copy["order_id"]))
    twin = store.read(twin_id)
    if twin is None or copy["state"] == "cancelled" or placed(twin) > placed(copy):
        return
    try:
        store.move(twin_id, "cancelled", reason="placed again elsewhere", superseded_by=copy["order_id"])
    except Refused as refused:
        if refused.body["error"] != "IllegalMove":
            raise
        log.warning("twin stays", order_id=twin_id, state=refused.body["state"])  # in the kitchen, or cancelled already


def placed(order: dict) -> tuple[str, str]:
    return order["placed_at"], order["order_id"]
