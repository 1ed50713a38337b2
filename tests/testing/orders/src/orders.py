"""Orders: written and read in the region that the user reached."""

import json
import os
import uuid
from typing import Any

import boto3

dynamodb = boto3.client("dynamodb")


def answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    return {"statusCode": status, "body": json.dumps({**body, "region": os.environ["AWS_REGION"]})}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    if event["path"] == "/health":
        return answer(200, {"status": "well"})
    if event["httpMethod"] == "POST":
        order = {**json.loads(event["body"]), "id": str(uuid.uuid4())}
        dynamodb.put_item(TableName="orders", Item={key: {"S": str(value)} for key, value in order.items()})
        return answer(201, order)
    item = dynamodb.get_item(TableName="orders", Key={"id": {"S": event["pathParameters"]["id"]}}).get("Item")
    if item is None:
        return answer(404, {"message": "no such order"})
    return answer(200, {key: value["S"] for key, value in item.items()})
