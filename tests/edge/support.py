"""Zones and records made up in a line, and who asks for them."""

from typing import Any

from panregion.edge.book import Book
from panregion.edge.names import Names, Owner
from panregion.edge.resolving import Resolution, Resolver
from panregion.edge.where import Map
from panregion.services.route53.model import (
    Alias,
    Change,
    HealthCheck,
    RecordSet,
    Zone,
    name_servers,
    own_records,
)
from panregion.wire import dns
from panregion.world import SeededChance, WorldSettings

ZONE = Zone("Z1", "hello.test.", "reference", name_servers([1, 2, 3, 4]))
SETTINGS = WorldSettings()
MAP = Map(SETTINGS)


def record(name: str = "api", value: str = "192.0.2.1", type: str = "A", **more: Any) -> RecordSet:
    """A record of ZONE; `name` is relative to it, `@` is its top."""
    full = ZONE.name if name == "@" else dns.normal(f"{name}.{ZONE.name}")
    values = () if "alias" in more else (value,)
    return RecordSet(ZONE.id, full, type, ttl=more.pop("ttl", 60), values=values, **more)


def alias(name: str, target: str, *, evaluate: bool = False, zone_id: str = ZONE.id, **more: Any) -> RecordSet:
    return record(name, alias=Alias(zone_id, dns.normal(target), evaluate), **more)


def check(id: str, **config: Any) -> HealthCheck:
    config = {"Type": "HTTP", "FailureThreshold": 3, "RequestInterval": 10, **config}
    return HealthCheck(id, id, 1, config)


class Lab:
    """A resolver over a book, some of whose health checks fail."""

    def __init__(
        self,
        *records: RecordSet,
        unhealthy: set[str] | None = None,
        seed: int = 1,
        owners: dict[str, Owner] | None = None,
    ) -> None:
        self.book = Book()
        self.unhealthy = unhealthy or set()
        self.book.take(Change(zone=ZONE))
        for each in [*own_records(ZONE), *records]:
            self.book.take(Change(record=each))
        self.resolver = Resolver(
            self.book,
            Names(SETTINGS, owners or {}),
            SeededChance(seed),
            lambda check_id: check_id not in self.unhealthy,
        )

    def ask(self, name: str = "api.hello.test.", type: str = "A", who: str = "london") -> Resolution:
        return self.resolver.resolve(dns.normal(name), dns.type_number(type), MAP.asker(who))

    def values(self, name: str = "api.hello.test.", type: str = "A", who: str = "london") -> list[str]:
        found = self.ask(name, type, who)
        return [dns.rdata_text(each.type, each.data) for each in found.records]
