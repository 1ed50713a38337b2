"""GET /health asks whether this region can serve: it reads the table. GET /ping asks only whether it answers.

Several health checkers ask every few seconds; so that they do not become load themselves, the result is remembered
for a moment, and so that a table that hangs is noticed, the read is given up early.
"""

import json
import os
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

REGION = os.environ["AWS_REGION"]
TABLE = os.environ["TABLE_NAME"]
REMEMBERED_S = 3.0

dynamodb = boto3.client("dynamodb", config=Config(connect_timeout=1, read_timeout=1, retries={"max_attempts": 1}))
remembered = {"until": float("-inf"), "trouble": None}


def handler(event, _context):
    if event["path"].endswith("/ping"):
        return answer(200, {"status": "answering"})
    trouble = check(time.monotonic())
    if trouble is None:
        return answer(200, {"status": "healthy"})
    return answer(503, {"status": "unhealthy", "reason": trouble})


def check(now):
    """What is wrong with the table, as of a moment ago at most; None if nothing is."""
    if now >= remembered["until"]:
        remembered["trouble"] = read_table()
        remembered["until"] = now + REMEMBERED_S
    return remembered["trouble"]


def read_table():
    try:
        dynamodb.get_item(TableName=TABLE, Key={"id": {"S": "health"}})
    except (BotoCoreError, ClientError) as error:
        return str(error)
    return None


def answer(status, body):
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
        "body": json.dumps({**body, "answered_by": REGION}),
    }
