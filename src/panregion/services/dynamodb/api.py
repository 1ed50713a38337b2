"""DynamoDB's operations, in the API reference's order. Each lives in the file that its group has."""

from panregion.services.dynamodb.backups import create_backup, delete_backup, describe_backup, list_backups
from panregion.services.dynamodb.batches import batch_get_item, batch_write_item
from panregion.services.dynamodb.changes import update_table
from panregion.services.dynamodb.definitions import create_table, delete_table, describe_table, list_tables
from panregion.services.dynamodb.exports import describe_export, export_table_to_point_in_time, list_exports
from panregion.services.dynamodb.global_tables_2017 import (
    create_global_table,
    describe_global_table,
    describe_global_table_settings,
    list_global_tables,
    update_global_table,
    update_global_table_settings,
)
from panregion.services.dynamodb.imports import describe_import, import_table, list_imports
from panregion.services.dynamodb.insights import (
    describe_contributor_insights,
    list_contributor_insights,
    update_contributor_insights,
)
from panregion.services.dynamodb.items import delete_item, get_item, put_item, update_item
from panregion.services.dynamodb.options import (
    describe_endpoints,
    describe_kinesis_streaming_destination,
    describe_limits,
    describe_time_to_live,
    list_tags_of_resource,
    tag_resource,
    untag_resource,
    update_time_to_live,
)
from panregion.services.dynamodb.partiql import batch_execute_statement, execute_statement
from panregion.services.dynamodb.partiql_transactions import execute_transaction
from panregion.services.dynamodb.policies import delete_resource_policy, get_resource_policy, put_resource_policy
from panregion.services.dynamodb.querying import query, scan
from panregion.services.dynamodb.recovery import describe_continuous_backups, update_continuous_backups
from panregion.services.dynamodb.restores import restore_table_from_backup, restore_table_to_point_in_time
from panregion.services.dynamodb.transactions import transact_get_items, transact_write_items

__all__ = [
    "batch_execute_statement",
    "batch_get_item",
    "batch_write_item",
    "create_backup",
    "create_global_table",
    "create_table",
    "delete_backup",
    "delete_item",
    "delete_resource_policy",
    "delete_table",
    "describe_backup",
    "describe_continuous_backups",
    "describe_contributor_insights",
    "describe_endpoints",
    "describe_export",
    "describe_global_table",
    "describe_global_table_settings",
    "describe_import",
    "describe_kinesis_streaming_destination",
    "describe_limits",
    "describe_table",
    "describe_time_to_live",
    "execute_statement",
    "execute_transaction",
    "export_table_to_point_in_time",
    "get_item",
    "get_resource_policy",
    "import_table",
    "list_backups",
    "list_contributor_insights",
    "list_exports",
    "list_global_tables",
    "list_imports",
    "list_tables",
    "list_tags_of_resource",
    "put_item",
    "put_resource_policy",
    "query",
    "restore_table_from_backup",
    "restore_table_to_point_in_time",
    "scan",
    "tag_resource",
    "transact_get_items",
    "transact_write_items",
    "untag_resource",
    "update_continuous_backups",
    "update_contributor_insights",
    "update_global_table",
    "update_global_table_settings",
    "update_item",
    "update_table",
    "update_time_to_live",
]
