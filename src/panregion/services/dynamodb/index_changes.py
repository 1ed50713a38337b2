"""UpdateTable's changes of global indexes: made and filled, changed, removed; in this region and in the others."""

from typing import Any

import msgspec

from panregion.services.dynamodb import global_tables, layout, schema, shared, throughput
from panregion.services.dynamodb.definitions import after_transition
from panregion.services.dynamodb.errors import LimitExceededException, ResourceNotFoundException, ValidationException
from panregion.services.dynamodb.model import Index, Table
from panregion.services.here import Here

Parameters = dict[str, Any]

INVALID = schema.INVALID


def check(updates: list[Parameters]) -> None:
    """The updates by themselves. Raises ValidationException, LimitExceededException."""
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


def change(here: Here, table: Table, update: Parameters, definitions: list[Parameters]) -> Table:
    """The table with one update made, and the other regions told. Raises AwsError."""
    if update.get("Create") is not None:
        return _create(here, table, update["Create"], definitions)
    action = update.get("Delete") or update["Update"]
    known = table.index(action["IndexName"])
    if known is None or not known.is_global:
        raise ResourceNotFoundException(f"Requested resource not found: Index: {action['IndexName']} not found")
    if update.get("Delete") is not None:
        if table.is_global:
            global_tables.tell_all(here, table, "RemoveIndex", IndexName=known.name)
        return remove_index(here, table, known)
    throughput.check_index(table, known, action, here.now())
    changed = throughput.with_index(known, action, here.now())
    return shared.with_index(table, msgspec.structs.replace(changed, status="UPDATING"))


def _create(here: Here, table: Table, given: Parameters, definitions: list[Parameters]) -> Table:
    kinds = {**table.attributes, **_kinds(table, definitions)}
    throughput.check_ceiling(table.billing, given.get("OnDemandThroughput"))
    index = schema.global_index(given, kinds, table.billing)
    if table.index(index.name) is not None:
        raise ValidationException(f"Attempting to create an index which already exists: {index.name}")
    if sum(known.is_global for known in table.indexes) >= schema.MAX_GLOBAL:
        raise LimitExceededException(
            f"Subscriber limit exceeded: GlobalSecondaryIndex count exceeds the per-table limit of {schema.MAX_GLOBAL}"
        )
    schema.check_included([*table.indexes, index])
    used = {name: kinds[name] for name in (*table.attributes, *index.schema.names)}
    changed = add_index(here, table, index, used)
    if table.is_global:
        global_tables.tell_all(here, changed, "AddIndex", Index=msgspec.to_builtins(index), Attributes=used)
    return changed


def _kinds(table: Table, definitions: list[Parameters]) -> dict[str, str]:
    """The attributes defined now; those of keys that exist stay of their types."""
    kinds = schema.attribute_kinds(definitions)
    for name, kind in kinds.items():
        if table.attributes.get(name, kind) != kind:
            raise ValidationException(
                f"{INVALID}Attribute {name} is a key of type {table.attributes[name]} already, and cannot become {kind}"
            )
    return kinds


def add_index(here: Here, table: Table, index: Index, attributes: dict[str, str]) -> Table:
    """A new index, to be filled from the items that are there; writes keep it from now on."""
    number = table.indexes_made + 1
    made = msgspec.structs.replace(index, number=number, status="CREATING", backfilling=True)
    after_transition(here, table, "dynamodb.backfill", index=number)
    return msgspec.structs.replace(table, indexes=(*table.indexes, made), indexes_made=number, attributes=attributes)


def remove_index(here: Here, table: Table, index: Index) -> Table:
    after_transition(here, table, "dynamodb.drop-index", index=index.number)
    return shared.with_index(table, msgspec.structs.replace(index, status="DELETING"))


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
