"""Traffic policy documents: read, held to their format, and made into record sets. Pure.

A document is a tree of rules with endpoints as its leaves (formats 2015-10-01 and 2023-05-09). At a name of a zone it
becomes ordinary record sets: the start's own at the name, those of every rule below at a name of the rule's, to which
an alias leads from the rule above.

    {"AWSPolicyFormatVersion": "2015-10-01", "RecordType": "A", "StartRule": "site",
     "Endpoints": {"one": {"Type": "value", "Value": "192.0.2.1"}, ...},
     "Rules": {"site": {"RuleType": "failover", "Primary": {"EndpointReference": "one"}, "Secondary": {...}}}}
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from panregion.services.route53.errors import InvalidTrafficPolicyDocument
from panregion.services.route53.geography import find
from panregion.services.route53.model import Alias, GeoLocation, GeoProximity, RecordSet, Zone
from panregion.services.route53.values import name_problem, value_problem
from panregion.wire import dns

FORMATS = ("2015-10-01", "2023-05-09")
BRANCHES = {
    "weighted": "Items",
    "multivalue": "Items",
    "latency": "Regions",
    "geo": "Locations",
    "geoproximity": "GeoproximityLocations",
}
"""The list of references that each type of rule has; failover has two, by name."""
RULE_TYPES = frozenset({"failover", *BRANCHES})
ALIAS_TYPES = frozenset(
    {
        *("cloudfront", "elastic-load-balancer", "application-load-balancer", "network-load-balancer"),
        *("elastic-beanstalk", "s3-website"),
    }
)
REGION_PREFIX = "aws:route53:"
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
DEPTH_MAX = 8


@dataclass(frozen=True)
class Document:
    """A document that holds together. `start` is ("endpoint" or "rule", id)."""

    type: str
    start: tuple[str, str]
    endpoints: dict[str, dict[str, Any]]
    rules: dict[str, dict[str, Any]]


def _require(condition: bool, words: str) -> None:
    if not condition:
        raise InvalidTrafficPolicyDocument(words)


def parse(text: str) -> Document:
    """Raises InvalidTrafficPolicyDocument."""
    try:
        given = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InvalidTrafficPolicyDocument(f"The document is not a JSON object: {error}") from error
    known = {"AWSPolicyFormatVersion", "RecordType", "StartEndpoint", "StartRule", "Endpoints", "Rules"}
    for name in given:
        _require(name in known, f"The document has an unknown member {name}")
    _require(given.get("AWSPolicyFormatVersion") in FORMATS, f"AWSPolicyFormatVersion must be {' or '.join(FORMATS)}")
    record_type = str(given.get("RecordType"))
    _require(
        record_type in ("A", "AAAA", "CAA", "CNAME", "MX", "NAPTR", "PTR", "SPF", "SRV", "TXT"), "RecordType is invalid"
    )
    _require(
        ("StartEndpoint" in given) != ("StartRule" in given), "Exactly one of StartEndpoint and StartRule is needed"
    )
    start = ("endpoint", given["StartEndpoint"]) if "StartEndpoint" in given else ("rule", given["StartRule"])
    document = Document(record_type, start, given.get("Endpoints", {}), given.get("Rules", {}))
    for found in (document.endpoints, document.rules):
        good = isinstance(found, dict) and all(isinstance(each, dict) for each in found.values())
        _require(good, "Endpoints and Rules are objects whose members are objects")
    for endpoint_id, endpoint in document.endpoints.items():
        _check_endpoint(endpoint_id, endpoint, record_type)
    for rule_id, rule in document.rules.items():
        _check_rule(document, rule_id, rule)
    _check_reach(document)
    return document


def _check_endpoint(id: str, endpoint: dict[str, Any], type: str) -> None:
    kind, value = endpoint.get("Type"), endpoint.get("Value")
    _require(kind == "value" or kind in ALIAS_TYPES, f"The endpoint {id} has an unknown Type {kind}")
    if kind == "s3-website":
        _require(isinstance(endpoint.get("Region"), str), f"The endpoint {id} needs a Region")
        return
    _require(isinstance(value, str) and bool(value), f"The endpoint {id} needs a Value")
    if kind == "value":
        problem = value_problem(type, str(value))
        _require(problem is None, f"The endpoint {id} has an invalid Value: {problem}")
    else:
        _require(type in ("A", "AAAA"), f"The endpoint {id} is for the RecordTypes A and AAAA")
        _require(name_problem(str(value)) is None, f"The endpoint {id} has an invalid Value {value}")


def _check_rule(document: Document, id: str, rule: dict[str, Any]) -> None:
    kind = rule.get("RuleType")
    _require(kind in RULE_TYPES, f"The rule {id} has an unknown RuleType {kind}")
    branches = list(_branches(id, rule))
    _require(bool(branches), f"The rule {id} leads nowhere")
    for branch in branches:
        _check_branch(document, id, str(kind), branch)


def _branches(id: str, rule: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The references of a rule; a failover's with their role."""
    if rule["RuleType"] == "failover":
        _require(isinstance(rule.get("Primary"), dict), f"The failover rule {id} needs a Primary")
        for role in ("Primary", "Secondary"):
            if role in rule:
                _require(isinstance(rule[role], dict), f"The {role} of the rule {id} must be an object")
                yield {**rule[role], "Role": role.upper()}
        return
    name = BRANCHES[rule["RuleType"]]
    found = rule.get(name)
    good = isinstance(found, list) and all(isinstance(each, dict) for each in found)
    _require(good, f"The rule {id} needs a list {name}")
    yield from found or []


def _check_branch(document: Document, id: str, kind: str, branch: dict[str, Any]) -> None:
    both = ("EndpointReference" in branch) + ("RuleReference" in branch)
    _require(both == 1, f"A branch of the rule {id} needs exactly one of EndpointReference and RuleReference")
    endpoint, rule = branch.get("EndpointReference"), branch.get("RuleReference")
    _require(endpoint is None or endpoint in document.endpoints, f"The rule {id} refers to no endpoint: {endpoint}")
    _require(rule is None or rule in document.rules, f"The rule {id} refers to no rule: {rule}")
    if kind == "multivalue":
        good = endpoint is not None and document.endpoints[endpoint].get("Type") == "value"
        _require(good, f"The multivalue rule {id} leads to endpoints of type value only")
    _terms(id, kind, branch)


def _number(id: str, branch: dict[str, Any], name: str, low: float, high: float, default: float | None = None) -> float:
    try:
        number = float(branch[name] if default is None else branch.get(name, default))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidTrafficPolicyDocument(f"The rule {id} needs a number {name}") from error
    _require(low <= number <= high, f"{name} of the rule {id} must be between {low:g} and {high:g}")
    return number


def _terms(id: str, kind: str, branch: dict[str, Any]) -> dict[str, Any]:
    """What a record set of that branch goes by."""
    match kind:
        case "weighted":
            return {"weight": int(_number(id, branch, "Weight", 0, 255))}
        case "multivalue":
            return {"multivalue": True}
        case "failover":
            return {"failover": branch["Role"]}
        case "latency":
            _require(isinstance(branch.get("Region"), str), f"The rule {id} needs a Region")
            return {"region": branch["Region"].removeprefix(REGION_PREFIX)}
        case "geo":
            return {"geo": _location(id, branch)}
    bias = int(_number(id, branch, "Bias", -99, 99, 0))
    if "Region" in branch:
        return {"proximity": GeoProximity(region=str(branch["Region"]).removeprefix(REGION_PREFIX), bias=bias)}
    latitude, longitude = _number(id, branch, "Latitude", -90, 90), _number(id, branch, "Longitude", -180, 180)
    return {"proximity": GeoProximity(latitude=latitude, longitude=longitude, bias=bias)}


def _location(id: str, branch: dict[str, Any]) -> GeoLocation:
    if _true(branch.get("IsDefault", False)):
        return GeoLocation(country="*")
    country, subdivision = str(branch.get("Country", "")), str(branch.get("Subdivision", ""))
    continent = "" if country else str(branch.get("Continent", ""))
    _require(find(continent, country, subdivision) is not None, f"The rule {id} has an unknown location")
    return GeoLocation(continent, country, subdivision)


def _true(value: Any) -> bool:
    return value is True or str(value).lower() == "true"


def _check_reach(document: Document) -> None:
    """The start exists, and no rule leads back to itself."""
    kind, start = document.start
    known = document.endpoints if kind == "endpoint" else document.rules
    _require(start in known, f"There is no {kind} {start} to start at")

    def descend(rule_id: str, above: tuple[str, ...]) -> None:
        _require(rule_id not in above, f"The rule {rule_id} leads back to itself")
        _require(len(above) < DEPTH_MAX, f"The rules are nested more than {DEPTH_MAX} deep")
        for branch in _branches(rule_id, document.rules[rule_id]):
            if "RuleReference" in branch:
                descend(branch["RuleReference"], (*above, rule_id))

    if kind == "rule":
        descend(start, ())


def records(document: Document, zone: Zone, name: str, ttl: int, instance_id: str) -> list[RecordSet]:
    """The record sets that a document comes to at a name."""
    kind, start = document.start
    if kind == "endpoint":
        return [_leaf(document, zone, name, ttl, start, {})]
    compiler = _Compiler(document, zone, ttl, instance_id)
    compiler.rule(start, name)
    return compiler.made


class _Compiler:
    def __init__(self, document: Document, zone: Zone, ttl: int, instance_id: str) -> None:
        self._document = document
        self._zone = zone
        self._ttl = ttl
        self._instance_id = instance_id
        self._names: dict[str, str] = {}
        self.made: list[RecordSet] = []

    def rule(self, id: str, name: str) -> None:
        """The record sets of a rule at a name, and those of the rules below it."""
        rule = self._document.rules[id]
        for number, branch in enumerate(_branches(id, rule)):
            more = {
                **_terms(id, rule["RuleType"], branch),
                "set_identifier": f"{id}-{number}",
                "health_check_id": str(branch.get("HealthCheck", "")),
            }
            evaluate = _true(branch.get("EvaluateTargetHealth", False))
            if "EndpointReference" in branch:
                endpoint = branch["EndpointReference"]
                self.made.append(_leaf(self._document, self._zone, name, self._ttl, endpoint, more, evaluate))
            else:
                below = self._below(branch["RuleReference"])
                alias = Alias(self._zone.id, below, evaluate)
                self.made.append(RecordSet(self._zone.id, name, self._document.type, alias=alias, **more))

    def _below(self, id: str) -> str:
        """The name of a rule's own records, which are made when it is first referred to."""
        if id not in self._names:
            self._names[id] = f"_{len(self._names) + 1}.{self._instance_id}.{self._zone.name}"
            self.rule(id, self._names[id])
        return self._names[id]


def _leaf(
    document: Document,
    zone: Zone,
    name: str,
    ttl: int,
    endpoint_id: str,
    more: dict[str, Any],
    evaluate: bool = False,
) -> RecordSet:
    """The record set of an endpoint."""
    endpoint = document.endpoints[endpoint_id]
    kind = endpoint["Type"]
    if kind == "value":
        return RecordSet(zone.id, name, document.type, ttl=ttl, values=(endpoint["Value"],), **more)
    target = f"s3-website-{endpoint['Region']}.amazonaws.com" if kind == "s3-website" else endpoint["Value"]
    alias = Alias(CLOUDFRONT_ZONE if kind == "cloudfront" else kind, dns.normal(target), evaluate)
    return RecordSet(zone.id, name, document.type, alias=alias, **more)
