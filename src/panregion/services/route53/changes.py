"""ChangeResourceRecordSets, decided: what a batch of changes makes of a zone's records. Pure.

A batch is read and checked change by change (`read_all`), each as AWS's own rules for one change say (InvalidInput),
then carried out in order on a copy (`carry_out`). What contradicts the zone or another change is collected, all of
it, and if anything was, nothing is done (InvalidChangeBatch). The messages are AWS's, as far as they are known.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import msgspec

from panregion.services.route53.conflicts import conflicts, named
from panregion.services.route53.errors import InvalidChangeBatch, InvalidInput
from panregion.services.route53.geography import find
from panregion.services.route53.model import (
    Alias,
    CidrRouting,
    GeoLocation,
    GeoProximity,
    RecordSet,
    Zone,
    is_own,
    within,
)
from panregion.services.route53.values import name_problem, value_problems
from panregion.wire import dns

Action = Literal["CREATE", "DELETE", "UPSERT"]
Change = tuple[Action, RecordSet]
Existing = Callable[[str], Iterable[RecordSet]]
"""The zone's record sets of one name."""

ROUTING = (
    "Weight",
    "Region",
    "Failover",
    "GeoLocation",
    "MultiValueAnswer",
    "GeoProximityLocation",
    "CidrRoutingConfig",
)
ROUTING_LISTED = f"{', '.join(ROUTING[:-1])}, or {ROUTING[-1]}"
RECORDS_MAX, CHARACTERS_MAX = 1000, 32_000
"""Of one batch: values, and characters in all values; those of an UPSERT count twice."""
NO_TARGET_HEALTH = frozenset({"Z2FDTNDATAQYW2"})
"""CloudFront's zone: an alias there cannot evaluate its target's health."""
ALIAS_OR_VALUES = "[AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]"


def read_all(zone: Zone, changes: list[dict[str, Any]]) -> list[Change]:
    """A batch's changes as record sets of the zone. Raises InvalidInput, InvalidChangeBatch: with all that is wrong."""
    problems = [problem for change in changes for problem in _field_problems(change["ResourceRecordSet"])]
    if problems:
        told = [
            f"{problem} {_where(change)}"
            for change in changes
            for problem in _field_problems(change["ResourceRecordSet"])
        ]
        raise InvalidInput(f"Invalid request: {', '.join(told)}")
    names = [name for change in changes for name in _names(change["ResourceRecordSet"])]
    wrong = [f"FATAL problem: {problem} encountered with '{name}'" for name in names if (problem := name_problem(name))]
    wrong += _too_much(changes)
    if wrong:
        raise InvalidChangeBatch(*wrong)
    return [read(zone, change) for change in changes]


def _names(given: dict[str, Any]) -> list[str]:
    return [given["Name"]] + ([given["AliasTarget"]["DNSName"]] if "AliasTarget" in given else [])


def _too_much(changes: list[dict[str, Any]]) -> Iterator[str]:
    values = [
        record["Value"]
        for change in changes
        for record in change["ResourceRecordSet"].get("ResourceRecords", [])
        for _ in range(2 if change["Action"] == "UPSERT" else 1)
    ]
    if len(values) > RECORDS_MAX:
        yield f"Number of records limit of {RECORDS_MAX} exceeded."
    if sum(map(len, values)) > CHARACTERS_MAX:
        yield f"Number of characters limit of {CHARACTERS_MAX} exceeded."


def read(zone: Zone, change: dict[str, Any]) -> Change:
    """One change of a batch as a record set of the zone. Raises InvalidInput."""
    action, given = change["Action"], change["ResourceRecordSet"]
    name = dns.normal(given["Name"])
    return action, RecordSet(
        zone_id=zone.id,
        name=name,
        type=given["Type"],
        set_identifier=given.get("SetIdentifier", ""),
        ttl=given.get("TTL", 0),
        values=tuple(record["Value"] for record in given.get("ResourceRecords", [])),
        alias=_alias(given.get("AliasTarget")),
        weight=given.get("Weight"),
        region=given.get("Region", ""),
        failover=given.get("Failover", ""),
        geo=_geo(given.get("GeoLocation")),
        multivalue=given.get("MultiValueAnswer", False),
        proximity=_proximity(given.get("GeoProximityLocation")),
        cidr=_cidr(given.get("CidrRoutingConfig")),
        health_check_id=given.get("HealthCheckId", ""),
        traffic_instance_id=given.get("TrafficPolicyInstanceId", ""),
    )


def _where(change: dict[str, Any]) -> str:
    given = change["ResourceRecordSet"]
    return (
        f"in Change with [Action={change['Action']}, Name={given['Name']}, Type={given['Type']}, "
        f"SetIdentifier={given.get('SetIdentifier', 'null')}]"
    )


def _field_problems(given: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the fields of one record set, whatever the zone holds."""
    aliased, valued = "AliasTarget" in given, "TTL" in given and bool(given.get("ResourceRecords"))
    managed = "TrafficPolicyInstanceId" in given
    if aliased + valued + managed > 1 or (aliased and ("TTL" in given or "ResourceRecords" in given)):
        yield f"Expected exactly one of {ALIAS_OR_VALUES}, but found more than one"
    elif not (aliased or valued or managed):
        yield f"Expected exactly one of {ALIAS_OR_VALUES}, but found none"
    routing = [field for field in ROUTING if field in given]
    if len(routing) > 1:
        yield f"Expected exactly one of [{ROUTING_LISTED}], but found more than one"
    elif routing and not given.get("SetIdentifier"):
        yield "Missing field 'SetIdentifier'"
    elif not routing and given.get("SetIdentifier"):
        yield f"Expected exactly one of [{ROUTING_LISTED}], but found none"
    if given.get("MultiValueAnswer") and aliased:
        yield "MultiValueAnswer is not allowed for an alias resource record set"
    if "Region" in given and len(given.get("ResourceRecords", [])) > 1:
        yield "a latency resource record set has one ResourceRecord"


def _alias(given: dict[str, Any] | None) -> Alias | None:
    if given is None:
        return None
    zone_id = given["HostedZoneId"].rsplit("/", 1)[-1]
    return Alias(zone_id, dns.normal(given["DNSName"]), given["EvaluateTargetHealth"])


def _geo(given: dict[str, str] | None) -> GeoLocation | None:
    if given is None:
        return None
    continent, country = given.get("ContinentCode", ""), given.get("CountryCode", "")
    if bool(continent) == bool(country):
        raise InvalidInput("Invalid request: GeoLocation needs either a ContinentCode or a CountryCode")
    subdivision = given.get("SubdivisionCode", "")
    if subdivision and country != "US":
        raise InvalidInput("Invalid request: SubdivisionCode is for the CountryCode US only")
    if find(continent, country, subdivision) is None:
        raise InvalidInput(f"Invalid request: there is no geographic location {continent or country}{subdivision}")
    return GeoLocation(continent, country, subdivision)


def _proximity(given: dict[str, Any] | None) -> GeoProximity | None:
    if given is None:
        return None
    if "LocalZoneGroup" in given:
        raise InvalidInput("Invalid request: panregion has no local zones; use AWSRegion or Coordinates")
    coordinates = given.get("Coordinates")
    if (coordinates is None) == ("AWSRegion" not in given):
        raise InvalidInput("Invalid request: GeoProximityLocation needs either an AWSRegion or Coordinates")
    bias = given.get("Bias", 0)
    if coordinates is None:
        return GeoProximity(region=given["AWSRegion"], bias=bias)
    try:
        latitude, longitude = float(coordinates["Latitude"]), float(coordinates["Longitude"])
    except ValueError as error:
        raise InvalidInput("Invalid request: Coordinates are numbers") from error
    return GeoProximity(latitude=latitude, longitude=longitude, bias=bias)


def _cidr(given: dict[str, str] | None) -> CidrRouting | None:
    return None if given is None else CidrRouting(given["CollectionId"], given["LocationName"])


def carry_out(zone: Zone, changes: list[Change], existing: Existing) -> list[Change]:
    """The deletions and (as UPSERT) writes that the batch comes to. Raises InvalidChangeBatch."""
    messages = list(_repeated(changes))
    state = _State(zone, existing)
    for action, record in changes:
        problems = list(state.problems(action, record))
        messages += problems
        if not problems:
            state.apply(action, record)
    if messages:
        raise InvalidChangeBatch(*dict.fromkeys(messages))
    return state.outcome()


def _repeated(changes: list[Change]) -> Iterator[str]:
    """A record set that a batch touches twice, other than to delete it and make it anew."""
    before: dict[tuple[str, str, str, str], str] = {}
    for action, record in changes:
        first = before.get(record.id)
        if first is not None and not (first == "DELETE" and action != "DELETE"):
            yield (
                "The request contains an invalid set of changes for a resource record set "
                f"'{record.type} {record.name}'"
            )
        before[record.id] = action


class _State:
    """A zone's records as the batch has changed them so far: name -> (type, identifier) -> record."""

    def __init__(self, zone: Zone, existing: Existing) -> None:
        self._zone = zone
        self._existing = existing
        self._now: dict[str, dict[tuple[str, str], RecordSet]] = {}
        self._before: dict[str, dict[tuple[str, str], RecordSet]] = {}

    def at(self, name: str) -> dict[tuple[str, str], RecordSet]:
        if name not in self._now:
            found = {(record.type, record.set_identifier): record for record in self._existing(name)}
            self._before[name], self._now[name] = found, dict(found)
        return self._now[name]

    def problems(self, action: Action, record: RecordSet) -> Iterator[str]:
        if not within(record.name, self._zone.name):
            yield f"RRSet with DNS name {record.name} is not permitted in zone {self._zone.name}"
            return
        here = self.at(record.name)
        current = here.get((record.type, record.set_identifier))
        if action == "DELETE":
            yield from self._delete_problems(record, current)
            return
        if action == "CREATE" and current is not None:
            yield f"Tried to create resource record set {named(record)} but it already exists"
            return
        if record.traffic_instance_id:
            yield f"{named(record)} is a traffic policy instance's: use CreateTrafficPolicyInstance"
            return
        yield from value_problems(record)
        yield from self._alias_problems(record)
        others = [other for other in here.values() if other.id != record.id]
        yield from conflicts(self._zone, record, others)

    def _delete_problems(self, record: RecordSet, current: RecordSet | None) -> Iterator[str]:
        if current is None:
            yield f"Tried to delete resource record set {named(record)} but it was not found"
        elif not _same(current, record):
            yield (
                f"Tried to delete resource record set {named(record)} "
                "but the values provided do not match the current values"
            )
        elif is_own(record, self._zone):
            number = "exactly one SOA record" if record.type == "SOA" else "at least one NS record for the zone itself"
            yield f"A HostedZone must contain {number}."

    def _alias_problems(self, record: RecordSet) -> Iterator[str]:
        alias = record.alias
        if alias is not None and alias.zone_id in NO_TARGET_HEALTH and alias.evaluate_target_health:
            yield f"EvaluateTargetHealth cannot be true for an alias that targets the distribution {alias.name}"
        if alias is None or alias.zone_id != self._zone.id:
            return
        tried = f"Tried to create an alias that targets {alias.name}, type {record.type} in zone {alias.zone_id}, but"
        if not within(alias.name, self._zone.name):
            yield f"{tried} the alias target name does not lie within the target zone"
        elif not any(kind == record.type for kind, _ in self.at(alias.name)):
            yield f"{tried} that target was not found"

    def apply(self, action: Action, record: RecordSet) -> None:
        here = self.at(record.name)
        if action == "DELETE":
            del here[record.type, record.set_identifier]
        else:
            here[record.type, record.set_identifier] = record

    def outcome(self) -> list[Change]:
        changes: list[Change] = []
        for name, after in self._now.items():
            before = self._before[name]
            changes += [("DELETE", record) for key, record in before.items() if key not in after]
            changes += [("UPSERT", record) for key, record in after.items() if before.get(key) != record]
        return changes


def _same(current: RecordSet, given: RecordSet) -> bool:
    """Whether a deletion names what is there; the order of values does not count."""
    if current.traffic_instance_id:
        return current.traffic_instance_id == given.traffic_instance_id and current.ttl == given.ttl
    return _comparable(current) == _comparable(given)


def _comparable(record: RecordSet) -> RecordSet:
    return msgspec.structs.replace(record, values=tuple(sorted(record.values)))
