"""Settings that all replicas of a table share, and what a replica has otherwise.

AWS keeps these alike: billing mode, write capacity, warm throughput, encryption's kind, the definitions of global
indexes, time to live; and these, unless a replica overrides them: read capacity, ceilings of reads, table class.
Protection, recovery, tags, policies and contributor insights are each region's own.

A change made by UpdateTable in one region is told to the others as it was asked for, and carried out there
on what they have (`adopt`); overrides are put on again after it. What a table has is always what counts in its
region: nothing else asks for overrides but who describes them.
"""

from typing import Any, TypeVar

import msgspec

from panregion.services.dynamodb import global_tables, layout, throughput
from panregion.services.dynamodb.definitions import encryption_of
from panregion.services.dynamodb.description import GLOBAL_2017
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.model import Index, Table
from panregion.services.dynamodb.schema import INVALID
from panregion.services.dynamodb.streams import life as streams
from panregion.services.here import Here

Parameters = dict[str, Any]
Overrides = dict[str, Any]

SETTINGS = (
    *("BillingMode", "ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput", "TableClass"),
    *("SSESpecification", "IndexUpdates"),
)


def tell(here: Here, table: Table, **settings: Any) -> None:
    """Have the others make the same change."""
    given = {name: settings[name] for name in SETTINGS if settings.get(name)}
    if given and table.is_global and table.global_version != GLOBAL_2017:
        global_tables.tell_all(here, table, "SetShared", Settings=given)


def adopt(here: Here, global_id: str, settings: Parameters) -> None:
    """Another region of the table was asked to change these. May be repeated."""
    view = layout.replicated_table(here.tx, global_id)
    if view is None:
        return
    if "SSESpecification" in settings:  # a key is its region's own
        settings = {**settings, "SSESpecification": {"Enabled": settings["SSESpecification"].get("Enabled", False)}}
    table = overridden(here, changed(here, view.table, settings))
    layout.put_table(here.tx, streams.go_on(here, table))


def changed(here: Here, table: Table, settings: Parameters) -> Table:
    """The table with UpdateTable's settings, not checked."""
    now = here.now()
    table = throughput.with_billing(table, settings.get("BillingMode"), settings.get("ProvisionedThroughput"), now)
    for action in settings.get("IndexUpdates") or []:
        index = table.index(action["IndexName"])
        if index is not None:
            table = with_index(table, throughput.with_index(index, action, now))
    given, encryption = settings.get("TableClass"), settings.get("SSESpecification")
    return msgspec.structs.replace(
        table,
        table_class=given or table.table_class,
        table_class_changed=now if given and given != table.table_class else table.table_class_changed,
        on_demand=throughput.with_ceiling(table.on_demand, settings.get("OnDemandThroughput")),
        encryption=table.encryption if encryption is None else encryption_of(here, encryption),
        warm=throughput.with_warm(table.warm, settings.get("WarmThroughput")),
    )


def with_index(table: Table, index: Index) -> Table:
    """The table with an index of that number replaced."""
    indexes = tuple(index if known.number == index.number else known for known in table.indexes)
    return msgspec.structs.replace(table, indexes=indexes)


# Overrides


def overrides_of(table: Table, action: Parameters) -> Overrides:
    """What a replica is to have otherwise, as it is described. Raises ValidationException."""
    kept = ("KMSMasterKeyId", "ProvisionedThroughputOverride", "OnDemandThroughputOverride", "GlobalSecondaryIndexes")
    overrides: Overrides = {name: action[name] for name in kept if action.get(name)}
    if action.get("TableClassOverride"):
        overrides["ReplicaTableClassSummary"] = {"TableClass": action["TableClassOverride"]}
    for part in (overrides, *overrides.get("GlobalSecondaryIndexes", [])):
        for mode, name in (
            ("PAY_PER_REQUEST", "ProvisionedThroughputOverride"),
            ("PROVISIONED", "OnDemandThroughputOverride"),
        ):
            if name in part and table.billing == mode:
                raise ValidationException(f"{INVALID}{name} cannot be specified when BillingMode is {mode}")
    for part in overrides.get("GlobalSecondaryIndexes", []):
        index = table.index(part["IndexName"])
        if index is None or not index.is_global:
            raise ValidationException(
                f"{INVALID}Replica Global Secondary Index {part['IndexName']} is not an index of table {table.name}"
            )
    return overrides


def merged(known: Overrides, given: Overrides) -> Overrides:
    """Overrides given now upon those of before; indexes by their names."""
    indexes = {index["IndexName"]: index for index in known.get("GlobalSecondaryIndexes", [])}
    for index in given.get("GlobalSecondaryIndexes", []):
        indexes[index["IndexName"]] = {**indexes.get(index["IndexName"], {}), **index}
    both = {**known, **given}
    return both | ({"GlobalSecondaryIndexes": list(indexes.values())} if indexes else {})


def joined(here: Here, definition: Table) -> Table:
    """A table as this region's new replica has it: its own key, and what it is to have otherwise."""
    if definition.encryption is not None:
        definition = msgspec.structs.replace(definition, encryption=encryption_of(here, {"Enabled": True}))
    return overridden(here, definition)


def overridden(here: Here, table: Table) -> Table:
    """The table of this region with what its replica has otherwise."""
    own = table.overrides
    for part in own.get("GlobalSecondaryIndexes", []):
        index = table.index(part["IndexName"])
        if index is not None:
            table = with_index(table, _overridden(index, part))
    class_ = own.get("ReplicaTableClassSummary", {}).get("TableClass")
    key = own.get("KMSMasterKeyId")
    return msgspec.structs.replace(
        _overridden(table, own),
        table_class=class_ or table.table_class,
        encryption=encryption_of(here, {"Enabled": True, "KMSMasterKeyId": key}) if key else table.encryption,
    )


Part = TypeVar("Part", Table, Index)


def _overridden(of: Part, own: Overrides) -> Part:
    """With other reads, provisioned or at most."""
    units = own.get("ProvisionedThroughputOverride", {}).get("ReadCapacityUnits")
    if units and of.throughput.write:
        of = msgspec.structs.replace(of, throughput=msgspec.structs.replace(of.throughput, read=units))
    most = own.get("OnDemandThroughputOverride")
    return msgspec.structs.replace(of, on_demand=throughput.with_ceiling(of.on_demand, most)) if most else of
