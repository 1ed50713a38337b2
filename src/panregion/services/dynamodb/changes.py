"""UpdateTable."""

from typing import Any

import msgspec

from panregion.services.dynamodb import global_tables, layout, options, schema, strong_tables
from panregion.services.dynamodb.definitions import (
    after_transition,
    encryption_of,
    known_table,
)
from panregion.services.dynamodb.description import describe
from panregion.services.dynamodb.errors import (
    LimitExceededException,
    ResourceInUseException,
    ResourceNotFoundException,
    ValidationException,
)
from panregion.services.dynamodb.model import Index, Table, TimeToLive
from panregion.services.dynamodb.streams import life as streams
from panregion.services.here import Here

Output = dict[str, Any]
Parameters = dict[str, Any]

INVALID = schema.INVALID
LOCAL_REGION = (
    "Cannot add, delete, or update the local region through ReplicaUpdates. "
    "Use CreateTable, DeleteTable, or UpdateTable as required."
)


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
    if not any(value is not None and value != [] for value in given):
        raise ValidationException(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
            "SSESpecification or ReplicaUpdates is required"
        )
    regions = bool(replica_updates or global_table_witness_updates)
    if multi_region_consistency is not None and not any(update.get("Create") for update in replica_updates or []):
        raise ValidationException(
            "MultiRegionConsistency can only be specified together with Create actions in ReplicaUpdates"
        )
    if regions and _strong(here, table_name, multi_region_consistency, global_table_witness_updates):
        if len(_set(given)) > bool(replica_updates) + bool(global_table_witness_updates):
            raise ValidationException("Regions and other settings cannot be changed in the same request")
        witnesses = global_table_witness_updates or []
        table = known_table(here, table_name).table
        return strong_tables.update(here, table, replica_updates or [], witnesses, multi_region_consistency)
    _check_billing(billing_mode, provisioned_throughput)
    _check_index_updates(global_secondary_index_updates or [])
    table = _changeable(here, table_name, only_replicas=bool(replica_updates) and len(_set(given)) == 1)
    table = _with_billing(here, table, billing_mode, provisioned_throughput)
    table = _with_options(
        here, table, table_class, deletion_protection_enabled, on_demand_throughput, sse_specification
    )
    table = msgspec.structs.replace(table, warm=warm_throughput or table.warm)
    table = _with_stream(here, table, stream_specification)
    for update in global_secondary_index_updates or []:
        table = _with_index_update(here, table, update, attribute_definitions or [])
    for update in replica_updates or []:
        table = _with_replica_update(here, table, update)
    table = streams.go_on(here, msgspec.structs.replace(table, status="UPDATING"))
    layout.put_table(here.tx, table)
    after_transition(here, table, "dynamodb.activate")
    return {"TableDescription": describe(here, table)}


def _strong(here: Here, table_name: str, consistency: str | None, witnesses: list[Parameters] | None) -> bool:
    """Whether the replicas to be changed are a strong table's."""
    return consistency == "STRONG" or bool(witnesses) or known_table(here, table_name).table.strong


def _set(values: tuple[Any, ...]) -> list[Any]:
    return [value for value in values if value is not None and value != []]


def _check_billing(billing: str | None, throughput: Parameters | None) -> None:
    if billing == "PROVISIONED" and not throughput:
        raise ValidationException(f"{INVALID}ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
    if throughput:
        schema.check_bounds(throughput)


def _check_index_updates(updates: list[Parameters]) -> None:
    seen: set[str] = set()
    for update in updates:
        action = update.get("Update") or update.get("Create") or update.get("Delete")
        if action is None:
            raise ValidationException(
                INVALID + "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                "GlobalSecondaryIndexUpdate.Delete must not be null"
            )
        if action["IndexName"] in seen:
            raise ValidationException(
                INVALID + "Only one global secondary index update per index is allowed simultaneously. "
                f"Index: {action['IndexName']}"
            )
        seen.add(action["IndexName"])
    if sum("Create" in update or "Delete" in update for update in updates) > 1:
        raise LimitExceededException(
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
        )


def _changeable(here: Here, table_name: str, *, only_replicas: bool) -> Table:
    """The table, if it is in a state to be changed; its replicas may be while it is UPDATING."""
    table = known_table(here, table_name).table
    if table.status == "ACTIVE" or (table.status == "UPDATING" and only_replicas):
        return table
    doing = {"CREATING": "created", "UPDATING": "updated", "DELETING": "deleted"}[table.status]
    raise ResourceInUseException(
        f"Attempt to change a resource which is still in use: Table is being {doing}: {table.name}"
    )


def _with_billing(here: Here, table: Table, billing: str | None, throughput: Parameters | None) -> Table:
    if throughput and (billing or table.billing) == "PAY_PER_REQUEST":
        schema.check_throughput("PAY_PER_REQUEST", throughput)
    if billing == "PAY_PER_REQUEST" and table.billing != billing:
        indexes = tuple(
            msgspec.structs.replace(index, throughput=schema.throughput_of(None)) for index in table.indexes
        )
        return msgspec.structs.replace(
            table,
            billing="PAY_PER_REQUEST",
            billing_named=True,
            billing_changed=here.now(),
            throughput=schema.throughput_of(None),
            indexes=indexes,
        )
    if not throughput:
        return table
    read, write = throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]
    old = table.throughput
    if table.billing == "PROVISIONED" and (read, write) == (old.read, old.write):
        raise ValidationException(
            "The provisioned throughput for the table will not change. The requested value equals the current "
            f"value. Current ReadCapacityUnits provisioned for the table: {old.read}. Requested "
            f"ReadCapacityUnits: {read}. Current WriteCapacityUnits provisioned for the table: {old.write}. "
            f"Requested WriteCapacityUnits: {write}. Refer to the Amazon DynamoDB Developer Guide for current "
            "limits and how to request higher limits."
        )
    now = here.now()
    changed = msgspec.structs.replace(
        old,
        read=read,
        write=write,
        increased=now if read > old.read or write > old.write else old.increased,
        decreased=now if read < old.read or write < old.write else old.decreased,
        decreases_today=old.decreases_today + (read < old.read or write < old.write),
    )
    named = table.billing_named or table.billing != "PROVISIONED"
    return msgspec.structs.replace(table, billing="PROVISIONED", billing_named=named, throughput=changed)


def _with_options(
    here: Here,
    table: Table,
    table_class: str | None,
    protected: bool | None,
    on_demand: dict[str, int] | None,
    encryption: Parameters | None,
) -> Table:
    return msgspec.structs.replace(
        table,
        table_class=table_class or table.table_class,
        protected=table.protected if protected is None else protected,
        on_demand=on_demand if on_demand is not None else table.on_demand,
        encryption=table.encryption if encryption is None else encryption_of(here, encryption),
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


# Indexes


def _with_index_update(here: Here, table: Table, update: Parameters, definitions: list[Parameters]) -> Table:
    if update.get("Create") is not None:
        kinds = {**table.attributes, **schema.attribute_kinds(definitions)}
        index = schema.global_index(update["Create"], kinds, table.billing)
        if table.index(index.name) is not None:
            raise ValidationException(f"Attempting to create an index which already exists: {index.name}")
        if sum(known.is_global for known in table.indexes) >= schema.MAX_GLOBAL:
            raise LimitExceededException(
                "Subscriber limit exceeded: GlobalSecondaryIndex count exceeds the per-table limit of "
                f"{schema.MAX_GLOBAL}"
            )
        used = {name: kinds[name] for name in (*table.attributes, *index.schema.names)}
        changed = add_index(here, table, index, used)
        if table.is_global:
            made = msgspec.to_builtins(index)
            global_tables.tell_all(here, changed, "AddIndex", Index=made, Attributes=used)
        return changed
    action = update.get("Delete") or update["Update"]
    known = table.index(action["IndexName"])
    if known is None or not known.is_global:
        raise ResourceNotFoundException(f"Requested resource not found: Index: {action['IndexName']} not found")
    if update.get("Delete") is not None:
        if table.is_global:
            global_tables.tell_all(here, table, "RemoveIndex", IndexName=known.name)
        return remove_index(here, table, known)
    throughput = action.get("ProvisionedThroughput")
    changed_index = msgspec.structs.replace(
        known,
        throughput=schema.throughput_of(throughput) if throughput else known.throughput,
        on_demand=action.get("OnDemandThroughput") or known.on_demand,
        status="UPDATING",
    )
    return _with_index(table, changed_index)


def _with_index(table: Table, index: Index) -> Table:
    indexes = tuple(index if known.number == index.number else known for known in table.indexes)
    return msgspec.structs.replace(table, indexes=indexes)


def add_index(here: Here, table: Table, index: Index, attributes: dict[str, str]) -> Table:
    """A new index, to be filled from the items that are there; writes keep it from now on."""
    number = table.indexes_made + 1
    made = msgspec.structs.replace(index, number=number, status="CREATING", backfilling=True)
    after_transition(here, table, "dynamodb.backfill", index=number)
    return msgspec.structs.replace(table, indexes=(*table.indexes, made), indexes_made=number, attributes=attributes)


def remove_index(here: Here, table: Table, index: Index) -> Table:
    after_transition(here, table, "dynamodb.drop-index", index=index.number)
    return _with_index(table, msgspec.structs.replace(index, status="DELETING"))


def adopt_index(here: Here, global_id: str, index: Index, attributes: dict[str, str]) -> None:
    """An index that another region of the table has made."""
    view = layout.replicated_table(here.tx, global_id)
    if view is None or view.table.index(index.name) is not None:
        return
    merged = {**view.table.attributes, **attributes}
    layout.put_table(here.tx, add_index(here, view.table, index, merged))


def abandon_index(here: Here, global_id: str, name: str) -> None:
    view = layout.replicated_table(here.tx, global_id)
    index = view.table.index(name) if view is not None else None
    if view is not None and index is not None:
        layout.put_table(here.tx, remove_index(here, view.table, index))


def adopt_time_to_live(here: Here, global_id: str, given: TimeToLive) -> None:
    view = layout.replicated_table(here.tx, global_id)
    if view is not None:
        options.put_time_to_live(here, view.table, given)


# Replicas


def _with_replica_update(here: Here, table: Table, update: Parameters) -> Table:
    create, change, delete = update.get("Create"), update.get("Update"), update.get("Delete")
    action = create or change or delete
    if action is None:
        raise ValidationException(
            f"{INVALID}One of ReplicationGroupUpdate.Create, ReplicationGroupUpdate.Update, "
            "ReplicationGroupUpdate.Delete must not be null"
        )
    region = action["RegionName"]
    if region == here.region:
        raise ValidationException(LOCAL_REGION)
    known = next((other for other in table.replicas if other.region == region), None)
    if known is None and create is None:
        raise ValidationException(f"Replica not found: table {table.name} has no replica in Region {region}")
    if change is not None:
        overrides = replica_overrides(change)
        global_tables.tell_all(here, table, "SetReplicaOverrides", RegionName=region, Overrides=overrides)
        return global_tables.with_overrides(table, region, overrides)
    if delete is not None:
        after_transition(here, table, "dynamodb.delete-replica", region=region)
        return global_tables.with_replica(table, region, "DELETING")
    if known is not None and known.status != "CREATION_FAILED":
        raise ValidationException(f"Replica already exists: table {table.name} has a replica in Region {region}")
    if region not in here.settings.regions:
        raise ValidationException(
            f"{INVALID}Region {region} is not a region of this world; it has {', '.join(here.settings.regions)}"
        )
    table = _with_new_replica(here, table, region)
    return global_tables.with_overrides(table, region, replica_overrides(action))


def replica_overrides(action: Parameters) -> dict[str, object]:
    """What a replica has otherwise than the table, as it is described."""
    kept = ("KMSMasterKeyId", "ProvisionedThroughputOverride", "OnDemandThroughputOverride", "GlobalSecondaryIndexes")
    overrides: dict[str, object] = {name: action[name] for name in kept if action.get(name)}
    if action.get("TableClassOverride"):
        overrides["ReplicaTableClassSummary"] = {"TableClass": action["TableClassOverride"]}
    return overrides


def adopt_overrides(here: Here, global_id: str, region: str, overrides: dict[str, object]) -> None:
    """Another region has changed what a replica has of its own."""
    view = layout.replicated_table(here.tx, global_id)
    if view is not None:
        layout.put_table(here.tx, global_tables.with_overrides(view.table, region, overrides))


def _with_new_replica(here: Here, table: Table, region: str) -> Table:
    """The first replica makes it a global table; its stream is on from then on."""
    if table.stream not in (None, "NEW_AND_OLD_IMAGES"):
        raise ValidationException(
            f"{INVALID}Replicas need a stream with the view type NEW_AND_OLD_IMAGES: table {table.name} has "
            f"{table.stream}"
        )
    after_transition(here, table, "dynamodb.create-replica", region=region)
    table = global_tables.with_replica(table, region, "CREATING")
    if not table.replicated:
        table = msgspec.structs.replace(table, global_id=here.world.chance.uuid())
    if table.stream is None:
        table = streams.begin(here, table, "NEW_AND_OLD_IMAGES")
    return table
