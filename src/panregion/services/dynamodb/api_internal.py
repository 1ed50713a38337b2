"""What regions ask of each other about replicated tables. AWS has no such operations; nobody else sees them.

All of them may be repeated, and speak of a table by the name that its regions share.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from panregion.services.dynamodb import (
    global_tables,
    global_tables_2017,
    index_changes,
    options,
    recall,
    replica_changes,
    shared,
    strong_tables,
)
from panregion.services.dynamodb.model import Index, Table, TimeToLive
from panregion.services.here import Here
from panregion.services.service import reads

Output = dict[str, Any]


async def _change(here: Here, step: Callable[[Here], None]) -> Output:
    """Change what is replicated with whom, and let the replicator know."""
    await here.transact(step)
    here.running["dynamodb"].hooks.changed.set()
    return {}


async def create_replica(here: Here, definition: dict[str, Any], source: str) -> Output:
    """Have a table, to be copied from `source`."""
    table = msgspec.structs.replace(msgspec.convert(definition, Table), copy_from=source)
    return await _change(here, lambda here: global_tables.adopt(here, shared.joined(here, table)))


async def drop_replica(here: Here, global_id: str) -> Output:
    return await _change(here, lambda here: global_tables.drop(here, global_id))


async def add_peer(here: Here, global_id: str, region_name: str, overrides: dict[str, Any] | None = None) -> Output:
    """Another region is getting the table: keep the feed for it."""

    def step(here: Here) -> None:
        global_tables.peer_changed(here, global_id, region_name, "CREATING")
        replica_changes.adopt_overrides(here, global_id, region_name, overrides or {})

    return await _change(here, step)


async def replica_is_active(here: Here, global_id: str, region_name: str) -> Output:
    return await _change(here, lambda here: global_tables.peer_changed(here, global_id, region_name, "ACTIVE"))


async def remove_peer(here: Here, global_id: str, region_name: str) -> Output:
    return await _change(here, lambda here: global_tables.peer_gone(here, global_id, region_name))


async def join_global_table(
    here: Here, name: str, global_id: str, created: float, regions: list[str], source: str | None = None
) -> Output:
    """A table that is here becomes part of a global table, or learns who else is."""
    return await _change(here, lambda here: global_tables_2017.join(here, name, global_id, created, regions, source))


async def leave_global_table(here: Here, name: str) -> Output:
    return await _change(here, lambda here: global_tables_2017.leave(here, name))


async def add_index(here: Here, global_id: str, index: dict[str, Any], attributes: dict[str, str]) -> Output:
    """A global index was made in another region."""
    made = msgspec.convert(index, Index)
    return await _change(here, lambda here: index_changes.adopt_index(here, global_id, made, attributes))


async def remove_index(here: Here, global_id: str, index_name: str) -> Output:
    return await _change(here, lambda here: index_changes.abandon_index(here, global_id, index_name))


async def set_replica_overrides(here: Here, global_id: str, region_name: str, overrides: dict[str, Any]) -> Output:
    return await _change(here, lambda here: replica_changes.adopt_overrides(here, global_id, region_name, overrides))


async def set_shared(here: Here, global_id: str, settings: dict[str, Any]) -> Output:
    """UpdateTable was asked for settings that all replicas share."""
    return await _change(here, lambda here: shared.adopt(here, global_id, settings))


async def set_time_to_live(here: Here, global_id: str, time_to_live: dict[str, Any]) -> Output:
    given = msgspec.convert(time_to_live, TimeToLive)
    return await _change(here, lambda here: options.adopt_time_to_live(here, global_id, given))


@reads
def tables_of(here: Here, region_name: str) -> Output:
    """A region that has lost its disk, or is new, asks what it is to have."""
    return {"Tables": recall.tables_of(here, region_name)}


# Strong tables


async def join_strong(here: Here, definition: dict[str, Any], members: list[str]) -> Output:
    """Be a replica of a strong table."""
    table = msgspec.convert(definition, Table)
    return await _change(here, lambda here: strong_tables.join(here, table, tuple(members)))


async def join_as_witness(here: Here, global_id: str, members: list[str]) -> Output:
    return await _change(here, lambda here: strong_tables.join_as_witness(here, global_id, tuple(members)))


async def open_strong(here: Here, global_id: str) -> Output:
    """Every region has joined: the replica can be used."""
    return await _change(here, lambda here: strong_tables.set_status(here, global_id, "ACTIVE"))


async def close_strong(here: Here, global_id: str) -> Output:
    return await _change(here, lambda here: strong_tables.set_status(here, global_id, "DELETING"))


async def leave_strong(here: Here, global_id: str) -> Output:
    return await _change(here, lambda here: strong_tables.leave(here, global_id))
