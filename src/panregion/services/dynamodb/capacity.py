"""Capacity units, by DynamoDB's arithmetic: a write unit per KiB, a read unit per 4 KiB, half if eventual.

A transaction pays double. An index is written, and paid for, only where its entry changes; an entry that moves
is deleted and put.
"""

from dataclasses import dataclass, field
from typing import Any

from panregion.services.dynamodb.model import TableView

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096


def write_units(*sizes: int) -> float:
    """For one write, by the larger of the item before and after."""
    return float(max(1, -(-max(sizes) // WRITE_UNIT_BYTES)))


def read_units(size: int, consistent: bool) -> float:
    """For what was read, together; at least one unit (or half)."""
    units = max(1, -(-size // READ_UNIT_BYTES))
    return float(units) if consistent else units / 2


@dataclass(slots=True)
class Consumption:
    """What a request consumed of one table and its indexes."""

    table: float = 0.0
    indexes: dict[str, float] = field(default_factory=dict)

    def add(self, other: "Consumption", times: int = 1) -> None:
        self.table += other.table * times
        for name, units in other.indexes.items():
            self.indexes[name] = self.indexes.get(name, 0.0) + units * times

    def report(self, view: TableView, wanted: str, kind: str | None = None) -> dict[str, Any]:
        """ConsumedCapacity. `kind`, Read or Write, is told apart by transactions only."""
        total = self.table + sum(self.indexes.values())
        report = _units(total, kind)
        report["TableName"] = view.told
        if wanted == "INDEXES":
            report["Table"] = _units(self.table, kind)
            for index in view.indexes:
                units = self.indexes.get(index.index.name)
                if units is not None:
                    member = ("Global" if index.index.is_global else "Local") + "SecondaryIndexes"
                    report.setdefault(member, {})[index.index.name] = _units(units, kind)
        return report


def _units(units: float, kind: str | None) -> dict[str, Any]:
    return {"CapacityUnits": units} | ({f"{kind}CapacityUnits": units} if kind else {})


def wanted(return_consumed_capacity: str | None) -> bool:
    return return_consumed_capacity in ("TOTAL", "INDEXES")
