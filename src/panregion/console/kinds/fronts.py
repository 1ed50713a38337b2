"""What stands before regions at the edge: CloudFront's distributions, Global Accelerator's accelerators."""

import asyncio
from typing import Any

from panregion.console import words
from panregion.console.kinds.section import Cell, Facts, Part, Section, aws, last, number
from panregion.console.site import Site

Json = dict[str, Any]
CLOUDFRONT, ACCELERATOR = "us-east-1", "us-west-2"
"""Where their control planes live."""
DISTRIBUTION_COLUMNS = ("Distribution", "State", "Names", "Origins", "Comment")
ACCELERATOR_COLUMNS = ("Accelerator", "State", "Name", "Addresses", "Listens for")
ENDPOINT_COLUMNS = ("Endpoint", "Health", "Reason", number("Weight"), "Region", number("Traffic dial"))
HEALTH = {"HEALTHY": "healthy", "UNHEALTHY": "unhealthy", "INITIAL": "starting"}


def distributions_section(rows: Any = ()) -> Section:
    command = aws("cloudfront", "list-distributions")
    return Section(
        "Distributions", command, DISTRIBUTION_COLUMNS, rows, "There is no distribution.", "panregion deploy cdn.yaml"
    )


async def distributions(site: Site) -> Section:
    """CloudFront's, all of them."""
    home = site.settings.home(CLOUDFRONT)
    answer = await site.aws.ask(home, "cloudfront", "list_distributions")
    return distributions_section([_distribution(each) for each in answer["DistributionList"].get("Items", [])])


def _distribution(each: Json) -> list[str | Cell]:
    names = [each["DomainName"], *each.get("Aliases", {}).get("Items", [])]
    origins = [origin["DomainName"] for origin in each["Origins"]["Items"]]
    return [
        Cell.link(each["Id"], "distributions", each["Id"]),
        _enabled(each["Enabled"], each["Status"]),
        ", ".join(names),
        ", ".join(origins),
        each.get("Comment", ""),
    ]


def _enabled(enabled: bool, status: str) -> Cell:
    return (
        Cell(status, state="healthy" if status.upper() == "DEPLOYED" else "behind")
        if enabled
        else Cell("disabled", state="stopped")
    )


async def distribution(site: Site, id: str) -> tuple[str, list[Part]]:
    """A distribution's title; origins, behaviours, what points of presence keep. Raises Refused where there is none."""
    home = site.settings.home(CLOUDFRONT)
    answer, health = await asyncio.gather(
        site.aws.ask(home, "cloudfront", "get_distribution", Id=id), site.edge.ask("health")
    )
    one, config = answer["Distribution"], answer["Distribution"]["DistributionConfig"]
    aliases = config.get("Aliases", {}).get("Items", [])
    cache = health["planes"]["cloudfront"]["cache"]
    command = aws("cloudfront", "get-distribution", id=id)
    facts: list[tuple[str, str | Cell]] = [
        ("State", _enabled(config["Enabled"], one["Status"])),
        ("Domain", Cell(one["DomainName"], mono=True)),
        *(("Name", Cell.link(alias, "names", alias)) for alias in aliases),
        ("Changed (UTC)", words.date(one["LastModifiedTime"].timestamp())),
        ("In all points' caches", f"{words.count(cache['objects'])} objects, {words.size(cache['bytes'])}"),
        ("Hits and misses of all", f"{words.count(cache['hits'])} and {words.count(cache['misses'])}"),
    ]
    found: list[Part] = [Facts("Distribution", command, facts), origins(command, config), behaviours(command, config)]
    return f"Distribution {id}", found


def origins(command: str, config: Json) -> Section:
    """Where what is not kept is fetched."""
    rows = [[each["Id"], Cell(each["DomainName"], mono=True), _protocol(each)] for each in config["Origins"]["Items"]]
    return Section("Origins", command, ("Origin", "Name", "Asked by"), rows)


def _protocol(origin: Json) -> str:
    custom = origin.get("CustomOriginConfig")
    return str(custom["OriginProtocolPolicy"]) if custom else "S3"


def behaviours(command: str, config: Json) -> Section:
    """Which requests go where, in the order in which they are tried."""
    found = [*config.get("CacheBehaviors", {}).get("Items", []), {**config["DefaultCacheBehavior"], "PathPattern": "*"}]
    rows = [
        [
            Cell(each["PathPattern"], note="default" if each is found[-1] else "", mono=True),
            each["TargetOriginId"],
            each["ViewerProtocolPolicy"],
            Cell(each.get("CachePolicyId", words.NONE), mono=True),
        ]
        for each in found
    ]
    return Section("Behaviours", command, ("Paths", "Origin", "Viewers", "Cache policy"), rows)


def accelerators_section(rows: Any = ()) -> Section:
    command = aws("globalaccelerator", "list-accelerators", ACCELERATOR)
    empty, suggest = (
        "There is no accelerator.",
        aws("globalaccelerator", "create-accelerator", ACCELERATOR, name="users"),
    )
    return Section("Accelerators", command, ACCELERATOR_COLUMNS, rows, empty, suggest)


async def accelerators(site: Site) -> Section:
    """Global Accelerator's, all of them."""
    home = site.settings.home(ACCELERATOR)
    found = await site.aws.all(home, "globalaccelerator", "list_accelerators", "Accelerators")
    listeners = await asyncio.gather(*(_listeners(site, home, each["AcceleratorArn"]) for each in found))
    return accelerators_section([_accelerator(*each) for each in zip(found, listeners, strict=True)])


async def _listeners(site: Site, home: str, arn: str) -> list[Json]:
    return await site.aws.all(home, "globalaccelerator", "list_listeners", "Listeners", AcceleratorArn=arn)


def _accelerator(one: Json, listeners: list[Json]) -> list[str | Cell]:
    return [
        Cell.link(one["Name"], "accelerators", last(one["AcceleratorArn"])),
        _enabled(one["Enabled"], one["Status"]),
        Cell(one["DnsName"], mono=True),
        Cell(", ".join(addresses(one)), mono=True),
        ", ".join(map(heard, listeners)) or "nothing",
    ]


def addresses(accelerator: Json) -> list[str]:
    """Its static addresses."""
    return [address for group in accelerator.get("IpSets", []) for address in group.get("IpAddresses", [])]


def heard(listener: Json) -> str:
    """A listener's protocol and ports."""
    ports = [(each["FromPort"], each["ToPort"]) for each in listener["PortRanges"]]
    spans = [str(first) if first == final else f"{first}-{final}" for first, final in ports]
    return f"{listener['Protocol']} {', '.join(spans)}"


async def accelerator(site: Site, id: str) -> tuple[str, list[Part]]:
    """An accelerator's name; its endpoint groups with their health. Raises Refused where there is none."""
    home, ask = site.settings.home(ACCELERATOR), site.aws.ask
    arn = f"arn:aws:globalaccelerator::{site.settings.account_id}:accelerator/{id}"
    answer, listeners = await asyncio.gather(
        ask(home, "globalaccelerator", "describe_accelerator", AcceleratorArn=arn), _listeners(site, home, arn)
    )
    answers = await asyncio.gather(
        *(
            site.aws.all(
                home, "globalaccelerator", "list_endpoint_groups", "EndpointGroups", ListenerArn=each["ListenerArn"]
            )
            for each in listeners
        )
    )
    one = answer["Accelerator"]
    facts: list[tuple[str, str | Cell]] = [
        ("State", _enabled(one["Enabled"], one["Status"])),
        ("Name", Cell(one["DnsName"], mono=True)),
        ("Addresses", Cell(", ".join(addresses(one)), mono=True)),
        ("ARN", Cell(arn, mono=True)),
    ]
    command = aws("globalaccelerator", "describe-accelerator", ACCELERATOR, accelerator_arn=arn)
    found = [group for groups in answers for group in groups]
    return one["Name"], [Facts("Accelerator", command, facts), endpoints(listeners, found)]


def endpoint(region: str, id: str) -> Cell:
    """A load balancer by its name, else what it is."""
    parts = id.split("/")
    if ":elasticloadbalancing:" in id and len(parts) > 2:
        return Cell.link(parts[-2], "regions", region, "balancers", note="load balancer")
    return Cell(id, mono=True)


def endpoints(listeners: list[Json], groups: list[Json]) -> Section:
    """The endpoints of all groups, and how most points of presence hold them."""
    rows = [
        [
            endpoint(group["EndpointGroupRegion"], each["EndpointId"]),
            Cell(each["HealthState"], state=HEALTH.get(each["HealthState"], "unknown")),
            each.get("HealthReason", ""),
            words.count(each.get("Weight")),
            Cell.link(group["EndpointGroupRegion"], "regions", group["EndpointGroupRegion"]),
            f"{group.get('TrafficDialPercentage', 100):g} %",
        ]
        for group in groups
        for each in group.get("EndpointDescriptions", [])
    ]
    arn = listeners[0]["ListenerArn"] if listeners else "ARN"
    command = aws("globalaccelerator", "list-endpoint-groups", ACCELERATOR, listener_arn=arn)
    return Section("Endpoints", command, ENDPOINT_COLUMNS, rows, "No endpoint is behind it.")
