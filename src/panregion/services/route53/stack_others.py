"""What else of Route 53 templates declare: zones, health checks, CIDR collections."""

from typing import Any

from panregion.services.here import Here
from panregion.services.route53.errors import InvalidInput
from panregion.services.route53.stack_records import SERVICE, typed
from panregion.services.stack import Context, Properties
from panregion.services.stack_calls import tag_list, tags_of, unless_gone
from panregion.wire import AwsError


def _reference(context: Context) -> str:
    """The same for every attempt at one resource."""
    return f"{context.name(100)}"


async def create_zone(here: Here, properties: Properties, context: Context) -> str:
    config = properties.get("HostedZoneConfig") or {}
    request = {"Name": properties["Name"], "CallerReference": _reference(context), "HostedZoneConfig": config}
    try:
        created = await here.request(SERVICE, "CreateHostedZone", request)
    except AwsError as error:
        if error.code != "HostedZoneAlreadyExists":
            raise
        created = await _zone_of(here, _reference(context), error)
    zone = str(created["HostedZone"]["Id"]).rsplit("/", 1)[-1]
    await _tag(here, "hostedzone", zone, properties.get("HostedZoneTags"), context)
    return zone


async def _zone_of(here: Here, reference: str, error: AwsError) -> dict[str, Any]:
    marker: dict[str, Any] = {}
    while True:
        page = await here.request(SERVICE, "ListHostedZones", marker)
        for zone in page["HostedZones"]:
            if zone["CallerReference"] == reference:
                return {"HostedZone": zone}
        if not page["IsTruncated"]:
            raise error
        marker = {"Marker": page["NextMarker"]}


async def _tag(here: Here, kind: str, resource_id: str, given: list[dict[str, str]] | None, context: Context) -> None:
    tags = tags_of({"Tags": given}, context)
    if tags:
        request = {"ResourceType": kind, "ResourceId": resource_id, "AddTags": tag_list(tags)}
        await here.request(SERVICE, "ChangeTagsForResource", request)


async def delete_zone(here: Here, physical_id: str, _properties: Properties, _context: Context) -> None:
    await unless_gone(here, SERVICE, "DeleteHostedZone", gone=("NoSuchHostedZone",), Id=physical_id)


async def update_zone(here: Here, physical_id: str, _old: Properties, new: Properties, context: Context) -> str | None:
    comment = (new.get("HostedZoneConfig") or {}).get("Comment", "")
    await here.request(SERVICE, "UpdateHostedZoneComment", {"Id": physical_id, "Comment": comment})
    await _tag(here, "hostedzone", physical_id, new.get("HostedZoneTags"), context)
    return None


async def zone_attributes(here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    found = await here.request(SERVICE, "GetHostedZone", {"Id": physical_id})
    return {"Id": physical_id, "NameServers": found["DelegationSet"]["NameServers"]}


async def create_check(here: Here, properties: Properties, context: Context) -> str:
    config = typed(properties["HealthCheckConfig"])
    request = {"CallerReference": context.name(64), "HealthCheckConfig": config}
    created = await here.request(SERVICE, "CreateHealthCheck", request)
    check_id = str(created["HealthCheck"]["Id"])
    await _tag(here, "healthcheck", check_id, properties.get("HealthCheckTags"), context)
    return check_id


async def delete_check(here: Here, physical_id: str, _properties: Properties, _context: Context) -> None:
    await unless_gone(here, SERVICE, "DeleteHealthCheck", gone=("NoSuchHealthCheck",), HealthCheckId=physical_id)


NOT_UPDATABLE = ("Type", "RequestInterval", "MeasureLatency")


async def update_check(here: Here, physical_id: str, old: Properties, new: Properties, context: Context) -> str | None:
    """AWS replaces a check whose type, interval or latency graph changes; the rest changes in place."""
    before, after = typed(old["HealthCheckConfig"]), typed(new["HealthCheckConfig"])
    if any(before.get(name) != after.get(name) for name in NOT_UPDATABLE):
        raise InvalidInput(f"{', '.join(NOT_UPDATABLE)} of a health check cannot change: give it another logical id")
    changed = {name: value for name, value in after.items() if name not in NOT_UPDATABLE}
    await here.request(SERVICE, "UpdateHealthCheck", {"HealthCheckId": physical_id, **changed})
    await _tag(here, "healthcheck", physical_id, new.get("HealthCheckTags"), context)
    return None


async def check_attributes(_here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    return {"HealthCheckId": physical_id}


async def create_collection(here: Here, properties: Properties, context: Context) -> str:
    request = {"Name": properties["Name"], "CallerReference": context.name(64)}
    made = await here.request(SERVICE, "CreateCidrCollection", request)
    collection_id = str(made["Collection"]["Id"])
    await _change_locations(here, collection_id, {}, _locations(properties))
    return collection_id


def _locations(properties: Properties) -> dict[str, set[str]]:
    return {str(each["LocationName"]): set(each["CidrList"]) for each in properties.get("Locations") or []}


async def _change_locations(
    here: Here, collection_id: str, before: dict[str, set[str]], after: dict[str, set[str]]
) -> None:
    """Bring a collection from what a template had to what it has."""
    changes: list[dict[str, Any]] = []
    for action, old, new in (("DELETE_IF_EXISTS", after, before), ("PUT", before, after)):
        for name, blocks in new.items():
            differing = sorted(blocks - old.get(name, set()))
            if differing:
                changes.append({"LocationName": name, "Action": action, "CidrList": differing})
    if changes:
        await here.request(SERVICE, "ChangeCidrCollection", {"Id": collection_id, "Changes": changes})


async def update_collection(
    here: Here, physical_id: str, old: Properties, new: Properties, _context: Context
) -> str | None:
    await _change_locations(here, physical_id, _locations(old), _locations(new))
    return None


async def delete_collection(here: Here, physical_id: str, properties: Properties, _context: Context) -> None:
    try:
        await _change_locations(here, physical_id, _locations(properties), {})
        await here.request(SERVICE, "DeleteCidrCollection", {"Id": physical_id})
    except AwsError as error:
        if error.code != "NoSuchCidrCollectionException":
            raise


async def collection_attributes(_here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    return {"Id": physical_id, "Arn": f"arn:aws:route53:::cidrcollection/{physical_id}"}
