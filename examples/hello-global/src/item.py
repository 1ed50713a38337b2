"""POST /item writes an item; GET /item/{id} reads it. Both say which region answered."""

import json
import os
import uuid
from datetime import UTC, datetime

import boto3

REGION = os.environ["AWS_REGION"]
TABLE = os.environ["TABLE_NAME"]

dynamodb = boto3.client("dynamodb")


def handler(event, _context):
    if event["httpMethod"] == "POST":
        return write(event["body"])
    return read(event["pathParameters"]["id"])


def write(body):
    try:
        given = json.loads(body or "{}")
        item = {"id": str(given.get("id") or uuid.uuid4()), "text": str(given.get("text", ""))}
    except (ValueError, AttributeError):
        return answer(400, {"message": "send a JSON object"})
    item |= {"written_in": REGION, "written_at": datetime.now(UTC).isoformat()}
    dynamodb.put_item(TableName=TABLE, Item={name: {"S": value} for name, value in item.items()})
    return answer(201, item)


def read(item_id):
    found = dynamodb.get_item(TableName=TABLE, Key={"id": {"S": item_id}}).get("Item")
    if found is None:
        return answer(404, {"message": f"there is no item {item_id} here (yet)"})
    return answer(200, {name: value["S"] for name, value in found.items()})


def answer(status, body):
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({**body, "answered_by": REGION}),
    }
