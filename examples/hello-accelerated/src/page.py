"""GET /health and GET /get/{id}: pages that name the region that answers. Both read the table, so both need it."""

import html
import os

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

REGION = os.environ["AWS_REGION"]
TABLE = os.environ["TABLE_NAME"]

dynamodb = boto3.client("dynamodb", config=Config(connect_timeout=1, read_timeout=1, retries={"max_attempts": 1}))


def handler(event, _context):
    path = event["path"]
    item_id = "health" if path == "/health" else path.removeprefix("/get/")
    try:
        item = dynamodb.get_item(TableName=TABLE, Key={"id": {"S": item_id}}).get("Item")
    except (BotoCoreError, ClientError) as error:
        return page(503, "unhealthy", str(error))
    if path == "/health":
        return page(200, "healthy", "The table answers.")
    if item is None:
        return page(404, item_id, "There is no such item here (yet).")
    return page(200, item_id, item.get("text", {}).get("S", ""))


def page(status, title, text):
    """A page with the region in its heading."""
    title, text = html.escape(title), html.escape(text)
    body = (
        f"<!doctype html><html lang=en><title>{title}</title>"
        f"<h1>{title}</h1><p>{text}</p><p>Answered by <strong>{REGION}</strong></p></html>\n"
    )
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False}
