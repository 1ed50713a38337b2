"""The table's stream, spread over the queues of the other regions; what happened to a restaurant stays in its order.

A change that could not be put into every queue stops the batch there: the stream comes again with it and what followed.
Queues drop what they were given twice, and copying is such that twice does no harm.
"""

import json
import os

import boto3

QUEUES = os.environ["QUEUE_URLS"].split()
AT_ONCE = 10  # the most that SQS takes in one call

sqs = boto3.client("sqs")


def handler(event, _context):
    records = event["Records"]
    for start in range(0, len(records), AT_ONCE):
        batch = records[start : start + AT_ONCE]
        failed = {index for queue in QUEUES for index in not_sent(queue, batch)}
        if failed:
            first = batch[min(failed)]["dynamodb"]["SequenceNumber"]
            return {"batchItemFailures": [{"itemIdentifier": first}]}
    return {"batchItemFailures": []}


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
    return [int(failure["Id"]) for failure in answer.get("Failed", [])]


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
