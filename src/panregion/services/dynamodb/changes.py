"""UpdateTable."""

from typing import Any

import msgspec

from panregion.services.dynamodb import (
    index_changes,
    layout,
    replica_changes,
    schema,
    shared,
    strong_tables,
    throughput,
)
from panregion.services.dynamodb.definitions import after_transition, known_table
from panregion.services.dynamodb.description import describe
from panregion.services.dynamodb.errors import ResourceInUseException, ValidationException
from panregion.services.dynamodb.model import Table
from panregion.services.dynamodb.streams import life as streams
from panregion.services.here import Here

Output = dict[str, Any]
Parameters = dict[str, Any]

INVALID = schema.INVALID


def update_table(
    here: Here,
    table_name: str,
    attribute_definitions: list[Parameters] | None = None,
    billing_mode: str | None = None,
    provisioned_throughput: Parameters | None = None,
    global_secondary_index_updates: list[Parameters] | None = None,
    stream_specification: Parameters | None = None,
    sse_specification: Parameters | None = None,
    replica_updates: list[Parameters] | None = None,
    table_class: str | None = None,
    deletion_protection_enabled: bool | None = None,
    multi_region_consistency: str | None = None,
    global_table_witness_updates: list[Parameters] | None = None,
    on_demand_throughput: dict[str, int] | None = None,
    warm_throughput: dict[str, int] | None = None,
) -> Output:
    given = (
        *(billing_mode, provisioned_throughput, global_secondary_index_updates, stream_specification),
        *(sse_specification, replica_updates, table_class, deletion_protection_enabled, on_demand_throughput),
        *(global_table_witness_updates, warm_throughput),
    )
    replicas, witnesses = replica_updates or [], global_table_witness_updates or []
    count = len([value for value in given if value is not None and value != []])
    _check_given(count, replicas, multi_region_consistency)
    if _changes_regions(replicas, witnesses) and _strong(here, table_name, multi_region_consistency, witnesses):
        if count > bool(replicas) + bool(witnesses):
            raise ValidationException("Regions and other settings cannot be changed in the same request")
        table = known_table(here, table_name).table
        return strong_tables.update(here, table, replicas, witnesses, multi_region_consistency)
    index_updates = global_secondary_index_updates or []
    throughput.check_alone(billing_mode, provisioned_throughput)
    index_changes.check(index_updates)
    table = _changeable(here, table_name, only_replicas=bool(replicas) and count == 1)
    throughput.check(
        *(table, billing_mode, provisioned_throughput, on_demand_throughput, warm_throughput),
        *(index_updates, here.now()),
    )
    settings = {
        "BillingMode": billing_mode,
        "ProvisionedThroughput": provisioned_throughput,
        "OnDemandThroughput": on_demand_throughput,
        "WarmThroughput": warm_throughput,
        "TableClass": table_class,
        "SSESpecification": sse_specification,
    }
    table = shared.changed(here, table, settings)
    if deletion_protection_enabled is not None:
        table = msgspec.structs.replace(table, protected=deletion_protection_enabled)
    table = _with_stream(here, table, stream_specification)
    for update in index_updates:
        table = index_changes.change(here, table, update, attribute_definitions or [])
    changed_indexes = [update["Update"] for update in index_updates if update.get("Update")]
    shared.tell(here, table, IndexUpdates=changed_indexes, **settings)
    for update in replicas:
        table = replica_changes.change(here, table, update)
    table = streams.go_on(here, msgspec.structs.replace(table, status="UPDATING"))
    layout.put_table(here.tx, table)
    after_transition(here, table, "dynamodb.activate")
    return {"TableDescription": describe(here, table)}


def _check_given(count: int, replicas: list[Parameters], consistency: str | None) -> None:
    """Whether there is something to change, and a consistency only with a new replica. Raises ValidationException."""
    if not count:
        raise ValidationException(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
            "SSESpecification or ReplicaUpdates is required"
        )
    if consistency is not None and not any(update.get("Create") for update in replicas):
        raise ValidationException(
            "MultiRegionConsistency can only be specified together with Create actions in ReplicaUpdates"
        )


def _changes_regions(replicas: list[Parameters], witnesses: list[Parameters]) -> bool:
    """Whether there are to be other regions; what replicas override for themselves is no matter of theirs."""
    return bool(witnesses) or not all(update.get("Update") for update in replicas)


def _strong(here: Here, table_name: str, consistency: str | None, witnesses: list[Parameters]) -> bool:
    """Whether the replicas to be changed are a strong table's."""
    return consistency == "STRONG" or bool(witnesses) or known_table(here, table_name).table.strong


def _changeable(here: Here, table_name: str, *, only_replicas: bool) -> Table:
    """The table, if it is in a state to be changed; its replicas may be while it is UPDATING."""
    table = known_table(here, table_name).table
    if table.status == "ACTIVE" or (table.status == "UPDATING" and only_replicas):
        return table
    doing = {"CREATING": "created", "UPDATING": "updated", "DELETING": "deleted"}[table.status]
    raise ResourceInUseException(
        f"Attempt to change a resource which is still in use: Table is being {doing}: {table.name}"
    )


def _with_stream(here: Here, table: Table, given: Parameters | None) -> Table:
    if given is None:
        return table
    view = schema.stream_view(given)
    if view is not None and table.stream is not None:
        raise ValidationException("Table already has an enabled stream: TableName: " + table.name)
    if view is None and table.stream is None:
        raise ValidationException(f"Table has no stream to disable: TableName: {table.name}")
    if view is None and table.replicated:
        raise ValidationException(f"{INVALID}Disabling the stream of a global table is not supported")
    if view is None:
        return streams.end(here, table)
    return streams.begin(here, table, view)
