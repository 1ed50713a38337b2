"""What a service says in words of its own where its model alone would give the general ones."""

from collections.abc import Callable
from typing import Any

ENUM_ORDERS = {
    "ComparisonOperator": (
        *("IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT"),
        *("NOT_NULL", "NE", "LE", "BEGINS_WITH", "GE", "CONTAINS"),
    ),
    "ConditionalOperator": ("OR", "AND"),
    "ReturnConsumedCapacity": ("INDEXES", "TOTAL", "NONE"),
    "ReturnItemCollectionMetrics": ("SIZE", "NONE"),
    "ReturnValue": ("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"),
    "ScalarAttributeType": ("B", "N", "S"),
    "Select": ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
}
"""The orders in which DynamoDB lists the values of its enumerations."""


def enum_order(name: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """The values of an enumeration in the order in which they are told."""
    known = ENUM_ORDERS.get(name, ())
    return known if set(known) == set(values) else values


def of_its_own(service: str, shape_name: str, params: dict[str, Any]) -> str | None:
    """The message of a ValidationException that comes before all constraints."""
    complain = _COMPLAINTS.get((service, shape_name))
    return complain(params) if complain is not None else None


def _table_name_missing(params: dict[str, Any]) -> str | None:
    if params.get("TableName") is not None:
        return None
    return "The parameter 'TableName' is required but was not present in the request"


def _items_missing(operation: str) -> Callable[[dict[str, Any]], str | None]:
    def complain(params: dict[str, Any]) -> str | None:
        if params.get("RequestItems"):
            return None
        return f"The requestItems parameter is required for {operation}"

    return complain


_COMPLAINTS: dict[tuple[str, str], Callable[[dict[str, Any]], str | None]] = {
    ("dynamodb", "BatchGetItemInput"): _items_missing("BatchGetItem"),
    ("dynamodb", "BatchWriteItemInput"): _items_missing("BatchWriteItem"),
    **{
        ("dynamodb", f"{operation}Input"): _table_name_missing
        for operation in ("CreateTable", "DeleteTable", "DescribeTable", "DescribeTimeToLive", "UpdateTable")
    },
}
