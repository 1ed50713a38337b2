"""DynamoDB's operations, in the API reference's order. Each lives in the file that its group has."""

from panregion.services.dynamodb.batches import batch_get_item, batch_write_item
from panregion.services.dynamodb.definitions import create_table, delete_table, describe_table, list_tables
from panregion.services.dynamodb.items import delete_item, get_item, put_item, update_item
from panregion.services.dynamodb.querying import query, scan
from panregion.services.dynamodb.transactions import transact_get_items, transact_write_items

__all__ = [
    "batch_get_item",
    "batch_write_item",
    "create_table",
    "delete_item",
    "delete_table",
    "describe_table",
    "get_item",
    "list_tables",
    "put_item",
    "query",
    "scan",
    "transact_get_items",
    "transact_write_items",
    "update_item",
]
