"""Record sets of templates: AWS::Route53::RecordSet and RecordSetGroup."""

from typing import Any

from panregion.services.here import Here
from panregion.services.route53.errors import InvalidInput
from panregion.services.stack import Context, Properties
from panregion.services.stack_calls import wait_until
from panregion.wire import AwsError, dns

SERVICE = "route53"
INSYNC_WAIT_S = 10.0
INSYNC_POLL_S = 0.05

NUMBERS = {
    *("Weight", "TTL", "Bias", "Port", "RequestInterval", "FailureThreshold", "HealthThreshold"),
}
BOOLEANS = {"EvaluateTargetHealth", "MultiValueAnswer", "Inverted", "Disabled", "MeasureLatency", "EnableSNI"}
RECORD_FIELDS = (
    *("Name", "Type", "SetIdentifier", "Weight", "Region", "Failover", "MultiValueAnswer", "TTL"),
    *("HealthCheckId", "GeoLocation", "GeoProximityLocation", "CidrRoutingConfig", "AliasTarget"),
)


def typed(value: Any, name: str = "") -> Any:
    """Properties with the types of the API: templates may write numbers and booleans as text."""
    match value:
        case dict():
            return {key: typed(inner, key) for key, inner in value.items()}
        case list():
            return [typed(inner) for inner in value]
        case str() if name in NUMBERS:
            try:
                return int(value)
            except ValueError as error:
                raise InvalidInput(f"{name} must be a number, not {value}") from error
        case str() if name in BOOLEANS:
            return value.lower() == "true"
    return value


def record_set(properties: Properties) -> dict[str, Any]:
    """A template's record set as the API's ResourceRecordSet."""
    record = {name: typed(properties[name], name) for name in RECORD_FIELDS if properties.get(name) not in (None, "")}
    if "AliasTarget" in record:
        record["AliasTarget"] = {"EvaluateTargetHealth": False, **record["AliasTarget"]}
    if "ResourceRecords" in properties:
        record["ResourceRecords"] = [{"Value": str(value)} for value in properties["ResourceRecords"]]
    return record


async def zone_id(here: Here, properties: Properties) -> str:
    """The zone that HostedZoneId or HostedZoneName means. Raises InvalidInput."""
    given = properties.get("HostedZoneId")
    if given:
        return str(given).rsplit("/", 1)[-1]
    name = properties.get("HostedZoneName")
    if not name:
        raise InvalidInput("HostedZoneId or HostedZoneName is needed")
    listed = await here.request(SERVICE, "ListHostedZonesByName", {"DNSName": name})
    ids = [zone["Id"] for zone in listed["HostedZones"] if zone["Name"] == dns.normal(name)]
    if len(ids) != 1:
        raise InvalidInput(f"{len(ids)} hosted zones are named {name}")
    return str(ids[0]).rsplit("/", 1)[-1]


async def change(here: Here, zone: str, changes: list[dict[str, Any]]) -> None:
    """Make the changes and wait until the name server knows them."""
    batch = {"HostedZoneId": zone, "ChangeBatch": {"Changes": changes}}
    info = (await here.request(SERVICE, "ChangeResourceRecordSets", batch))["ChangeInfo"]

    async def is_known() -> bool:
        state = await here.request(SERVICE, "GetChange", {"Id": info["Id"].rsplit("/", 1)[-1]})
        return bool(state["ChangeInfo"]["Status"] == "INSYNC")

    await wait_until(here, is_known, limit_s=INSYNC_WAIT_S, poll_s=INSYNC_POLL_S)


async def _exists(here: Here, zone: str, record: dict[str, Any]) -> bool:
    """Whether that very record set is there: made by an earlier attempt at the same step."""
    question = {"HostedZoneId": zone, "StartRecordName": record["Name"], "StartRecordType": record["Type"]}
    listed = await here.request(SERVICE, "ListResourceRecordSets", {**question, "MaxItems": "300"})
    wanted = _comparable(record)
    return any(_comparable(found) == wanted for found in listed["ResourceRecordSets"])


def _comparable(record: dict[str, Any]) -> dict[str, Any]:
    shown = {**record, "Name": dns.normal(record["Name"])}
    if "AliasTarget" in shown:
        shown["AliasTarget"] = {**shown["AliasTarget"], "DNSName": dns.normal(shown["AliasTarget"]["DNSName"])}
    return shown


def _create_actions(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]


async def create_records(here: Here, zone: str, records: list[dict[str, Any]]) -> None:
    """Create them all, unless an earlier attempt did."""
    try:
        await change(here, zone, _create_actions(records))
    except AwsError as error:
        if "already exists" not in error.message:
            raise
        for record in records:
            if not await _exists(here, zone, record):
                raise


async def delete_records(here: Here, zone: str, records: list[dict[str, Any]]) -> None:
    """Delete those that are still there."""
    for record in records:
        try:
            await change(here, zone, [{"Action": "DELETE", "ResourceRecordSet": record}])
        except AwsError as error:
            if error.code != "NoSuchHostedZone" and "was not found" not in error.message:
                raise


async def update_records(here: Here, zone: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    """In one batch: delete what the template no longer has, write what it has."""
    kept = {_identity(record) for record in new}
    gone = [record for record in old if _identity(record) not in kept]
    await change(
        here,
        zone,
        [{"Action": "DELETE", "ResourceRecordSet": record} for record in gone]
        + [{"Action": "UPSERT", "ResourceRecordSet": record} for record in new],
    )


def _identity(record: dict[str, Any]) -> tuple[str, str, str]:
    return (dns.normal(record["Name"]), record["Type"], record.get("SetIdentifier", ""))


async def create_record(here: Here, properties: Properties, _context: Context) -> str:
    await create_records(here, await zone_id(here, properties), [record_set(properties)])
    return str(properties["Name"])


async def delete_record(here: Here, _physical_id: str, properties: Properties, _context: Context) -> None:
    await delete_records(here, await zone_id(here, properties), [record_set(properties)])


async def update_record(
    here: Here, _physical_id: str, old: Properties, new: Properties, _context: Context
) -> str | None:
    await update_records(here, await zone_id(here, new), [record_set(old)], [record_set(new)])
    return None


async def create_group(here: Here, properties: Properties, context: Context) -> str:
    records = [record_set(record) for record in properties.get("RecordSets", [])]
    await create_records(here, await zone_id(here, properties), records)
    return context.name(128)


async def delete_group(here: Here, _physical_id: str, properties: Properties, _context: Context) -> None:
    records = [record_set(record) for record in properties.get("RecordSets", [])]
    await delete_records(here, await zone_id(here, properties), records)


async def update_group(here: Here, _physical_id: str, old: Properties, new: Properties, _context: Context) -> None:
    before, after = ([record_set(record) for record in each.get("RecordSets", [])] for each in (old, new))
    await update_records(here, await zone_id(here, new), before, after)
