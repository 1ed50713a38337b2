"""Global tables, version 2017.11.29: tables of the same name, made by hand in each region, that become one.

What it does is done by the same replication as the version of 2019; what differs is the way there. The tables must
be alike and empty, with streams of both images. Every region is asked what it has, then told what it is part of;
each step may be repeated. A table that is struck from the group stays, as a table of its region alone.
"""

from typing import Any

import msgspec

from panregion.services.dynamodb import global_tables, layout
from panregion.services.dynamodb.description import GLOBAL_2017
from panregion.services.dynamodb.errors import (
    GlobalTableAlreadyExistsException,
    GlobalTableNotFoundException,
    IndexNotFoundException,
    ReplicaAlreadyExistsException,
    ReplicaNotFoundException,
    TableNotFoundException,
    ValidationException,
)
from panregion.services.dynamodb.model import Replica, Table
from panregion.services.here import Here
from panregion.services.service import reads
from panregion.wire import AwsError

Output = dict[str, Any]
Parameters = dict[str, Any]

PAGE = 100
READS = "ReplicaProvisionedReadCapacityUnits"
INDEX_SETTINGS = "ReplicaGlobalSecondaryIndexSettingsUpdate"


def _no_table(name: str) -> GlobalTableNotFoundException:
    return GlobalTableNotFoundException(f"Global table with name: '{name}' does not exist.")


def _global_table(here: Here, name: str) -> Table:
    view = layout.read_table(here.tx, name)
    if view is None or not view.table.is_global or view.table.global_version != GLOBAL_2017:
        raise _no_table(name)
    return view.table


def _regions(here: Here, table: Table) -> list[str]:
    return [here.region, *(replica.region for replica in table.replicas)]


def _described(here: Here, table: Table) -> Output:
    return {
        "ReplicationGroup": [{"RegionName": region} for region in _regions(here, table)],
        "GlobalTableArn": f"arn:aws:dynamodb::{here.account_id}:global-table/{table.name}",
        "CreationDateTime": table.global_created,
        "GlobalTableStatus": "ACTIVE" if table.status == "ACTIVE" else "UPDATING",
        "GlobalTableName": table.name,
    }


async def create_global_table(here: Here, global_table_name: str, replication_group: list[Parameters]) -> Output:
    regions = [replica["RegionName"] for replica in replication_group]
    if len(set(regions)) != len(regions):
        raise ValidationException("One or more parameter values were invalid: Duplicate regions in ReplicationGroup")
    if here.region not in regions:
        raise ValidationException(
            "One or more parameter values were invalid: Replication group must include the local region "
            f"'{here.region}'"
        )
    if here.read(lambda here: _is_global(here, global_table_name)):
        raise GlobalTableAlreadyExistsException(f"Global table with name: '{global_table_name}' already exists.")
    shapes = [await _candidate(here, global_table_name, region) for region in regions]
    _check_alike(shapes)
    group = {"GlobalId": here.world.chance.uuid(), "Created": here.now(), "Regions": regions}
    for region in regions:
        await _join(here, region, global_table_name, group)
    return {"GlobalTableDescription": here.read(lambda here: _described(here, _global_table(here, global_table_name)))}


def _is_global(here: Here, name: str) -> bool:
    view = layout.read_table(here.tx, name)
    return view is not None and view.table.is_global


async def _candidate(here: Here, name: str, region: str) -> Output:
    """A region's table of that name, if it can become a replica."""
    if region not in here.settings.regions:
        raise ValidationException(
            f"One or more parameter values were invalid: Region {region} is not a region of this world; "
            f"it has {', '.join(here.settings.regions)}"
        )
    try:
        output = await here.request("dynamodb", "DescribeTable", {"TableName": name}, region=region)
    except AwsError as error:
        if error.code == "ResourceNotFoundException":
            raise TableNotFoundException(f"Table not found: {name} in region {region}") from error
        raise
    table: Output = output["Table"]
    stream = table.get("StreamSpecification", {}).get("StreamViewType")
    if stream != "NEW_AND_OLD_IMAGES":
        raise ValidationException(
            f"One or more parameter values were invalid: Table '{name}' in region '{region}' must have a stream with "
            "the view type NEW_AND_OLD_IMAGES"
        )
    if table["ItemCount"]:
        raise ValidationException(
            f"One or more parameter values were invalid: Table '{name}' in region '{region}' must be empty"
        )
    if table.get("GlobalTableVersion"):
        raise GlobalTableAlreadyExistsException(f"Table '{name}' in region '{region}' is part of a global table")
    return table


def _check_alike(tables: list[Output]) -> None:
    """The same key, and the same global indexes."""
    for other in tables[1:]:
        for what in ("KeySchema", "AttributeDefinitions"):
            if _sorted(tables[0][what]) != _sorted(other[what]):
                raise ValidationException(
                    f"One or more parameter values were invalid: Tables must have the same {what}"
                )
        shapes = [
            _sorted({k: index[k] for k in ("IndexName", "KeySchema")} for index in t.get("GlobalSecondaryIndexes", []))
            for t in (tables[0], other)
        ]
        if shapes[0] != shapes[1]:
            raise ValidationException(
                "One or more parameter values were invalid: Tables must have the same GlobalSecondaryIndexes"
            )


def _sorted(entries: Any) -> list[str]:
    return sorted(map(str, entries))


async def _join(here: Here, region: str, name: str, group: Output, source: str | None = None) -> None:
    params = {"Name": name, "Source": source, **group}
    await here.request("dynamodb", "panregion:JoinGlobalTable", params, region=region)


def join(here: Here, name: str, global_id: str, created: float, regions: list[str], source: str | None) -> None:
    """Become (or stay) part of the group; a newcomer copies the items from `source`."""
    view = layout.read_table(here.tx, name)
    if view is None:
        raise TableNotFoundException(f"Table not found: {name}")
    table = view.table
    newcomer = table.global_id is None
    if newcomer and next(iter(layout.item_sizes(here.tx, table.number)), None) is not None:
        raise ValidationException(
            f"One or more parameter values were invalid: Table '{name}' in region '{here.region}' must be empty"
        )
    known = {replica.region: replica for replica in table.replicas}
    others = tuple(known.get(region) or Replica(region, "ACTIVE") for region in regions if region != here.region)
    joined = msgspec.structs.replace(
        table,
        global_id=global_id,
        global_version=GLOBAL_2017,
        global_created=created,
        replicas=others,
        copy_from=source if newcomer else table.copy_from,
    )
    layout.put_table(here.tx, joined)


def leave(here: Here, name: str) -> None:
    """Become a table of this region alone; its items stay."""
    view = layout.read_table(here.tx, name)
    if view is None or view.table.global_version != GLOBAL_2017:
        return
    table = view.table
    for other in table.replicas:
        table = global_tables.without_replica(here, table, other.region)


async def update_global_table(here: Here, global_table_name: str, replica_updates: list[Parameters]) -> Output:
    table = here.read(lambda here: _global_table(here, global_table_name))
    regions = _regions(here, table)
    for update in replica_updates:
        action = update.get("Create") or update.get("Delete")
        if action is None:
            raise ValidationException("One or more parameter values were invalid: a replica update is empty")
        region = action["RegionName"]
        if update.get("Create"):
            if region in regions:
                raise ReplicaAlreadyExistsException(f"Replica in region '{region}' already exists")
            mine = await here.request("dynamodb", "DescribeTable", {"TableName": global_table_name})
            _check_alike([mine["Table"], await _candidate(here, global_table_name, region)])
            regions.append(region)
            await _regroup(here, table, regions, newcomer=region)
        else:
            if region not in regions:
                raise ReplicaNotFoundException(f"Replica in region '{region}' does not exist")
            regions.remove(region)
            await _strike(here, table, region)
    return {"GlobalTableDescription": here.read(lambda here: _after_update(here, table))}


def _after_update(here: Here, table: Table) -> Output:
    view = layout.read_table(here.tx, table.name)
    now = table if view is None or not view.table.is_global else view.table
    return _described(here, now)


async def _regroup(here: Here, table: Table, regions: list[str], newcomer: str) -> None:
    """Those that are there first: they keep their feeds for the newcomer from then on."""
    group = {"GlobalId": table.global_id, "Created": table.global_created, "Regions": regions}
    for region in [*(known for known in regions if known != newcomer), newcomer]:
        await _join(here, region, table.name, group, source=here.region)


async def _strike(here: Here, table: Table, region: str) -> None:
    await here.request("dynamodb", "panregion:LeaveGlobalTable", {"Name": table.name}, region=region)
    for other in _regions(here, table):
        if other != region:
            params = {"GlobalId": table.global_id, "RegionName": region}
            await here.request("dynamodb", "panregion:RemovePeer", params, region=other)


@reads
def describe_global_table(here: Here, global_table_name: str) -> Output:
    return {"GlobalTableDescription": _described(here, _global_table(here, global_table_name))}


@reads
def list_global_tables(
    here: Here,
    exclusive_start_global_table_name: str | None = None,
    limit: int | None = None,
    region_name: str | None = None,
) -> Output:
    most = limit or PAGE
    found = [
        view.table
        for view in layout.tables(here.tx, exclusive_start_global_table_name)
        if view.table.is_global and view.table.global_version == GLOBAL_2017
    ]
    found = [table for table in found if region_name is None or region_name in _regions(here, table)]
    shown = [
        {"GlobalTableName": table.name, "ReplicationGroup": [{"RegionName": name} for name in _regions(here, table)]}
        for table in found[:most]
    ]
    output: Output = {"GlobalTables": shown}
    return output | ({"LastEvaluatedGlobalTableName": shown[-1]["GlobalTableName"]} if len(found) > most else {})


# Settings


async def describe_global_table_settings(here: Here, global_table_name: str) -> Output:
    table = here.read(lambda here: _global_table(here, global_table_name))
    settings = [await _settings(here, table.name, region) for region in _regions(here, table)]
    return {"GlobalTableName": table.name, "ReplicaSettings": settings}


async def _settings(here: Here, name: str, region: str) -> Output:
    table = (await here.request("dynamodb", "DescribeTable", {"TableName": name}, region=region))["Table"]
    throughput = table["ProvisionedThroughput"]
    settings: Output = {
        "RegionName": region,
        "ReplicaStatus": table["TableStatus"],
        "ReplicaProvisionedReadCapacityUnits": throughput["ReadCapacityUnits"],
        "ReplicaProvisionedWriteCapacityUnits": throughput["WriteCapacityUnits"],
    }
    if "BillingModeSummary" in table:
        settings["ReplicaBillingModeSummary"] = table["BillingModeSummary"]
    if table.get("GlobalSecondaryIndexes"):
        settings["ReplicaGlobalSecondaryIndexSettings"] = [
            {
                "IndexName": index["IndexName"],
                "IndexStatus": index["IndexStatus"],
                "ProvisionedReadCapacityUnits": index["ProvisionedThroughput"]["ReadCapacityUnits"],
                "ProvisionedWriteCapacityUnits": index["ProvisionedThroughput"]["WriteCapacityUnits"],
            }
            for index in table["GlobalSecondaryIndexes"]
        ]
    return settings


async def update_global_table_settings(
    here: Here,
    global_table_name: str,
    global_table_billing_mode: str | None = None,
    global_table_provisioned_write_capacity_units: int | None = None,
    global_table_global_secondary_index_settings_update: list[Parameters] | None = None,
    replica_settings_update: list[Parameters] | None = None,
) -> Output:
    """Write units are the same in every region, read units each region's own."""
    table = here.read(lambda here: _global_table(here, global_table_name))
    regions = _regions(here, table)
    wanted = {update["RegionName"]: update for update in replica_settings_update or []}
    for region, update in wanted.items():
        if region not in regions:
            raise ReplicaNotFoundException(f"Replica in region '{region}' does not exist")
        _refuse(update.keys() - {"RegionName", READS, "ReplicaTableClass", INDEX_SETTINGS})
        for index in update.get(INDEX_SETTINGS, []):
            _refuse(index.keys() - {"IndexName", "ProvisionedReadCapacityUnits"})
    for index in global_table_global_secondary_index_settings_update or []:
        _refuse(index.keys() - {"IndexName", "ProvisionedWriteCapacityUnits"})
        if table.index(index["IndexName"]) is None:
            raise IndexNotFoundException(f"Index '{index['IndexName']}' does not exist")
    index_writes = {
        index["IndexName"]: index.get("ProvisionedWriteCapacityUnits")
        for index in global_table_global_secondary_index_settings_update or []
    }
    for region in regions:
        now = await _settings(here, table.name, region)
        write = global_table_provisioned_write_capacity_units
        params = _change(now, wanted.get(region, {}), global_table_billing_mode, write)
        if global_table_billing_mode != "PAY_PER_REQUEST":
            flips = "BillingMode" in params and _billing(now) == "PAY_PER_REQUEST"
            params |= _index_changes(now, wanted.get(region, {}), index_writes, everything=flips)
        if params:
            await here.request("dynamodb", "UpdateTable", {"TableName": table.name, **params}, region=region)
    return await describe_global_table_settings(here, global_table_name)


def _refuse(unknown: set[str]) -> None:
    """Scaling by itself is what there is not."""
    if unknown:
        text = f"panregion's dynamodb UpdateGlobalTableSettings does not support {min(unknown)}"
        raise AwsError.of("NotImplemented", text, 501)


def _billing(now: Output) -> str:
    return str(now.get("ReplicaBillingModeSummary", {}).get("BillingMode", "PROVISIONED"))


def _index_changes(now: Output, update: Parameters, writes: Output, *, everything: bool) -> Output:
    """What UpdateTable is asked of the indexes of one region; of all of them where the billing mode changes."""
    reads = {index["IndexName"]: index.get("ProvisionedReadCapacityUnits") for index in update.get(INDEX_SETTINGS, [])}
    updates = []
    for index in now.get("ReplicaGlobalSecondaryIndexSettings", []):
        name = index["IndexName"]
        units = (index["ProvisionedReadCapacityUnits"], index["ProvisionedWriteCapacityUnits"])
        wanted = (reads.get(name) or units[0] or 1, writes.get(name) or units[1] or 1)
        if everything or (wanted != units and (name in reads or name in writes)):
            throughput = {"ReadCapacityUnits": wanted[0], "WriteCapacityUnits": wanted[1]}
            updates.append({"Update": {"IndexName": name, "ProvisionedThroughput": throughput}})
    return {"GlobalSecondaryIndexUpdates": updates} if updates else {}


def _change(now: Output, update: Parameters, billing: str | None, write: int | None) -> Output:
    """What UpdateTable is asked in one region; nothing if nothing changes."""
    params: Output = {}
    if "ReplicaTableClass" in update:
        params["TableClass"] = update["ReplicaTableClass"]
    if billing == "PAY_PER_REQUEST":
        return {**params, "BillingMode": billing}
    units = (now["ReplicaProvisionedReadCapacityUnits"], now["ReplicaProvisionedWriteCapacityUnits"])
    read = update.get("ReplicaProvisionedReadCapacityUnits") or units[0] or 1
    wanted = (read, write or units[1] or 1)
    if wanted != units and (update.keys() - {"RegionName", "ReplicaTableClass"} or write or billing):
        params["ProvisionedThroughput"] = {"ReadCapacityUnits": wanted[0], "WriteCapacityUnits": wanted[1]}
        if billing is not None:
            params["BillingMode"] = billing
    return params
