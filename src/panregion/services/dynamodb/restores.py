"""RestoreTableFromBackup and RestoreTableToPointInTime: a new table with the items of an earlier moment.

As on AWS the new table has the key, indexes, capacity and encryption of the old one, or what the request says
instead; tags, streams, time to live, policies and recovery settings it has not.
"""

from functools import partial
from itertools import islice
from typing import Any

import msgspec

from panregion.services.dynamodb import backups, layout, records, recovery, schema, snapshots, writing
from panregion.services.dynamodb.checks import INVALID
from panregion.services.dynamodb.checks import table_name as checked_name
from panregion.services.dynamodb.definitions import encryption_of
from panregion.services.dynamodb.description import describe
from panregion.services.dynamodb.errors import (
    BackupInUseException,
    InvalidRestoreTimeException,
    PointInTimeRecoveryUnavailableException,
    TableAlreadyExistsException,
    TableInUseException,
    ValidationException,
)
from panregion.services.dynamodb.model import BillingMode, Index, Table, TableView, Throughput
from panregion.services.dynamodb.throughput import check_ceiling, with_ceiling
from panregion.services.here import Here
from panregion.store import Key

Output = dict[str, Any]
Parameters = dict[str, Any]
Indexes = list[Parameters] | None


def restore_table_from_backup(
    here: Here,
    target_table_name: str,
    backup_arn: str,
    billing_mode_override: BillingMode | None = None,
    global_secondary_index_override: Indexes = None,
    local_secondary_index_override: Indexes = None,
    provisioned_throughput_override: Parameters | None = None,
    on_demand_throughput_override: dict[str, int] | None = None,
    sse_specification_override: Parameters | None = None,
) -> Output:
    backup = backups.find(here, backup_arn)
    if backup.status != "AVAILABLE":
        raise BackupInUseException(f"Backup is being created: {backup_arn}")
    overrides = (
        *(billing_mode_override, global_secondary_index_override, local_secondary_index_override),
        *(provisioned_throughput_override, on_demand_throughput_override, sse_specification_override),
    )
    table = _new_table(here, backup.table, target_table_name, *overrides)
    restored = {
        "SourceBackupArn": backup_arn,
        "SourceTableArn": here.arn("dynamodb", f"table/{backup.table.name}"),
        "RestoreDateTime": backup.created,
    }
    backups.keep(here, msgspec.structs.replace(backup, restores=backup.restores + 1))
    return _begin(here, table, restored, snapshots.Source(prefix=backup.prefix), backup=backup_arn)


def restore_table_to_point_in_time(
    here: Here,
    target_table_name: str,
    source_table_arn: str | None = None,
    source_table_name: str | None = None,
    use_latest_restorable_time: bool | None = None,
    restore_date_time: Any = None,
    billing_mode_override: BillingMode | None = None,
    global_secondary_index_override: Indexes = None,
    local_secondary_index_override: Indexes = None,
    provisioned_throughput_override: Parameters | None = None,
    on_demand_throughput_override: dict[str, int] | None = None,
    sse_specification_override: Parameters | None = None,
) -> Output:
    if (source_table_arn is None) == (source_table_name is None):
        raise ValidationException(f"{INVALID}One of SourceTableName and SourceTableArn must be specified")
    if bool(use_latest_restorable_time) == (restore_date_time is not None):
        raise ValidationException(
            f"{INVALID}One of UseLatestRestorableTime and RestoreDateTime must be specified, not both"
        )
    source = recovery.recoverable(here, str(source_table_name or source_table_arn))
    if source.recovery_from is None:
        raise PointInTimeRecoveryUnavailableException(
            f"Point in time recovery is not enabled for table '{source.name}'"
        )
    moment = _moment(here, source, restore_date_time)
    overrides = (
        *(billing_mode_override, global_secondary_index_override, local_secondary_index_override),
        *(provisioned_throughput_override, on_demand_throughput_override, sse_specification_override),
    )
    table = _new_table(here, source, target_table_name, *overrides)
    held = snapshots.hold(here, source)
    restored = {"SourceTableArn": here.arn("dynamodb", f"table/{source.name}"), "RestoreDateTime": moment}
    copied = snapshots.Source(prefix=(layout.ITEMS, source.number), feed=held.journal, time=moment)
    return _begin(here, table, restored, copied, held={"name": source.name, "id": source.id})


def _moment(here: Here, source: Table, given: Any) -> float:
    earliest, latest = recovery.window(here, source)
    if given is None:
        return latest
    moment = float(given.timestamp()) if hasattr(given, "timestamp") else float(given)
    if not int(earliest) <= moment <= latest + 1:
        raise InvalidRestoreTimeException(
            f"The provided restore time {moment:.0f} is outside of the restorable range of table '{source.name}': "
            f"from {earliest:.0f} to {latest:.0f}"
        )
    return moment


# The new table


def _new_table(
    here: Here,
    source: Table,
    target: str,
    billing: BillingMode | None,
    everywhere: Indexes,
    local: Indexes,
    throughput: Parameters | None,
    on_demand: dict[str, int] | None,
    encryption: Parameters | None,
) -> Table:
    name = checked_name(target, 3, "targetTableName")
    known = layout.read_table(here.tx, name)
    if known is not None:
        if known.table.status in ("CREATING", "DELETING"):
            doing = "created" if known.table.status == "CREATING" else "deleted"
            raise TableInUseException(f"Table is being {doing}: {name}")
        raise TableAlreadyExistsException(f"Table already exists: {name}")
    mode = billing or source.billing
    if throughput or (mode == "PROVISIONED" and source.billing != mode):
        schema.check_throughput(mode, throughput)
    check_ceiling(mode, on_demand)
    indexes = [
        *_chosen(source, local, mode, is_global=False),
        *_chosen(source, everywhere, mode, is_global=True),
    ]
    used = {*source.schema.names, *(name for index in indexes for name in index.schema.names)}
    on_request = mode == "PAY_PER_REQUEST"
    kept = source.throughput if mode == source.billing else schema.throughput_of(None)
    return Table(
        number=layout.next_table_number(here.tx),
        name=name,
        id=here.world.chance.uuid(),
        status="CREATING",
        created=here.now(),
        attributes={name: kind for name, kind in source.attributes.items() if name in used},
        schema=source.schema,
        billing=mode,
        billing_named=on_request,
        throughput=schema.throughput_of(throughput) if throughput else kept,
        on_demand=with_ceiling(source.on_demand, on_demand) if on_request else None,
        indexes=tuple(indexes),
        indexes_made=source.indexes_made,
        table_class=source.table_class,
        encryption=encryption_of(here, encryption) if encryption is not None else source.encryption,
    )


def _chosen(source: Table, wanted: Indexes, mode: str, *, is_global: bool) -> list[Index]:
    """The old table's indexes, or those of them that the request names; new ones it cannot name."""
    known = {index.name: index for index in source.indexes if index.is_global == is_global}
    if wanted is None:
        left = [_fresh(index) for index in known.values() if index.status != "DELETING"]
        return [_with_capacity(index, None, source, mode) for index in left]
    chosen: list[Index] = []
    for entry in wanted:
        index = known.get(entry["IndexName"])
        names = tuple(element["AttributeName"] for element in entry["KeySchema"])
        if index is None or index.schema.names != names:
            raise ValidationException(
                f"{INVALID}Index {entry['IndexName']} is not an index of the table that is restored"
            )
        chosen.append(_with_capacity(_fresh(index), entry.get("ProvisionedThroughput"), source, mode))
    return chosen


def _with_capacity(index: Index, given: Parameters | None, source: Table, mode: str) -> Index:
    """A global index with what the request gives to it, or what it had if the billing mode stays."""
    if not index.is_global:
        return index
    if mode == "PAY_PER_REQUEST":
        return msgspec.structs.replace(index, throughput=Throughput())
    if not given and source.billing != mode:
        raise ValidationException(f"{INVALID}ProvisionedThroughput is not specified for index: {index.name}")
    throughput = schema.throughput_of(given) if given else index.throughput
    return msgspec.structs.replace(index, throughput=throughput, on_demand=None)


def _fresh(index: Index) -> Index:
    return msgspec.structs.replace(index, status="CREATING" if index.is_global else "ACTIVE", backfilling=False)


def _begin(here: Here, table: Table, restored: Output, source: snapshots.Source, **held: Any) -> Output:
    table = msgspec.structs.replace(table, restored=restored)
    layout.put_table(here.tx, table)
    payload = {"name": table.name, "id": table.id, "source": snapshots.as_payload(source), **held}
    here.later("dynamodb.restore", payload, here.now() + here.settings.time.table_transition_s)
    return {"TableDescription": describe(here, table)}


# Work


def _creating(here: Here, payload: Output) -> TableView | None:
    view = layout.read_table(here.tx, payload["name"])
    if view is None or view.table.id != payload["id"] or view.table.status != "CREATING":
        return None
    return view


async def restore_work(here: Here, payload: Output) -> None:
    """Fill the table, then its indexes; then it is ACTIVE."""
    view = here.read(lambda here: _creating(here, payload))
    if view is None:
        return
    await snapshots.copy(here, snapshots.from_payload(payload["source"]), (layout.ITEMS, view.table.number))
    await fill_indexes(here, view)
    await here.transact(partial(_finish, payload=payload))


async def fill_indexes(here: Here, view: TableView) -> None:
    """Put all of a new table's items into its indexes."""
    after: Key | None = None
    while view.indexes:
        after = await snapshots.politely(here, partial(_index_step, view=view, after=after))
        if after is None:
            return


def _index_step(here: Here, view: TableView, after: Key | None) -> Key | None:
    prefix = (layout.ITEMS, view.table.number)
    found = list(islice(here.tx.prefix(prefix, after=after), snapshots.STEP_ITEMS))
    for key, record in found:
        item = records.item_of(record)
        for index in view.indexes:
            writing.index_item(here.tx, index, key, item)
    return found[-1][0] if len(found) == snapshots.STEP_ITEMS else None


def _finish(here: Here, payload: Output) -> None:
    view = _creating(here, payload)
    if view is None:
        return
    activate(here, view.table)
    if "held" in payload:
        snapshots.release(here, payload["held"]["name"], payload["held"]["id"])
    if "backup" in payload:
        backup = backups.find(here, payload["backup"])
        backups.keep(here, msgspec.structs.replace(backup, restores=max(0, backup.restores - 1)))


def activate(here: Here, table: Table) -> None:
    """A table that was filled by work is ready, with its indexes."""
    indexes = tuple(msgspec.structs.replace(index, status="ACTIVE", backfilling=False) for index in table.indexes)
    layout.put_table(here.tx, msgspec.structs.replace(table, status="ACTIVE", indexes=indexes))
