"""Contributor insights: turned on and off, and told. There is nothing here that would graph them.

("dynamodb-insights", id of a table, index or "")    -> Insight, MessagePack
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from panregion.services.dynamodb import layout
from panregion.services.dynamodb.definitions import known_table
from panregion.services.dynamodb.errors import ResourceNotFoundException, ValidationException
from panregion.services.dynamodb.model import Table
from panregion.services.here import Here
from panregion.services.service import reads

INSIGHTS = "dynamodb-insights"
PAGE = 100
DEFAULT_MODE = "ACCESSED_AND_THROTTLED_KEYS"

Output = dict[str, Any]


class Insight(msgspec.Struct, frozen=True):
    """Whether it is on for a table or an index, how, and since when."""

    enabled: bool
    mode: str
    changed: float


def _table(here: Here, table_name: str, index_name: str | None) -> Table:
    table = known_table(here, table_name).table
    if index_name is not None and table.index(index_name) is None:
        raise ResourceNotFoundException(f"Requested resource not found: Index: {index_name} not found")
    return table


def _read(here: Here, table: Table, index_name: str | None) -> Insight | None:
    data = here.tx.get((INSIGHTS, table.id, index_name or ""))
    return None if data is None else msgspec.msgpack.decode(data, type=Insight)


def _named(table: Table, index_name: str | None) -> Output:
    return {"TableName": table.name, **({"IndexName": index_name} if index_name else {})}


def _state(insight: Insight | None) -> Output:
    if insight is None or not insight.enabled:
        return {"ContributorInsightsStatus": "DISABLED"}
    return {"ContributorInsightsStatus": "ENABLED", "ContributorInsightsMode": insight.mode}


def update_contributor_insights(
    here: Here,
    table_name: str,
    contributor_insights_action: str,
    index_name: str | None = None,
    contributor_insights_mode: str | None = None,
) -> Output:
    table = _table(here, table_name, index_name)
    known = _read(here, table, index_name)
    enabled = contributor_insights_action == "ENABLE"
    mode = contributor_insights_mode or (known.mode if known is not None else DEFAULT_MODE)
    here.tx.put((INSIGHTS, table.id, index_name or ""), msgspec.msgpack.encode(Insight(enabled, mode, here.now())))
    status = "ENABLING" if enabled else "DISABLING"
    return {**_named(table, index_name), "ContributorInsightsStatus": status, "ContributorInsightsMode": mode}


@reads
def describe_contributor_insights(here: Here, table_name: str, index_name: str | None = None) -> Output:
    table = _table(here, table_name, index_name)
    insight = _read(here, table, index_name)
    output = {**_named(table, index_name), **_state(insight)}
    if insight is not None:
        output["LastUpdateDateTime"] = insight.changed
        if insight.enabled:
            output["ContributorInsightsRuleList"] = _rules(table, index_name)
    return output


def _rules(table: Table, index_name: str | None) -> list[str]:
    """The names of the CloudWatch rules that AWS makes."""
    index = table.index(index_name) if index_name else None
    kinds = ["PKC", "PKT"] if (index or table).schema.range is None else ["PKC", "SKC", "PKT", "SKT"]
    what = table.name if index_name is None else f"{table.name}-{index_name}"
    return [f"DynamoDBContributorInsights-{kind}-{what}" for kind in kinds]


@reads
def list_contributor_insights(
    here: Here, table_name: str | None = None, next_token: str | None = None, max_results: int | None = None
) -> Output:
    """Of one table and its indexes, or of all tables."""
    views = layout.tables(here.tx) if table_name is None else [known_table(here, table_name)]
    most = max_results or PAGE
    found = list(islice((entry for view in views for entry in _all(here, view.table)), _after(next_token) + most + 1))
    found = found[_after(next_token) :]
    output: Output = {"ContributorInsightsSummaries": found[:most]}
    if len(found) > most:
        output["NextToken"] = str(_after(next_token) + most)
    return output


def _after(token: str | None) -> int:
    """How many were told before."""
    if token is None:
        return 0
    if not token.isascii() or not token.isdigit():
        raise ValidationException("Invalid NextToken")
    return int(token)


def _all(here: Here, table: Table) -> Iterator[Output]:
    for key, data in here.tx.prefix((INSIGHTS, table.id)):
        insight = msgspec.msgpack.decode(data, type=Insight)
        yield {**_named(table, str(key[2]) or None), **_state(insight)}
