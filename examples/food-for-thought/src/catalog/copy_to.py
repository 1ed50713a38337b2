"""A queue of changes, written into the table of another region.

While that region is away its queue keeps them, in order for each restaurant. What is older than what the other table
has is passed over, so a change that comes twice, or late out of the dead-letter queue, does no harm; nor does it if its
restaurant was removed meanwhile, of which the other table knows nothing more: then the master's says so.
"""

import json
import os
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from common import log, metrics

TABLE = os.environ["TABLE_NAME"]
TARGET = os.environ["TARGET_REGION"]

impatient = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
dynamodb = boto3.client("dynamodb", region_name=TARGET, config=impatient)
master = boto3.client("dynamodb", config=impatient)


def handler(event, _context):
    """Stops at the first change that cannot be written: neither it nor those after it are taken off the queue."""
    messages = event["Records"]
    for index, message in enumerate(messages):
        change = json.loads(message["body"])
        with log.correlated(change["correlation_id"]):
            try:
                copy(change)
            except (BotoCoreError, ClientError):
                log.failure("not copied", to=TARGET, restaurant=change["id"], version=change["version"])
                metrics.count("CopiesParked", To=TARGET)
                return {"batchItemFailures": [{"itemIdentifier": later["messageId"]} for later in messages[index:]]}
    return {"batchItemFailures": []}


def copy(change):
    if not write(change):
        log.info("passed over, it is known", to=TARGET, restaurant=change["id"], version=change["version"])
        return
    log.info("copied", to=TARGET, restaurant=change["id"], version=change["version"])
    if change["item"]:
        lag_ms = time.time() * 1000 - int(change["item"]["changed_ms"]["N"])
        metrics.put("ReplicationLag", round(lag_ms, 1), "Milliseconds", To=TARGET)


def write(change):
    """Whether the other table took it. Raises what boto3 raises if that is not known."""
    newer = {"ExpressionAttributeValues": {":version": {"N": change["version"]}}}
    if change["item"] and was_removed(change["id"]):
        return False
    try:
        if change["item"]:
            condition = "attribute_not_exists(id) OR version < :version"
            dynamodb.put_item(TableName=TABLE, Item=change["item"], ConditionExpression=condition, **newer)
        else:
            condition = "attribute_not_exists(id) OR version <= :version"
            key = {"id": {"S": change["id"]}}
            dynamodb.delete_item(TableName=TABLE, Key=key, ConditionExpression=condition, **newer)
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True


def was_removed(id):
    """Whether the master has this restaurant no more: that it was removed follows in the queue, or came before."""
    return "Item" not in master.get_item(TableName=TABLE, Key={"id": {"S": id}}, ConsistentRead=True)
