"""CreateBackup, DescribeBackup, ListBackups, DeleteBackup: whole copies of a table, kept until they are deleted.

("dynamodb-backups", table's name, id)                       -> Backup, MessagePack
("dynamodb-snapshots", number, place, partition[, sort])     -> the items of a backup or an export (snapshots.py)
"""

from itertools import islice
from typing import Any, Literal

import msgspec

from panregion.services.dynamodb import journal, layout, snapshots
from panregion.services.dynamodb.checks import INVALID
from panregion.services.dynamodb.checks import table_name as checked_name
from panregion.services.dynamodb.description import describe
from panregion.services.dynamodb.errors import (
    BackupInUseException,
    BackupNotFoundException,
    TableInUseException,
    ValidationException,
)
from panregion.services.dynamodb.model import Table
from panregion.services.dynamodb.recovery import recoverable
from panregion.services.here import Here
from panregion.services.service import reads
from panregion.store import Key

Output = dict[str, Any]

BACKUPS = "dynamodb-backups"
KEPT_S = 35 * 86_400.0
"""How long AWS keeps the backup of a deleted table."""


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """`number` names its items; `restores` are those under way. AWS makes one of kind SYSTEM when a table that could
    be recovered is deleted, and drops it at `expires`."""

    id: str
    number: int
    name: str
    table: Table
    created: float
    status: Literal["CREATING", "AVAILABLE", "DELETED"] = "CREATING"
    items: int = 0
    size_bytes: int = 0
    restores: int = 0
    kind: Literal["USER", "SYSTEM"] = "USER"
    expires: float | None = None

    @property
    def key(self) -> Key:
        return (BACKUPS, self.table.name, self.id)

    @property
    def prefix(self) -> tuple[str, int]:
        return (snapshots.SNAPSHOTS, self.number)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Backup).decode


def keep(here: Here, backup: Backup) -> None:
    here.tx.put(backup.key, _encode(backup))


def arn_of(here: Here, backup: Backup) -> str:
    return here.arn("dynamodb", f"table/{backup.table.name}/backup/{backup.id}")


def find(here: Here, arn: str) -> Backup:
    """The backup that an ARN names. Raises BackupNotFoundException."""
    head = here.arn("dynamodb", "table/")
    table, _, identifier = arn.removeprefix(head).partition("/backup/")
    found = here.tx.get((BACKUPS, table, identifier)) if arn.startswith(head) and identifier else None
    if found is None:
        if not arn.startswith("arn:aws:dynamodb:") or "/backup/" not in arn:
            raise ValidationException(f"{INVALID}Invalid BackupArn: {arn}")
        raise BackupNotFoundException(f"Backup not found: {arn}")
    return _decode(found)


def create_backup(here: Here, table_name: str, backup_name: str) -> Output:
    table = recoverable(here, table_name)
    if table.status != "ACTIVE":
        raise TableInUseException(
            f"Attempt to change a resource which is still in use: Table is not ACTIVE: {table.name}"
        )
    now = here.now()
    held = snapshots.hold(here, table)
    identifier = _identifier(here, table.name, int(now * 1000))
    backup = Backup(id=identifier, number=snapshots.next_number(here), name=backup_name, table=table, created=now)
    keep(here, backup)
    source = snapshots.Source(prefix=(layout.ITEMS, table.number), feed=held.journal, after=journal.mark(here, held))
    here.later("dynamodb.backup", {"arn": arn_of(here, backup), "source": snapshots.as_payload(source)})
    return {"BackupDetails": _details(here, backup)}


def keep_deleted(here: Here, table: Table, prefixes: list[list[str | int]]) -> None:
    """Have a deleted table's items copied into a backup of AWS's own, and then removed from below `prefixes`."""
    now = here.now()
    backup = Backup(
        id=_identifier(here, table.name, int(now * 1000)),
        number=snapshots.next_number(here),
        name=f"{table.name}$DeletedTableBackup",
        table=table,
        created=now,
        kind="SYSTEM",
        expires=now + KEPT_S,
    )
    keep(here, backup)
    source = snapshots.as_payload(snapshots.Source(prefix=(layout.ITEMS, table.number)))
    here.later("dynamodb.backup", {"arn": arn_of(here, backup), "source": source, "purge": prefixes})


def expired(here: Here) -> list[Backup]:
    """Backups whose time is over and that nobody is restoring."""
    now = here.now()
    return [
        backup
        for backup in map(_decode, here.tx.values((BACKUPS,)))
        if backup.expires is not None and backup.expires < now and not backup.restores
    ]


def drop_expired(here: Here) -> None:
    for backup in expired(here):
        here.tx.delete(backup.key)
        here.later("dynamodb.purge", {"prefixes": [list(backup.prefix)]})


async def backup_work(here: Here, payload: Output) -> None:
    """Copy the items; the backup is AVAILABLE once it is whole."""
    backup = here.read(lambda here: _unfinished(here, payload["arn"]))
    if backup is None:
        return
    await snapshots.copy(here, snapshots.from_payload(payload["source"]), backup.prefix)
    items, size = await snapshots.measured(here, backup.prefix)

    def finish(here: Here) -> None:
        known = _unfinished(here, payload["arn"])
        if known is not None:
            keep(here, msgspec.structs.replace(known, status="AVAILABLE", items=items, size_bytes=size))
            snapshots.release(here, known.table.name, known.table.id)
            if payload.get("purge"):
                here.later("dynamodb.purge", {"prefixes": payload["purge"]})

    await here.transact(finish)


def _unfinished(here: Here, arn: str) -> Backup | None:
    try:
        backup = find(here, arn)
    except BackupNotFoundException:
        return None
    return backup if backup.status == "CREATING" else None


def _identifier(here: Here, table: str, now_ms: int) -> str:
    """The end of a backup's ARN: its time, later than that of every other of the table, so that they list in order."""
    last = next((key for key, _ in here.tx.prefix((BACKUPS, table), reverse=True)), None)
    if last is not None:
        now_ms = max(now_ms, int(str(last[2]).partition("-")[0]) + 1)
    return f"{now_ms:017d}-{here.world.chance.token(8, '0123456789abcdef')}"


@reads
def describe_backup(here: Here, backup_arn: str) -> Output:
    return {"BackupDescription": _description(here, find(here, backup_arn))}


def delete_backup(here: Here, backup_arn: str) -> Output:
    backup = find(here, backup_arn)
    if backup.status == "CREATING" or backup.restores:
        doing = "created" if backup.status == "CREATING" else "restored"
        raise BackupInUseException(f"Backup is being {doing}: {backup_arn}")
    here.tx.delete(backup.key)
    here.later("dynamodb.purge", {"prefixes": [list(backup.prefix)]})
    return {"BackupDescription": _description(here, msgspec.structs.replace(backup, status="DELETED"))}


@reads
def list_backups(
    here: Here,
    table_name: str | None = None,
    limit: int = 100,
    time_range_lower_bound: float | None = None,
    time_range_upper_bound: float | None = None,
    exclusive_start_backup_arn: str | None = None,
    backup_type: str = "USER",
) -> Output:
    prefix: Key = (BACKUPS,) if table_name is None else (BACKUPS, checked_name(table_name))
    after: Key | None = None
    if exclusive_start_backup_arn is not None:
        table, _, identifier = exclusive_start_backup_arn.partition(":table/")[2].partition("/backup/")
        after = (BACKUPS, table, identifier)
    found = (
        backup
        for backup in map(_decode, here.tx.values(prefix, after=after))
        if (time_range_lower_bound is None or backup.created >= _seconds(time_range_lower_bound))
        and (time_range_upper_bound is None or backup.created < _seconds(time_range_upper_bound))
        and backup_type in (backup.kind, "ALL")
    )
    shown = list(islice(found, limit + 1))
    output: Output = {"BackupSummaries": [_summary(here, backup) for backup in shown[:limit]]}
    if len(shown) > limit:
        output["LastEvaluatedBackupArn"] = arn_of(here, shown[limit - 1])
    return output


def _seconds(given: Any) -> float:
    return float(given.timestamp()) if hasattr(given, "timestamp") else float(given)


# Descriptions


def _details(here: Here, backup: Backup) -> Output:
    details: Output = {
        "BackupArn": arn_of(here, backup),
        "BackupName": backup.name,
        "BackupStatus": backup.status,
        "BackupType": backup.kind,
        "BackupCreationDateTime": backup.created,
        "BackupSizeBytes": backup.size_bytes,
    }
    return details if backup.expires is None else {**details, "BackupExpiryDateTime": backup.expires}


def _summary(here: Here, backup: Backup) -> Output:
    return {
        "TableName": backup.table.name,
        "TableId": backup.table.id,
        "TableArn": here.arn("dynamodb", f"table/{backup.table.name}"),
        **_details(here, backup),
    }


def _description(here: Here, backup: Backup) -> Output:
    table = backup.table
    described = describe(here, table)
    source = {
        "TableName": table.name,
        "TableId": table.id,
        "TableArn": described["TableArn"],
        "TableSizeBytes": backup.size_bytes,
        "KeySchema": described["KeySchema"],
        "TableCreationDateTime": table.created,
        "ProvisionedThroughput": {
            "ReadCapacityUnits": table.throughput.read,
            "WriteCapacityUnits": table.throughput.write,
        },
        "ItemCount": backup.items,
        "BillingMode": table.billing,
    }
    features: Output = {}
    for member, shown in (
        ("LocalSecondaryIndexes", ("IndexName", "KeySchema", "Projection")),
        ("GlobalSecondaryIndexes", ("IndexName", "KeySchema", "Projection", "ProvisionedThroughput")),
    ):
        if member in described:
            features[member] = [{name: index[name] for name in shown} for index in described[member]]
    for member, given in (("StreamDescription", "StreamSpecification"), ("SSEDescription", "SSEDescription")):
        if given in described:
            features[member] = described[given]
    if table.ttl is not None and table.ttl.enabled:
        features["TimeToLiveDescription"] = {"TimeToLiveStatus": "ENABLED", "AttributeName": table.ttl.attribute}
    return {
        "BackupDetails": _details(here, backup),
        "SourceTableDetails": source,
        "SourceTableFeatureDetails": features,
    }
