"""DynamoDB's operations, in the API reference's order. Each lives in the file that its group has."""

from panregion.services.dynamodb.definitions import create_table, delete_table, describe_table, list_tables
from panregion.services.dynamodb.items import delete_item, get_item, put_item, update_item
from panregion.services.dynamodb.querying import query, scan

__all__ = [
    "create_table",
    "delete_item",
    "delete_table",
    "describe_table",
    "get_item",
    "list_tables",
    "put_item",
    "query",
    "scan",
    "update_item",
]
