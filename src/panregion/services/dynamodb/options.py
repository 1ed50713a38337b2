"""What is kept beside a table: tags, time to live, recovery settings; and what the account may have."""

from typing import Any

import msgspec

from panregion.services.dynamodb import global_tables, layout, schema
from panregion.services.dynamodb.checks import INVALID
from panregion.services.dynamodb.checks import table_name as checked_name
from panregion.services.dynamodb.definitions import known_table
from panregion.services.dynamodb.errors import (
    ResourceInUseException,
    ResourceNotFoundException,
    ValidationException,
)
from panregion.services.dynamodb.model import Table, TimeToLive
from panregion.services.dynamodb.names import not_authorized
from panregion.services.dynamodb.strong_rules import check_time_to_live
from panregion.services.here import Here
from panregion.services.service import reads

Output = dict[str, Any]
Parameters = dict[str, Any]

ACCOUNT_UNITS = 80_000
TABLE_UNITS = 40_000


def _tagged_table(here: Here, arn: str) -> Table:
    """The table that an ARN names."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[:3] != ["arn", "aws", "dynamodb"] or not parts[5].startswith("table/"):
        raise ValidationException(f"Invalid TableArn: Invalid ResourceArn provided as input {arn}")
    if parts[3] != here.region or parts[4] != here.account_id:
        raise not_authorized(here, arn)
    view = layout.read_table(here.tx, checked_name(arn))
    if view is None:
        raise ResourceNotFoundException(f"Requested resource not found: ResourcArn: {arn} not found")
    return view.table


def tag_resource(here: Here, resource_arn: str, tags: list[Parameters]) -> Output:
    if not tags:
        raise ValidationException("Atleast one Tag needs to be provided as Input.")
    table = _tagged_table(here, resource_arn)
    merged = layout.read_tags(here.tx, table.name) | schema.check_tags(tags)
    schema.check_tag_count(merged)
    layout.put_tags(here.tx, table.name, merged)
    return {}


def untag_resource(here: Here, resource_arn: str, tag_keys: list[str]) -> Output:
    if not tag_keys:
        raise ValidationException("Atleast one Tag Key needs to be provided as Input.")
    table = _tagged_table(here, resource_arn)
    kept = layout.read_tags(here.tx, table.name)
    layout.put_tags(here.tx, table.name, {key: value for key, value in kept.items() if key not in tag_keys})
    return {}


@reads
def list_tags_of_resource(here: Here, resource_arn: str, next_token: str | None = None) -> Output:
    table = _tagged_table(here, resource_arn)
    if next_token is not None:
        raise ValidationException(f"{INVALID}NextToken is not one of this operation's")
    tags = layout.read_tags(here.tx, table.name)
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def update_time_to_live(here: Here, table_name: str, time_to_live_specification: Parameters) -> Output:
    table = known_table(here, table_name).table
    if table.status != "ACTIVE":
        raise ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being updated: {table.name}"
        )
    check_time_to_live(table)
    attribute = time_to_live_specification["AttributeName"]
    enabled = time_to_live_specification["Enabled"]
    known = table.ttl if table.ttl is not None and table.ttl.enabled else None
    if known is not None and known.attribute != attribute:
        raise ValidationException(
            f"TimeToLive is active on a different AttributeName: current AttributeName is {known.attribute}"
        )
    if (known is not None) == enabled:
        raise ValidationException(f"TimeToLive is already {'enabled' if enabled else 'disabled'}")
    changed = TimeToLive(attribute, enabled, here.now())
    put_time_to_live(here, table, changed)
    if table.replicated:
        global_tables.tell_all(here, table, "SetTimeToLive", TimeToLive=msgspec.to_builtins(changed))
    return {"TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": attribute}}


def put_time_to_live(here: Here, table: Table, changed: TimeToLive) -> None:
    """Keep the setting, and have the items' moments indexed or forgotten."""
    layout.put_table(here.tx, msgspec.structs.replace(table, ttl=changed))
    work = "fill" if changed.enabled else "clear"
    here.later(f"dynamodb.{work}-expiries", {"name": table.name, "id": table.id})


def adopt_time_to_live(here: Here, global_id: str, given: TimeToLive) -> None:
    """Another region of the table has changed it."""
    view = layout.replicated_table(here.tx, global_id)
    if view is not None:
        put_time_to_live(here, view.table, given)


@reads
def describe_time_to_live(here: Here, table_name: str) -> Output:
    ttl = known_table(here, table_name).table.ttl
    if ttl is None or not ttl.enabled:
        return {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}
    return {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": ttl.attribute}}


@reads
def describe_kinesis_streaming_destination(here: Here, table_name: str) -> Output:
    """None, ever: there is no Kinesis here, and the operations that would enable one are refused by name."""
    return {"TableName": known_table(here, table_name).table.name, "KinesisDataStreamDestinations": []}


@reads
def describe_limits(_here: Here) -> Output:
    return {
        "AccountMaxReadCapacityUnits": ACCOUNT_UNITS,
        "AccountMaxWriteCapacityUnits": ACCOUNT_UNITS,
        "TableMaxReadCapacityUnits": TABLE_UNITS,
        "TableMaxWriteCapacityUnits": TABLE_UNITS,
    }


@reads
def describe_endpoints(here: Here) -> Output:
    endpoint = here.settings.endpoint(here.region)
    return {"Endpoints": [{"Address": endpoint.partition("://")[2], "CachePeriodInMinutes": 1440}]}
