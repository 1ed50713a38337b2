"""The table's stream, spread over the queues of the other regions; what happened to a restaurant stays in its order.

A change that could not be put into every queue stops the batch there: the stream comes again with it and what followed.
Queues drop what they were given twice, and copying is such that twice does no harm. But a removal must not overtake
what was removed, so one call has no restaurant twice: it may fail for one entry, and not for a later one.
"""

import json
import os

import boto3

from common import log

QUEUES = os.environ["QUEUE_URLS"].split()
AT_ONCE = 10  # the most that SQS takes in one call

sqs = boto3.client("sqs")


def handler(event, _context):
    for batch in batches(event["Records"]):
        failed = {index for queue in QUEUES for index in not_sent(queue, batch)}
        if failed:
            first = batch[min(failed)]["dynamodb"]["SequenceNumber"]
            return {"batchItemFailures": [{"itemIdentifier": first}]}
    return {"batchItemFailures": []}


def batches(records):
    """The records in their order, as many at once as one call takes, and no restaurant twice among them."""
    batch = {}
    for record in records:
        restaurant = record["dynamodb"]["Keys"]["id"]["S"]
        if restaurant in batch or len(batch) == AT_ONCE:
            yield list(batch.values())
            batch = {}
        batch[restaurant] = record
    if batch:
        yield list(batch.values())


def not_sent(queue, batch):
    """The places in the batch of what the queue did not take."""
    entries = [
        {
            "Id": str(index),
            "MessageGroupId": record["dynamodb"]["Keys"]["id"]["S"],
            "MessageDeduplicationId": record["eventID"],
            "MessageBody": json.dumps(change(record)),
        }
        for index, record in enumerate(batch)
    ]
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    failed = {int(failure["Id"]): failure["Code"] for failure in answer.get("Failed", [])}
    for index, code in failed.items():
        refused = change(batch[index])
        with log.correlated(refused["correlation_id"]):
            log.warning("not spread", queue=queue, trouble=code, restaurant=refused["id"], version=refused["version"])
    return list(failed)


def change(record):
    """What the other regions have to know: the item as it is now (None if it is gone), and its version."""
    item = record["dynamodb"].get("NewImage")
    last = item or record["dynamodb"]["OldImage"]
    return {
        "id": record["dynamodb"]["Keys"]["id"]["S"],
        "item": item,
        "version": last["version"]["N"],
        "correlation_id": last.get("correlation_id", {}).get("S"),
    }
