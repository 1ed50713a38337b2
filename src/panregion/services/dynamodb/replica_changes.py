"""UpdateTable's changes of a table's replicas in other regions."""

from typing import Any

import msgspec

from panregion.services.dynamodb import global_tables, layout, schema, shared
from panregion.services.dynamodb.definitions import after_transition
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.model import Table
from panregion.services.dynamodb.streams import life as streams
from panregion.services.here import Here

Parameters = dict[str, Any]

INVALID = schema.INVALID
LOCAL_REGION = (
    "Cannot add, delete, or update the local region through ReplicaUpdates. "
    "Use CreateTable, DeleteTable, or UpdateTable as required."
)


def change(here: Here, table: Table, update: Parameters) -> Table:
    """The table with one update decided; work carries it out. Raises ValidationException."""
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
        overrides = shared.overrides_of(table, change)
        global_tables.tell_all(here, table, "SetReplicaOverrides", RegionName=region, Overrides=overrides)
        return _with_overrides(table, region, overrides)
    if delete is not None:
        after_transition(here, table, "dynamodb.delete-replica", region=region)
        return global_tables.with_replica(table, region, "DELETING")
    if known is not None and known.status != "CREATION_FAILED":
        raise ValidationException(f"Replica already exists: table {table.name} has a replica in Region {region}")
    if region not in here.settings.regions:
        raise ValidationException(
            f"{INVALID}Region {region} is not a region of this world; it has {', '.join(here.settings.regions)}"
        )
    overrides = shared.overrides_of(table, action)
    return _with_overrides(_with_new_replica(here, table, region), region, overrides)


def _with_overrides(table: Table, region: str, overrides: shared.Overrides) -> Table:
    """The table with what that replica has otherwise, added to what it had before."""
    replicas = tuple(
        msgspec.structs.replace(other, overrides=shared.merged(other.overrides, overrides))
        if other.region == region
        else other
        for other in table.replicas
    )
    return msgspec.structs.replace(table, replicas=replicas)


def adopt_overrides(here: Here, global_id: str, region: str, overrides: shared.Overrides) -> None:
    """Another region has changed what a replica, perhaps this one, has of its own."""
    view = layout.replicated_table(here.tx, global_id)
    if view is None:
        return
    table = _with_overrides(view.table, region, overrides)
    if region == here.region:
        table = msgspec.structs.replace(table, overrides=shared.merged(table.overrides, overrides))
        table = streams.go_on(here, shared.overridden(here, table))
    layout.put_table(here.tx, table)


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
