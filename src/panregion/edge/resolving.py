"""The name server's logic: a question to an answer, with the reasons. Pure, but for chance.

A name is looked up in the zone that holds it; of the records with its type the routing policy chooses; an alias
is followed at once and answered under the asked name with its target's TTL; a CNAME is answered and followed as
far as it stays in zones known here. A record is healthy if its health check is, and, for an alias that
evaluates its target's health, if any record of the target is, or what the edge's data planes say of it (a load
balancer). An endpoint of which none of them knows (API Gateway) is always healthy in that sense: what tells a
dead one is a health check.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from panregion.edge import policies
from panregion.edge.book import Book
from panregion.edge.faults import Down
from panregion.edge.names import TTL_S, Names
from panregion.edge.policies import Choice, Circumstances
from panregion.edge.where import Asker
from panregion.services.route53.model import Alias, RecordSet, Zone, record_wire
from panregion.wire import dns
from panregion.world import Chance

CHAIN_MAX = 8
TYPES_REFUSED = frozenset({0, dns.OPT, *range(249, 256)})
"""No types of records but other requests: everything (ANY), whole zones (AXFR, IXFR), keys and signatures."""

DOWN = "the name server is down"

CheckHealth = Callable[[str], bool]
"""Whether a health check, by its id, is healthy."""


@dataclass(slots=True)
class Resolution:
    """An answer and how it came about."""

    rcode: int = dns.NOERROR
    records: list[dns.Record] = field(default_factory=list)
    authority: list[dns.Record] = field(default_factory=list)
    authoritative: bool = True
    personal: bool = False
    fixed: bool = True
    """Whether the same question has the same answer as long as no record and no health check changes."""
    trace: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, scope: int) -> dns.Answer:
        return dns.Answer(self.rcode, self.records, self.authority, self.authoritative, scope if self.personal else 0)

    @property
    def addresses(self) -> list[str]:
        """The IPv4 addresses in it."""
        return [".".join(map(str, record.data)) for record in self.records if record.type == dns.A]

    @property
    def ttl_s(self) -> int:
        """How long it may be kept."""
        return min((record.ttl for record in [*self.records, *self.authority]), default=0)

    @property
    def why(self) -> str:
        """The reasons in one line."""
        return "; ".join(step["why"] for step in self.trace)


class Resolver:
    """Answers from a book, for one world."""

    def __init__(self, book: Book, names: Names, chance: Chance, check_healthy: CheckHealth) -> None:
        self._book = book
        self._names = names
        self._chance = chance
        self.check_healthy = check_healthy
        self.down: Down | None = None
        """How the name server is down, as a fault: who has kept no answer gets none."""

    def resolve(self, name: str, type: int, asker: Asker) -> Resolution:
        """What is answered to a question of that name (in Route 53's spelling) and type."""
        if self.down is not None:
            return Resolution(dns.SERVFAIL, authoritative=False, fixed=False, trace=[{"name": name, "why": DOWN}])
        found = Resolution()
        if type in TYPES_REFUSED:
            found.rcode = dns.REFUSED
            found.trace.append({"name": name, "why": f"{dns.type_name(type)} is refused"})
            return found
        for _ in range(CHAIN_MAX):
            onwards = self._step(name, type, asker, found)
            if onwards is None:
                return found
            name = onwards
        found.rcode = dns.SERVFAIL
        found.trace.append({"name": name, "why": f"the chain is longer than {CHAIN_MAX} names"})
        return found

    def _step(self, name: str, type: int, asker: Asker, found: Resolution) -> str | None:
        """Answer one name; returns the one that a CNAME leads to."""
        zone = self._book.zone_of(name)
        if zone is None:
            self._outside(name, type, asker, found)
            return None
        cut = self._book.delegation(zone, name)
        if cut and not (cut[0].name == name and type in (dns.NS, dns.DS)):
            self._refer(cut, found)
            return None
        here = self._book.at(zone, name)
        if here is None:
            self._nothing(zone, name, found, dns.NXDOMAIN, "does not exist")
            return None
        type_name = dns.type_name(type)
        records = here.get(type_name)
        if records:
            self._answer(zone, name, records, asker, found)
            return None
        if "CNAME" in here:
            return self._follow_cname(zone, name, here["CNAME"], asker, found)
        self._nothing(zone, name, found, dns.NOERROR, f"has no {type_name} record")
        return None

    def _outside(self, name: str, type: int, asker: Asker, found: Resolution) -> None:
        own = self._names.find(name, asker)
        if own is not None:
            if type == dns.A:
                found.records += [dns.Record(name, dns.A, TTL_S, dns.rdata(dns.A, each)) for each in own.addresses]
            found.rcode = dns.NOERROR if own.addresses else dns.NXDOMAIN
            found.personal |= own.personal
            found.fixed &= not own.personal
            found.trace.append({"name": name, "why": own.why})
        elif not found.records:
            found.rcode, found.authoritative = dns.REFUSED, False
            found.trace.append({"name": name, "why": f"no hosted zone holds {name}"})
        else:
            found.trace.append({"name": name, "why": f"{name} is elsewhere: the resolver goes on"})

    def _refer(self, cut: Sequence[RecordSet], found: Resolution) -> None:
        record = cut[0]
        found.authoritative = False
        found.authority += self._records(record.name, record)
        found.trace.append({"name": record.name, "why": f"{record.name} is delegated to other name servers"})

    def _nothing(self, zone: Zone, name: str, found: Resolution, rcode: int, why: str) -> None:
        found.rcode = rcode
        soa = (self._book.at(zone, zone.name) or {}).get("SOA", [])
        found.authority += [record for each in soa for record in self._records(zone.name, each)]
        found.trace.append({"name": name, "zone": zone.id, "why": f"{name} {why}"})

    def _answer(self, zone: Zone, name: str, records: list[RecordSet], asker: Asker, found: Resolution) -> None:
        resource = self._select(name, records, asker, found, 0)
        if resource:
            found.records += resource
        else:
            self._nothing(zone, name, found, dns.NOERROR, "gets no answer")

    def _follow_cname(
        self, zone: Zone, name: str, records: list[RecordSet], asker: Asker, found: Resolution
    ) -> str | None:
        before = len(found.records)
        self._answer(zone, name, records, asker, found)
        if len(found.records) == before:
            return None
        return dns.normal(dns.rdata_text(dns.CNAME, found.records[-1].data))

    def _select(
        self, name: str, records: list[RecordSet], asker: Asker, found: Resolution, depth: int
    ) -> list[dns.Record]:
        """The records that the policy chooses, aliases followed, under `name`."""
        choice = policies.choose(records, self._circumstances(asker, found))
        found.trace.append(self._explain(records, choice))
        found.personal |= choice.personal
        resource: list[dns.Record] = []
        for chosen in choice.records:
            resource += (
                self._records(name, chosen)
                if chosen.alias is None
                else self._through(name, chosen, chosen.alias, asker, found, depth)
            )
        if len(resource) > 1:
            resource.sort(key=lambda _: self._chance.random())
        found.fixed &= not choice.drawn and len(resource) < 2
        return resource

    def _through(
        self, name: str, record: RecordSet, alias: Alias, asker: Asker, found: Resolution, depth: int
    ) -> list[dns.Record]:
        """What an alias leads to."""
        target = alias.name
        zone = self._book.zones.get(alias.zone_id)
        if zone is not None:
            records = (self._book.at(zone, target) or {}).get(record.type)
            if records and depth < CHAIN_MAX:
                return self._select(name, records, asker, found, depth + 1)
            found.trace.append({"name": target, "why": f"the alias's target {target} has no {record.type} record"})
            return []
        own = self._names.find(target, asker)
        found.fixed &= own is None or not own.personal
        if own is None or not own.addresses or record.type != "A":
            found.trace.append({"name": target, "why": f"the alias's target {target} has no {record.type} record here"})
            return []
        found.personal |= own.personal
        why = f"alias to {target}: {own.why}" if own.personal else f"alias to {target}"
        found.trace.append({"name": target, "why": why})
        return [dns.Record(name, dns.A, TTL_S, dns.rdata(dns.A, each)) for each in own.addresses]

    @staticmethod
    def _records(name: str, record: RecordSet) -> list[dns.Record]:
        number = dns.type_number(record.type)
        return [dns.Record(name, number, record.ttl, data) for data in record_wire(record)]

    def _circumstances(self, asker: Asker, found: Resolution) -> Circumstances:
        def healthy(record: RecordSet) -> bool:
            if record.alias is not None and record.alias.evaluate_target_health:
                found.fixed = False  # a data plane may have been asked, which does not tell of changes
            return self.healthy(record)

        return Circumstances(healthy, asker, self._chance, self._book.cidrs)

    def _explain(self, records: list[RecordSet], choice: Choice) -> dict[str, Any]:
        first = records[0]
        chosen = {record.id for record in choice.records}
        return {
            "name": first.name,
            "type": first.type,
            "policy": first.policy,
            "why": choice.why,
            "records": [
                {
                    "set_identifier": record.set_identifier,
                    "terms": policies.terms(record),
                    "chosen": record.id in chosen,
                    "healthy": self.healthy(record),
                    "health_check": record.health_check_id or None,
                    "target": record.alias.name if record.alias else list(record.values),
                }
                for record in records
            ],
        }

    def healthy(self, record: RecordSet, depth: int = 0) -> bool:
        """Whether a record may be answered with, all other things equal."""
        if record.health_check_id and not self.check_healthy(record.health_check_id):
            return False
        alias = record.alias
        if alias is None or not alias.evaluate_target_health or depth >= CHAIN_MAX:
            return True
        zone = self._book.zones.get(alias.zone_id)
        if zone is None:
            return self._names.healthy(alias.name)
        targets = (self._book.at(zone, alias.name) or {}).get(record.type, [])
        return any(self.healthy(target, depth + 1) for target in targets)
