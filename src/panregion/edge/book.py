"""What the edge knows of Route 53, indexed for answering. Pure: changes come in, questions are looked up."""

from collections.abc import Iterator
from typing import Any

import msgspec

from panregion.services.route53.model import (
    Change,
    CidrCollection,
    HealthCheck,
    RecordSet,
    Snapshot,
    Zone,
)

ByType = dict[str, list[RecordSet]]
WILDCARD = "\\052"


def parent(name: str) -> str:
    """b.test. for a.b.test., and the root for a last label."""
    return name.partition(".")[2] or "."


class Book:
    """Zones, record sets, health checks and CIDR collections."""

    def __init__(self) -> None:
        self.version = 0
        """Counts the changes, for those who keep what they found."""
        self._forget()

    def _forget(self) -> None:
        self.version += 1
        self.zones: dict[str, Zone] = {}
        self.checks: dict[str, HealthCheck] = {}
        self.cidrs: dict[str, CidrCollection] = {}
        self._by_zone_name: dict[str, list[Zone]] = {}
        self._records: dict[tuple[str, str], ByType] = {}
        self._below: dict[tuple[str, str], int] = {}

    def load(self, snapshot: bytes) -> None:
        """Forget everything else. Raises msgspec.DecodeError."""
        found = msgspec.msgpack.decode(snapshot, type=Snapshot)
        self._forget()
        for zone in found.zones:
            self.take(Change(zone=zone))
        for record in found.records:
            self.take(Change(record=record))
        for check in found.checks:
            self.take(Change(check=check))
        for cidr in found.cidrs:
            self.take(Change(cidr=cidr))

    def snapshot(self) -> bytes:
        """All of it, to be kept."""
        found = Snapshot(
            zones=list(self.zones.values()),
            records=[record for by_type in self._records.values() for same in by_type.values() for record in same],
            checks=list(self.checks.values()),
            cidrs=list(self.cidrs.values()),
        )
        return msgspec.msgpack.encode(found)

    def apply(self, record: bytes) -> None:
        """One record of the feed. Raises msgspec.DecodeError."""
        self.take(msgspec.msgpack.decode(record, type=Change))

    def take(self, change: Change) -> None:
        """Know one change."""
        self.version += 1
        if change.zone is not None:
            self._apply_zone(change.zone, change.gone)
        if change.record is not None:
            self._apply_record(change.record, change.gone)
        if change.check is not None:
            _set(self.checks, change.check.id, change.check, change.gone)
        if change.cidr is not None:
            _set(self.cidrs, change.cidr.id, change.cidr, change.gone)

    def _apply_zone(self, zone: Zone, gone: bool) -> None:
        _set(self.zones, zone.id, zone, gone)
        others = [other for other in self._by_zone_name.get(zone.name, []) if other.id != zone.id]
        self._by_zone_name[zone.name] = others if gone else [*others, zone]

    def _apply_record(self, record: RecordSet, gone: bool) -> None:
        at = (record.zone_id, record.name)
        by_type = self._records.setdefault(at, {})
        before = bool(by_type)
        same = [other for other in by_type.get(record.type, []) if other.set_identifier != record.set_identifier]
        if not gone:
            same.append(record)
        if same:
            by_type[record.type] = sorted(same, key=lambda each: each.set_identifier)
        else:
            by_type.pop(record.type, None)
        if bool(by_type) != before:
            self._count(record.zone_id, record.name, 1 if by_type else -1)
        if not by_type:
            del self._records[at]

    def _count(self, zone_id: str, name: str, by: int) -> None:
        """How many names exist at or below each name: what tells an empty name from one that is not there."""
        while name != ".":
            self._below[zone_id, name] = self._below.get((zone_id, name), 0) + by
            if not self._below[zone_id, name]:
                del self._below[zone_id, name]
            name = parent(name)

    def zone_of(self, name: str) -> Zone | None:
        """The zone that has the name: the longest match, of several with one name the first made."""
        while True:
            found = self._by_zone_name.get(name)
            if found:
                return found[0]
            if name == ".":
                return None
            name = parent(name)

    def at(self, zone: Zone, name: str) -> ByType | None:
        """The records of a name, its own or a wildcard's; None where the name does not exist (NXDOMAIN)."""
        own = self._records.get((zone.id, name))
        if own is not None:
            return own
        if (zone.id, name) in self._below:
            return {}
        return self._wildcard(zone, name)

    def _wildcard(self, zone: Zone, name: str) -> ByType | None:
        """RFC 4592: the wildcard below the closest name that exists."""
        while name != zone.name and name != ".":
            name = parent(name)
            if (zone.id, name) in self._below or name == zone.name:
                return self._records.get((zone.id, f"{WILDCARD}.{name}"))
        return None

    def delegation(self, zone: Zone, name: str) -> list[RecordSet]:
        """The NS records of another zone cut out between the name and its zone's top, if there are any."""
        while name not in (zone.name, "."):
            cut = self._records.get((zone.id, name), {}).get("NS")
            if cut:
                return cut
            name = parent(name)
        return []

    def using(self, check_id: str) -> Iterator[RecordSet]:
        """The records that hang on a health check."""
        for by_type in self._records.values():
            for same in by_type.values():
                yield from (record for record in same if record.health_check_id == check_id)


def _set(table: dict[str, Any], key: str, value: Any, gone: bool) -> None:
    if gone:
        table.pop(key, None)
    else:
        table[key] = value
