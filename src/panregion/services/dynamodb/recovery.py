"""Point in time recovery: whether a table can be restored, and to which moments."""

from typing import Any

import msgspec

from panregion.services.dynamodb import journal, layout
from panregion.services.dynamodb.errors import (
    ContinuousBackupsUnavailableException,
    ResourceNotFoundException,
    TableNotFoundException,
)
from panregion.services.dynamodb.model import Table
from panregion.services.dynamodb.names import local_name
from panregion.services.here import Here
from panregion.services.service import reads

Output = dict[str, Any]
Parameters = dict[str, Any]

LATENCY_S = 0.0
"""How long ago the latest restorable moment is. AWS says typically five minutes; here the journal is never behind."""


def recoverable(here: Here, given: str) -> Table:
    try:
        name = local_name(here, given)
    except ResourceNotFoundException as error:
        raise TableNotFoundException(f"Table not found: {given.rpartition('/')[2]}") from error
    view = layout.read_table(here.tx, name)
    if view is None:
        raise TableNotFoundException(f"Table not found: {name}")
    return view.table


@reads
def describe_continuous_backups(here: Here, table_name: str) -> Output:
    return {"ContinuousBackupsDescription": _description(here, recoverable(here, table_name))}


def update_continuous_backups(here: Here, table_name: str, point_in_time_recovery_specification: Parameters) -> Output:
    table = recoverable(here, table_name)
    if table.status not in ("ACTIVE", "UPDATING"):
        raise ContinuousBackupsUnavailableException(
            "Backups are being enabled for the table: " + table.name + ". Please retry later"
        )
    if not point_in_time_recovery_specification["PointInTimeRecoveryEnabled"]:
        changed = msgspec.structs.replace(table, recovery_from=None)
    else:
        changed = msgspec.structs.replace(
            table,
            recovery_from=here.now() if table.recovery_from is None else table.recovery_from,
            recovery_days=point_in_time_recovery_specification.get("RecoveryPeriodInDays", 35),
        )
    changed = journal.with_journal(here, changed)
    layout.put_table(here.tx, changed)
    if table.recovery_from is None and changed.recovery_from is not None:
        due = here.now() + journal.TRIM_EVERY_S
        here.later("dynamodb.trim-journal", {"name": changed.name, "feed": str(changed.journal)}, due)
    return {"ContinuousBackupsDescription": _description(here, changed)}


def window(here: Here, table: Table) -> tuple[float, float]:
    """The first and the last moment to which the table can be restored."""
    assert table.recovery_from is not None, "asked of tables that can be recovered"
    now = here.now()
    earliest = max(table.recovery_from, now - table.recovery_days * journal.DAY_S)
    return earliest, max(earliest, now - LATENCY_S)


def _description(here: Here, table: Table) -> Output:
    recovery: Output = {"PointInTimeRecoveryStatus": "DISABLED"}
    if table.recovery_from is not None:
        earliest, latest = window(here, table)
        recovery = {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": table.recovery_days,
            "EarliestRestorableDateTime": earliest,
            "LatestRestorableDateTime": latest,
        }
    return {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery}
