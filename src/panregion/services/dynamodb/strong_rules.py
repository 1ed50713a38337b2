"""Which tables may become strongly consistent across regions (MRSC), and what AWS refuses them."""

from typing import Any, NamedTuple

from panregion.services.dynamodb import layout
from panregion.services.dynamodb.errors import ResourceInUseException, ValidationException
from panregion.services.dynamodb.model import Table
from panregion.services.here import Here

Parameters = dict[str, Any]

REGION_SETS: tuple[frozenset[str], ...] = (
    frozenset({"us-east-1", "us-east-2", "us-west-2"}),
    frozenset({"eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"}),
    frozenset({"ap-northeast-1", "ap-northeast-2", "ap-northeast-3"}),
)
"""All regions of a strong table are of one set. AWS adds to these now and then: so may you."""

REGIONS = 3
WAY = (
    "A global table with multi-Region strong consistency must have exactly three Regions: three replicas, or two "
    "replicas and one witness"
)


class Asked(NamedTuple):
    """Which regions an UpdateTable adds and removes."""

    create: tuple[str, ...]
    delete: tuple[str, ...]
    create_witness: tuple[str, ...]
    delete_witness: tuple[str, ...]


def asked(replica_updates: list[Parameters], witness_updates: list[Parameters]) -> Asked:
    """Raises ValidationException for more than one witness."""
    if len(witness_updates) > 1:
        raise ValidationException("Only one witness can be created or deleted per UpdateTable operation")
    return Asked(
        _regions(replica_updates, "Create"),
        _regions(replica_updates, "Delete"),
        _regions(witness_updates, "Create"),
        _regions(witness_updates, "Delete"),
    )


def _regions(updates: list[Parameters], action: str) -> tuple[str, ...]:
    return tuple(update[action]["RegionName"] for update in updates if update.get(action) is not None)


def check_create(here: Here, table: Table, asked: Asked) -> None:
    """An ordinary table on its way to a strong one. Raises ValidationException."""
    others = (*asked.create, *asked.create_witness)
    if asked.delete or asked.delete_witness:
        raise ValidationException("Replicas cannot be created and deleted in the same request")
    if table.is_global:
        raise ValidationException(
            f"MultiRegionConsistency cannot be changed: table {table.name} is a global table with {table.consistency} "
            "consistency already"
        )
    if here.region in others:
        raise ValidationException(
            "Cannot add, delete, or update the local region through ReplicaUpdates. "
            "Use CreateTable, DeleteTable, or UpdateTable as required."
        )
    if len(others) != REGIONS - 1 or len(set(others)) != len(others) or not asked.create:
        raise ValidationException(WAY)
    _check_set(here, (here.region, *others))
    check_table(here, table)


def _check_set(here: Here, regions: tuple[str, ...]) -> None:
    if not any(one.issuperset(regions) for one in REGION_SETS):
        sets = "; ".join(", ".join(sorted(one)) for one in REGION_SETS)
        raise ValidationException(
            f"The Regions {', '.join(regions)} cannot form a table with multi-Region strong consistency; all must be "
            f"of one Region set: {sets}"
        )
    missing = [region for region in regions if region not in here.settings.regions]
    if missing:
        raise ValidationException(
            f"Region {missing[0]} is not a region of this world; it has {', '.join(here.settings.regions)}"
        )


def check_table(here: Here, table: Table) -> None:
    """What the table itself must be like."""
    if any(not index.is_global for index in table.indexes):
        raise ValidationException("Local secondary indexes are not supported with multi-Region strong consistency")
    if table.ttl is not None and table.ttl.enabled:
        raise ValidationException("Time to Live is not supported with multi-Region strong consistency")
    if next(iter(layout.item_sizes(here.tx, table.number)), None) is not None:
        raise ValidationException("Table must be empty to be converted to multi-Region strong consistency")


def check_delete(table: Table, asked: Asked) -> None:
    """A strong table becomes one of a single region, or stays whole. Raises ValidationException."""
    if asked.create or asked.create_witness:
        raise ValidationException(f"{WAY}: no other can be added to table {table.name}")
    others = {replica.region for replica in table.replicas}
    witnesses = {table.witness.region} if table.witness is not None else set()
    unknown = [region for region in asked.delete if region not in others]
    unknown += [region for region in asked.delete_witness if region not in witnesses]
    if unknown:
        raise ValidationException(f"Replica not found: table {table.name} has no replica in Region {unknown[0]}")
    if set(asked.delete) != others or set(asked.delete_witness) != witnesses:
        raise ValidationException(
            f"{WAY}: all Regions but one must be deleted in the same request, which leaves a single-Region table"
        )


def check_deletable(table: Table) -> None:
    """DeleteTable. Raises ValidationException."""
    if table.strong:
        raise ValidationException(
            f"Table {table.name} cannot be deleted while it is a replica of a table with multi-Region strong "
            "consistency: delete the other Regions with UpdateTable first"
        )


def check_time_to_live(table: Table) -> None:
    """UpdateTimeToLive. Raises ValidationException."""
    if table.strong:
        raise ValidationException("Time to Live is not supported with multi-Region strong consistency")


def check_idle(table: Table) -> None:
    """Raises ResourceInUseException."""
    if table.status != "ACTIVE":
        raise ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being updated: {table.name}"
        )
