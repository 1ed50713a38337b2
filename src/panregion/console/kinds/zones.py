"""Route 53's hosted zones and their records; what a name is answered with is in names.py, for every city."""

import asyncio
from typing import Any

from panregion.console import words
from panregion.console.kinds.section import Cell, Facts, Part, Section, aws, number
from panregion.console.site import Site

Json = dict[str, Any]
HOME = "us-east-1"
"""Where Route 53's control plane lives."""
ZONE_COLUMNS = ("Zone", number("Records"), "Id", "Comment")
RECORD_COLUMNS = ("Name", "Type", "Policy", "Answer", number("TTL"), "Health check")
HEALTH = {True: "healthy", False: "unhealthy"}


def zones_section(rows: Any = ()) -> Section:
    command = aws("route53", "list-hosted-zones")
    suggest = aws("route53", "create-hosted-zone", name="example.test", caller_reference="1")
    return Section("Hosted zones", command, ZONE_COLUMNS, rows, "There is no hosted zone.", suggest)


async def zones(site: Site) -> Section:
    """All zones."""
    found = await site.aws.all(site.settings.home(HOME), "route53", "list_hosted_zones", "HostedZones")
    rows = [
        [
            Cell.link(zone["Name"].rstrip("."), "zones", last(zone["Id"])),
            words.count(zone["ResourceRecordSetCount"]),
            Cell(last(zone["Id"]), mono=True),
            zone.get("Config", {}).get("Comment", ""),
        ]
        for zone in found
    ]
    return zones_section(rows)


def last(id: str) -> str:
    """Ids come as /hostedzone/Z123."""
    return id.rpartition("/")[2]


async def one(site: Site, id: str) -> tuple[str, list[Part]]:
    """A zone's name, and its records. Raises Refused where there is none."""
    home = site.settings.home(HOME)
    zone, records, checks = await asyncio.gather(
        site.aws.ask(home, "route53", "get_hosted_zone", Id=id),
        site.aws.all(home, "route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=id),
        site.edge.ask("health-checks"),
    )
    health = {check["id"]: check["healthy"] for check in checks["health_checks"]}
    name = zone["HostedZone"]["Name"].rstrip(".")
    servers = zone.get("DelegationSet", {}).get("NameServers", [])
    facts = Facts(
        "Zone",
        aws("route53", "get-hosted-zone", id=id),
        [("Name", name), ("Id", Cell(id, mono=True)), ("Name servers", ", ".join(servers))],
    )
    return name, [facts, records_section(id, records, health)]


def records_section(id: str, records: list[Json], health: dict[str, bool]) -> Section:
    """A zone's records, the health of their checks beside them."""
    rows = [_record(record, health) for record in records]
    command = aws("route53", "list-resource-record-sets", hosted_zone_id=id)
    return Section("Records", command, RECORD_COLUMNS, rows, "It holds no records.")


def _record(record: Json, health: dict[str, bool]) -> list[str | Cell]:
    name, kind, check = shown_name(record["Name"]), record["Type"], record.get("HealthCheckId")
    alias = record.get("AliasTarget")
    values = ", ".join(each["Value"] for each in record.get("ResourceRecords", []))
    evaluated = "its target's health counts" if alias and alias["EvaluateTargetHealth"] else ""
    return [
        Cell.link(name, "names", name, type=kind, note=record.get("SetIdentifier", "")),
        kind,
        policy(record),
        Cell(f"alias of {alias['DNSName'].rstrip('.')}" if alias else values, note=evaluated),
        words.seconds(record.get("TTL")),
        words.NONE if check is None else _check(check, health.get(check)),
    ]


def _check(check: str, healthy: bool | None) -> Cell:
    state = "unknown" if healthy is None else HEALTH[healthy]
    return Cell(f"{state} ({check[:8]})", to=Cell.link("", "checks", check).to, state=state)


def shown_name(name: str) -> str:
    """As people write it: no dot at the end, and a star for Route 53's \\052."""
    return name.rstrip(".").replace("\\052", "*")


def policy(record: Json) -> str:
    """A record's routing policy and its own terms in it."""
    if "Weight" in record:
        return f"weighted, {record['Weight']}"
    if "Region" in record:
        return f"latency, {record['Region']}"
    if "Failover" in record:
        return f"failover, {record['Failover'].lower()}"
    if "GeoLocation" in record:
        return f"geolocation, {'-'.join(record['GeoLocation'].values())}"
    if "GeoProximityLocation" in record:
        near = record["GeoProximityLocation"]
        return f"geoproximity, {near.get('AWSRegion') or near.get('LocalZoneGroup') or 'coordinates'}"
    if "CidrRoutingConfig" in record:
        return f"by address, {record['CidrRoutingConfig']['LocationName']}"
    return "multivalue" if record.get("MultiValueAnswer") else "simple"
