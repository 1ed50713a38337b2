"""What these operations share: applying what was given, and lists in pages."""

from collections.abc import Iterable
from typing import Any

import msgspec

from panregion.services.apigatewayv2.errors import BadRequestException
from panregion.services.apigatewayv2.model import Record, describe


def changed(record: Any, changes: dict[str, Any]) -> Any:
    """The record with those of the changes that were given."""
    return msgspec.structs.replace(record, **{name: value for name, value in changes.items() if value is not None})


def page(records: Iterable[Record], max_results: str | None, next_token: str | None) -> dict[str, Any]:
    """One page; API Gateway's numbers here are texts."""
    everything = [describe(record) for record in records]
    try:
        start, size = int(next_token or 0), int(max_results or 100)
    except ValueError as error:
        raise BadRequestException("Invalid page") from error
    answer: dict[str, Any] = {"Items": everything[start : start + size]}
    if start + size < len(everything):
        answer["NextToken"] = str(start + size)
    return answer
