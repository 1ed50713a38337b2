"""Global tables (version 2019.11.21): replicas added and removed, and what regions tell each other about it.

A change is decided in one region's transaction and carried to the others by work, which is repeated until the
other region answers. Adding a replica goes in this order, because a region trims its feed by what its peers have
read: every region that has the table learns of the new one; the new region gets the definition and copies the
items from the region that was asked; once the copy is whole it becomes ACTIVE and says so to all.
"""

from typing import Any

import msgspec

from panregion.replication import forget_feed
from panregion.services.dynamodb import layout
from panregion.services.dynamodb.errors import ResourceInUseException
from panregion.services.dynamodb.model import Replica, ReplicaStatus, Table, TableView
from panregion.services.dynamodb.streams import life as streams
from panregion.services.here import Here
from panregion.wire import AwsError

Payload = dict[str, Any]
Output = dict[str, Any]

RETRY_S = 1.0
UNREACHABLE = frozenset({"ServiceUnavailable", "InternalServerError", "InternalFailure"})


def with_replica(table: Table, region: str, status: ReplicaStatus, description: str | None = None) -> Table:
    """The table with that replica in that state; a new one comes last."""
    known = [other for other in table.replicas if other.region == region]
    overrides = known[0].overrides if known else {}
    changed = Replica(region, status, overrides, description)
    if not known:
        return msgspec.structs.replace(table, replicas=(*table.replicas, changed))
    replicas = tuple(changed if other.region == region else other for other in table.replicas)
    return msgspec.structs.replace(table, replicas=replicas)


def settled(table: Table) -> Table:
    """UPDATING ends once no replica and no index is on its way."""
    busy = any(other.status in ("CREATING", "DELETING", "UPDATING") for other in table.replicas)
    busy = busy or any(index.status == "DELETING" for index in table.indexes)
    if busy or table.status != "UPDATING":
        return table
    return msgspec.structs.replace(table, status="ACTIVE")


def tell_all(here: Here, table: Table, operation: str, **params: Any) -> None:
    """Have an operation carried out in every other region of the table."""
    for other in table.replicas:
        if other.status != "CREATION_FAILED":
            tell(here, other.region, operation, GlobalId=table.global_id, **params)


def tell(here: Here, region: str, operation: str, **params: Any) -> None:
    here.later("dynamodb.tell", {"region": region, "operation": operation, "params": params})


# Work


async def tell_work(here: Here, payload: Payload) -> None:
    """Ask another region for an internal operation until it has answered."""
    try:
        await here.request("dynamodb", f"panregion:{payload['operation']}", payload["params"], region=payload["region"])
    except AwsError as error:
        if error.code not in UNREACHABLE:
            raise
        await _again(here, "dynamodb.tell", payload)


async def _again(here: Here, kind: str, payload: Payload) -> None:
    await here.transact(lambda here: here.later(kind, payload, here.now() + RETRY_S))


def _replica_of(here: Here, payload: Payload, status: ReplicaStatus) -> TableView | None:
    """The table, if it still is the one and its replica still is in that state."""
    view = layout.read_table(here.tx, payload["name"])
    if view is None or view.table.id != payload["id"]:
        return None
    wanted = any(r.region == payload["region"] and r.status == status for r in view.table.replicas)
    return view if wanted else None


async def create_replica_work(here: Here, payload: Payload) -> None:
    """Bring a replica into being, from the region that was asked for it."""
    here.running["dynamodb"].hooks.changed.set()
    view = here.read(lambda here: _replica_of(here, payload, "CREATING"))
    if view is None:
        return
    table, region = view.table, payload["region"]
    overrides = next(other.overrides for other in table.replicas if other.region == region)
    try:
        for other in table.replicas:
            if other.region != region and other.status == "ACTIVE":
                params = {"GlobalId": table.global_id, "RegionName": region, "Overrides": overrides}
                await here.request("dynamodb", "panregion:AddPeer", params, region=other.region)
        params = {"Definition": msgspec.to_builtins(definition_for(here, table, region)), "Source": here.region}
        await here.request("dynamodb", "panregion:CreateReplica", params, region=region)
    except AwsError as error:
        if error.code in UNREACHABLE:
            await _again(here, "dynamodb.create-replica", payload)
        else:
            text = error.message
            await here.transact(lambda here: _failed(here, payload, text))


def definition_for(here: Here, table: Table, region: str) -> Table:
    """The table as the new region is to have it: its replicas are all but itself."""
    others = tuple(other for other in table.replicas if other.region != region)
    return msgspec.structs.replace(
        table,
        status="CREATING",
        created=here.now(),
        replicas=(Replica(here.region, "ACTIVE", table.overrides), *others),
        overrides=next(other.overrides for other in table.replicas if other.region == region),
        copy_from=here.region,
        protected=False,
        recovery_from=None,
        journal=None,
        copies=0,
        restored=None,
        policy=None,
        indexes=tuple(
            msgspec.structs.replace(index, status="ACTIVE", backfilling=False)
            for index in table.indexes
            if index.status != "DELETING"
        ),
    )


def _failed(here: Here, payload: Payload, text: str) -> None:
    view = _replica_of(here, payload, "CREATING")
    if view is not None:
        layout.put_table(here.tx, settled(with_replica(view.table, payload["region"], "CREATION_FAILED", text)))


async def delete_replica_work(here: Here, payload: Payload) -> None:
    """Remove a replica: there, then from the others' lists, then from ours."""
    view = here.read(lambda here: _replica_of(here, payload, "DELETING"))
    if view is None:
        return
    table, region = view.table, payload["region"]
    try:
        gone = {"GlobalId": table.global_id}
        await here.request("dynamodb", "panregion:DropReplica", gone, region=region)
    except AwsError as error:
        if error.code not in UNREACHABLE:
            raise
        await _again(here, "dynamodb.delete-replica", payload)
        return
    await here.transact(lambda here: _deleted(here, payload))
    here.running["dynamodb"].hooks.changed.set()


def _deleted(here: Here, payload: Payload) -> None:
    view = _replica_of(here, payload, "DELETING")
    if view is None:
        return
    table = without_replica(here, view.table, payload["region"])
    tell_all(here, table, "RemovePeer", RegionName=payload["region"])


def without_replica(here: Here, table: Table, region: str) -> Table:
    """Strike a region from the table's list; the last one out makes it a table of one region again."""
    replicas = tuple(other for other in table.replicas if other.region != region)
    changed = settled(msgspec.structs.replace(table, replicas=replicas))
    if not replicas:
        forget_feed(here.tx, table.feed)
        here.tx.delete((layout.GLOBALS, str(table.global_id)))
        changed = msgspec.structs.replace(changed, global_id=None, global_version=None, overrides={})
    layout.put_table(here.tx, changed)
    return changed


# What other regions ask of this one


def adopt(here: Here, definition: Table) -> None:
    """Take over a replicated table's definition; the same one again is fine."""
    view = layout.read_table(here.tx, definition.name)
    if view is not None and view.table.global_id == definition.global_id:
        return
    if view is not None:
        raise ResourceInUseException(
            f"Failed to create a the new replica of table with name: '{definition.name}' because one or more "
            "replicas already existed as tables."
        )
    table = msgspec.structs.replace(definition, number=layout.next_table_number(here.tx), id=here.world.chance.uuid())
    if table.stream is not None:
        table = streams.begin(here, table, table.stream)
    layout.put_table(here.tx, table)


def peer_changed(here: Here, global_id: str, region: str, status: ReplicaStatus) -> None:
    """Another region of a table is on its way, or ready."""
    view = layout.replicated_table(here.tx, global_id)
    if view is None or region == here.region:
        return
    known = next((other for other in view.table.replicas if other.region == region), None)
    if known is not None and known.status == "ACTIVE" and status == "CREATING":
        return
    layout.put_table(here.tx, settled(with_replica(view.table, region, status)))


def peer_gone(here: Here, global_id: str, region: str) -> None:
    view = layout.replicated_table(here.tx, global_id)
    if view is not None:
        without_replica(here, view.table, region)


def drop(here: Here, global_id: str) -> None:
    """Remove this region's replica of a table."""
    view = layout.replicated_table(here.tx, global_id)
    if view is not None:
        remove_table(here, view.table)


def remove_table(here: Here, table: Table) -> None:
    """Delete a definition now, and its items in steps; its stream can still be read."""
    here.later("dynamodb.purge", {"prefixes": remove_definition(here, table)})


def remove_definition(here: Here, table: Table) -> list[list[str | int]]:
    """Delete a definition; returns below what its items lie, which somebody must remove."""
    streams.end(here, table)
    if table.replicated:
        forget_feed(here.tx, table.feed)
    layout.delete_table(here.tx, table)
    prefixes = layout.prefixes_of(table.number)
    if table.journal is not None:
        prefixes.append(["feeds", table.journal])
    return prefixes


WORK = {
    "dynamodb.tell": tell_work,
    "dynamodb.create-replica": create_replica_work,
    "dynamodb.delete-replica": delete_replica_work,
}
