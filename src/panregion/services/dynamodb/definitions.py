"""CreateTable, DescribeTable, DeleteTable, ListTables. UpdateTable is in `changes.py`."""

from itertools import islice
from typing import Any

import msgspec

from panregion.services.dynamodb import layout, schema
from panregion.services.dynamodb.checks import INVALID
from panregion.services.dynamodb.counting import counts
from panregion.services.dynamodb.description import describe
from panregion.services.dynamodb.errors import (
    ResourceInUseException,
    ResourceNotFoundException,
    ValidationException,
)
from panregion.services.dynamodb.model import Index, Table, TableView
from panregion.services.dynamodb.names import local_name
from panregion.services.dynamodb.streams import life as streams
from panregion.services.dynamodb.strong_rules import check_deletable
from panregion.services.dynamodb.throughput import check_ceiling, check_warm, warm_units, with_ceiling
from panregion.services.here import Here
from panregion.services.service import reads

Output = dict[str, Any]
Parameters = dict[str, Any]

GONE = frozenset({"AttributeDefinitions", "KeySchema", "CreationDateTime"})
"""What DeleteTable does not tell any more of the table."""


def create_table(
    here: Here,
    table_name: str,
    attribute_definitions: list[Parameters] | None = None,
    key_schema: list[Parameters] | None = None,
    local_secondary_indexes: list[Parameters] | None = None,
    global_secondary_indexes: list[Parameters] | None = None,
    billing_mode: str | None = None,
    provisioned_throughput: Parameters | None = None,
    stream_specification: Parameters | None = None,
    sse_specification: Parameters | None = None,
    tags: list[Parameters] | None = None,
    table_class: str | None = None,
    deletion_protection_enabled: bool = False,
    on_demand_throughput: dict[str, int] | None = None,
    warm_throughput: dict[str, int] | None = None,
    resource_policy: str | None = None,
) -> Output:
    name = local_name(here, table_name, 3)
    if not key_schema or attribute_definitions is None:
        raise ValidationException(f"{INVALID}Missing required parameters: AttributeDefinitions or KeySchema")
    billing = billing_mode or "PROVISIONED"
    schema.check_throughput(billing, provisioned_throughput)
    check_ceiling(billing, on_demand_throughput)
    kinds = schema.attribute_kinds(attribute_definitions)
    key = schema.table_schema(key_schema, kinds)
    indexes = schema.all_indexes(local_secondary_indexes, global_secondary_indexes, key, kinds, billing)
    labels = schema.check_tags(tags or [])
    if resource_policy is not None:
        schema.check_policy(resource_policy)
    if layout.read_table(here.tx, name) is not None:
        raise ResourceInUseException(f"Table already exists: {name}")
    table = Table(
        number=layout.next_table_number(here.tx),
        name=name,
        id=here.world.chance.uuid(),
        status="CREATING",
        created=here.now(),
        attributes=kinds,
        schema=key,
        billing="PAY_PER_REQUEST" if billing == "PAY_PER_REQUEST" else "PROVISIONED",
        billing_named=billing == "PAY_PER_REQUEST",
        throughput=schema.throughput_of(provisioned_throughput),
        on_demand=with_ceiling(None, on_demand_throughput),
        warm=warm_throughput,
        indexes=_numbered(indexes),
        indexes_made=len(indexes),
        table_class=table_class,
        protected=deletion_protection_enabled,
        encryption=encryption_of(here, sse_specification),
        policy=resource_policy,
    )
    check_warm(warm_units(billing, table.throughput, None), warm_throughput, "table")
    return _begun(here, table, schema.stream_view(stream_specification), labels)


def _begun(here: Here, table: Table, stream: str | None, tags: dict[str, str]) -> Output:
    """A new table is kept, with its stream and its tags, and on its way to be active."""
    if stream is not None:
        table = streams.begin(here, table, stream)
    layout.put_table(here.tx, table)
    layout.put_tags(here.tx, table.name, tags)
    after_transition(here, table, "dynamodb.activate")
    return {"TableDescription": describe(here, table)}


def _numbered(indexes: list[Index]) -> tuple[Index, ...]:
    return tuple(
        msgspec.structs.replace(index, number=number, status="CREATING" if index.is_global else "ACTIVE")
        for number, index in enumerate(indexes, 1)
    )


def encryption_of(here: Here, given: Parameters | None) -> dict[str, object] | None:
    if not given or not given.get("Enabled"):
        return None
    key = given.get("KMSMasterKeyId") or "alias/aws/dynamodb"
    arn = key if key.startswith("arn:") else here.arn("kms", key if key.startswith("alias/") else f"key/{key}")
    return {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": arn}


def after_transition(here: Here, table: Table, work: str, **payload: Any) -> None:
    """Have a state end after the time that the world file gives to it: the index's, if the payload names one."""
    times = here.settings.time
    given = {
        "CREATING": times.table_creating_s,
        "DELETING": times.table_deleting_s,
    }.get(table.status, times.table_updating_s)
    if "index" in payload:
        given = times.index_transition_s
    due = here.now() + (times.table_transition_s if given is None else given)
    here.later(work, {"name": table.name, "id": table.id, **payload}, due)


def known_table(here: Here, given: str) -> TableView:
    """The table in whatever state it is."""
    name = local_name(here, given)
    view = layout.read_table(here.tx, name)
    if view is None:
        raise ResourceNotFoundException(f"Requested resource not found: Table: {name} not found")
    return view


@reads
def describe_table(here: Here, table_name: str) -> Output:
    view = known_table(here, table_name)
    return {"Table": describe(here, view.table, counts(here, view.table))}


def delete_table(here: Here, table_name: str) -> Output:
    view = known_table(here, table_name)
    table = view.table
    if table.status in ("CREATING", "UPDATING"):
        doing = "created" if table.status == "CREATING" else "updated"
        raise ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being {doing}: {table.name}"
        )
    if table.status == "DELETING":
        raise ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being deleted: {table.name}"
        )
    if table.protected:
        raise ValidationException(
            "Resource cannot be deleted as it is currently protected against deletion. "
            "Disable deletion protection first."
        )
    check_deletable(table)
    if table.copies:
        raise ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being backed up or exported: {table.name}"
        )
    gone = msgspec.structs.replace(table, status="DELETING")
    layout.put_table(here.tx, gone)
    after_transition(here, gone, "dynamodb.delete")
    described = describe(here, gone)
    return {"TableDescription": {name: value for name, value in described.items() if name not in GONE}}


@reads
def list_tables(here: Here, exclusive_start_table_name: str | None = None, limit: int = 100) -> Output:
    found = layout.tables(here.tx, exclusive_start_table_name)
    names = [view.table.name for view in islice(found, limit + 1)]
    output: Output = {"TableNames": names[:limit]}
    if len(names) > limit:
        output["LastEvaluatedTableName"] = names[limit - 1]
    return output
