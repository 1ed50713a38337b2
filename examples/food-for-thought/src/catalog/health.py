"""GET /health: can this region show its catalog? It looks into the table, as browsing does.

Checkers from all over the world ask every few seconds. The result is remembered for a moment, so that they are no load
themselves, and a table that hangs is given up early.
"""

import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from common import log, places
from common.http import serve
from restaurants import table

REMEMBERED_S = 5.0

impatient = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})
dynamodb = boto3.client("dynamodb", config=impatient)
remembered = {"until": float("-inf"), "well": False}


def handler(event, _context):
    return serve({"GET /health": health}, event)


def health(_event):
    now = time.monotonic()
    if now >= remembered["until"]:
        remembered.update(well=can_read(), until=now + REMEMBERED_S)
    if remembered["well"]:
        return 200, {"status": "healthy", "region": places.HERE}
    return 503, {"status": "unhealthy", "region": places.HERE, "reason": "The table cannot be read."}


def can_read():
    try:
        dynamodb.scan(TableName=table.name, IndexName="by-city", Limit=1)
    except (BotoCoreError, ClientError):
        log.failure("the table cannot be read")
        return False
    return True
