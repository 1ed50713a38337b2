"""Provisioned throughput, enforced where the world file says `[dynamodb] enforce_throughput = true`.

Every table and global index with provisioned capacity has a bucket of read units and one of write units, filled at
the provisioned rate up to 300 seconds' worth, as AWS keeps unused capacity for bursts. A request is let in as long
as its buckets are not empty, and then takes all that it consumes, so that a large one is paid for by those that
follow. Buckets are in memory: a region that starts anew has had its quiet seconds.
"""

from dataclasses import dataclass
from typing import Literal

from panregion.services.dynamodb.capacity import Consumption
from panregion.services.dynamodb.errors import ProvisionedThroughputExceededException
from panregion.services.dynamodb.model import TableView, Throughput
from panregion.services.here import Here

Kind = Literal["Read", "Write"]

BURST_S = 300.0
TABLE_EXCEEDED = (
    "The level of configured provisioned throughput for the table was exceeded. "
    "Consider increasing your provisioning level with the UpdateTable API."
)
INDEX_EXCEEDED = (
    "The level of configured provisioned throughput for one or more global secondary indexes of the table was "
    "exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with "
    "the UpdateTable API"
)


@dataclass(slots=True)
class Bucket:
    units: float
    filled: float

    def fill(self, rate: int, now: float) -> None:
        self.units = min(rate * BURST_S, self.units + rate * max(0.0, now - self.filled))
        self.filled = now


def is_metered(here: Here, view: TableView) -> bool:
    """Whether what is consumed of this table has to be known."""
    return here.settings.dynamodb.enforce_throughput and view.table.billing == "PROVISIONED"


def spend(here: Here, view: TableView, kind: Kind, used: Consumption) -> None:
    """Take what a request consumes. Raises ProvisionedThroughputExceededException and takes nothing."""
    if not is_metered(here, view):
        return
    spent = []
    if used.table:
        spent.append((_bucket(here, view, "", kind, view.table.throughput), used.table, TABLE_EXCEEDED))
    for name, units in used.indexes.items():
        index = view.table.index(name)
        if index is None:
            continue
        throughput = index.throughput if index.is_global else view.table.throughput
        bucket = _bucket(here, view, name if index.is_global else "", kind, throughput)
        spent.append((bucket, units, INDEX_EXCEEDED if index.is_global else TABLE_EXCEEDED))
    for bucket, _, text in spent:
        if bucket.units <= 0:
            raise ProvisionedThroughputExceededException(text)
    for bucket, units, _ in spent:
        bucket.units -= units


def _bucket(here: Here, view: TableView, index: str, kind: Kind, throughput: Throughput) -> Bucket:
    """The bucket as it is now. A new one holds what it would have gathered since the table was made."""
    rate = throughput.read if kind == "Read" else throughput.write
    now = here.now()
    buckets: dict[tuple[str, str, Kind], Bucket] = here.running.setdefault("dynamodb-buckets", {})
    key = (view.table.id, index, kind)
    if key not in buckets:
        age_s = max(1.0, now - view.table.created)
        buckets[key] = Bucket(rate * min(BURST_S, age_s), now)
    bucket = buckets[key]
    bucket.fill(rate, now)
    return bucket
