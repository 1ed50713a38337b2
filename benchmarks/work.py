"""The kinds of work that are measured, as prepared DynamoDB requests on a table of items of about 400 bytes."""

import json
from collections.abc import Callable
from typing import Any

TABLE = "bench"
QUERIED = "bench-queried"
ITEMS = 1000
ITEM_BYTES = 400
QUERY_ITEMS = 100
TRANSACTION_PUTS = 4

Payload = dict[str, Any]


def key(number: int) -> Payload:
    return {"pk": {"S": f"item-{number % ITEMS:06}"}}


def item(number: int) -> Payload:
    return {**key(number), "n": {"N": str(number)}, "data": {"S": "x" * (ITEM_BYTES - 60)}}


def queried(number: int) -> Payload:
    """An item of the table that Query reads: one partition with a sort key."""
    return {"pk": {"S": "one"}, "sk": {"N": str(number)}, "data": {"S": "x" * (ITEM_BYTES - 60)}}


def put_item(number: int) -> Payload:
    return {"TableName": TABLE, "Item": item(number)}


def get_item(number: int) -> Payload:
    return {"TableName": TABLE, "Key": key(number)}


def update_item(number: int) -> Payload:
    return {
        "TableName": TABLE,
        "Key": key(number),
        "UpdateExpression": "ADD n :one SET changed = :when",
        "ConditionExpression": "attribute_exists(pk) AND n >= :zero",
        "ExpressionAttributeValues": {":one": {"N": "1"}, ":zero": {"N": "0"}, ":when": {"S": f"t{number}"}},
    }


def query(_number: int) -> Payload:
    return {
        "TableName": QUERIED,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "one"}},
    }


def transact_write_items(number: int) -> Payload:
    puts = [{"Put": {"TableName": TABLE, "Item": item(4 * number + n)}} for n in range(TRANSACTION_PUTS)]
    return {"TransactItems": puts}


WORKS: dict[str, tuple[str, Callable[[int], Payload]]] = {
    "PutItem": ("PutItem", put_item),
    "GetItem": ("GetItem", get_item),
    f"Query of {QUERY_ITEMS}": ("Query", query),
    "UpdateItem, condition and ADD": ("UpdateItem", update_item),
    f"TransactWriteItems of {TRANSACTION_PUTS} puts": ("TransactWriteItems", transact_write_items),
}
"""Name -> (operation, payload of the n-th request)."""


def request(address: tuple[str, int], operation: str, payload: Payload) -> bytes:
    """A DynamoDB request in the form that SDKs send; nobody here verifies its signature."""
    body = json.dumps(payload).encode()
    head = (
        f"POST / HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nX-Amz-Target: DynamoDB_20120810.{operation}\r\n"
        "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20261121T000000Z\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/dynamodb/aws4_request, "
        f"SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def prepared(address: tuple[str, int], work: str) -> list[bytes]:
    """A request for every one of the items."""
    operation, payload = WORKS[work]
    return [request(address, operation, payload(number)) for number in range(ITEMS)]
