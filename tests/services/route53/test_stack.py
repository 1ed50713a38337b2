"""Route 53's CloudFormation types, in a region."""

from typing import Any

import pytest

from panregion.region import Region
from panregion.services import Context
from panregion.services.route53 import SERVICE
from panregion.wire import AwsError

TYPES = SERVICE.resources


def context(name: str = "Thing") -> Context:
    return Context(
        stack_name="app", stack_id="arn:stack", logical_id=name, suffix="ABCDEFGHIJKL", tags={"stack": "app"}
    )


async def make_zone(region: Region) -> str:
    kind = TYPES["AWS::Route53::HostedZone"]
    return await kind.create(region.here, {"Name": "hello.test"}, context("Zone"))


async def shown(region: Region, zone: str) -> list[tuple[str, str]]:
    listed = await region.ask("route53", "ListResourceRecordSets", {"HostedZoneId": zone})
    return [
        (record.get("SetIdentifier", ""), record["ResourceRecords"][0]["Value"])
        for record in listed["ResourceRecordSets"]
        if record["Type"] == "A"
    ]


async def test_a_zone_is_made_once_and_gone_twice(region: Region) -> None:
    kind = TYPES["AWS::Route53::HostedZone"]
    zone = await make_zone(region)
    assert await make_zone(region) == zone, "the same step again finds its own"
    attributes = await kind.attributes(region.here, zone, {})
    assert attributes["Id"] == zone
    assert len(attributes["NameServers"]) == 4
    tags = await region.ask("route53", "ListTagsForResource", {"ResourceType": "hostedzone", "ResourceId": zone})
    assert tags["ResourceTagSet"]["Tags"] == [{"Key": "stack", "Value": "app"}]
    await kind.delete(region.here, zone, {}, context("Zone"))
    await kind.delete(region.here, zone, {}, context("Zone"))


async def test_a_latency_record_from_a_template(region: Region) -> None:
    kind = TYPES["AWS::Route53::RecordSet"]
    zone = await make_zone(region)
    check = await TYPES["AWS::Route53::HealthCheck"].create(
        region.here,
        {"HealthCheckConfig": {"Type": "TCP", "IPAddress": "127.0.1.1", "Port": "80", "RequestInterval": "10"}},
        context("Check"),
    )
    properties: dict[str, Any] = {
        "HostedZoneName": "hello.test.",
        "Name": "api.hello.test",
        "Type": "A",
        "TTL": "5",
        "SetIdentifier": "us-east-1",
        "Region": "us-east-1",
        "HealthCheckId": check,
        "ResourceRecords": ["127.0.1.1"],
    }
    assert await kind.create(region.here, properties, context()) == "api.hello.test"
    assert await kind.create(region.here, properties, context()) == "api.hello.test"
    assert await shown(region, zone) == [("us-east-1", "127.0.1.1")]
    changed = {**properties, "ResourceRecords": ["127.0.9.9"]}
    assert kind.update is not None
    await kind.update(region.here, "api.hello.test", properties, changed, context())
    assert await shown(region, zone) == [("us-east-1", "127.0.9.9")]
    with pytest.raises(AwsError, match="already exists"):
        await kind.create(region.here, properties, context())
    for _ in range(2):
        await kind.delete(region.here, "api.hello.test", changed, context())
    assert await shown(region, zone) == []


async def test_a_group_changes_in_one_batch(region: Region) -> None:
    kind = TYPES["AWS::Route53::RecordSetGroup"]
    zone = await make_zone(region)

    def group(*names: str) -> dict[str, Any]:
        sets = [{"Name": f"{name}.hello.test", "Type": "A", "TTL": 5, "ResourceRecords": [name[1:]]} for name in names]
        return {"HostedZoneId": zone, "RecordSets": sets}

    before, after = group("a192.0.2.1", "b192.0.2.2"), group("b192.0.2.2", "c192.0.2.3")
    for records in (before, after):
        for number, record in enumerate(records["RecordSets"]):
            record["Name"] = f"{record['Name'][0]}.hello.test"
            assert number < 2
    physical_id = await kind.create(region.here, before, context())
    assert kind.update is not None
    assert await kind.update(region.here, physical_id, before, after, context()) is None
    assert await shown(region, zone) == [("", "192.0.2.2"), ("", "192.0.2.3")]
    await kind.delete(region.here, physical_id, after, context())
    assert await shown(region, zone) == []


async def test_a_check_changes_in_place_or_not_at_all(region: Region) -> None:
    kind = TYPES["AWS::Route53::HealthCheck"]
    old = {"HealthCheckConfig": {"Type": "HTTP", "IPAddress": "127.0.1.1", "FailureThreshold": 3}}
    check = await kind.create(region.here, old, context())
    assert await kind.create(region.here, old, context()) == check
    new = {"HealthCheckConfig": {**old["HealthCheckConfig"], "FailureThreshold": "1"}}
    assert kind.update is not None
    await kind.update(region.here, check, old, new, context())
    kept = await region.ask("route53", "GetHealthCheck", {"HealthCheckId": check})
    assert kept["HealthCheck"]["HealthCheckConfig"]["FailureThreshold"] == 1
    other = {"HealthCheckConfig": {**old["HealthCheckConfig"], "Type": "HTTPS"}}
    with pytest.raises(AwsError, match="cannot change"):
        await kind.update(region.here, check, old, other, context())
    for _ in range(2):
        await kind.delete(region.here, check, old, context())


async def test_a_cidr_collection_from_a_template(region: Region) -> None:
    kind = TYPES["AWS::Route53::CidrCollection"]
    office = {"LocationName": "office", "CidrList": ["192.0.2.0/25", "192.0.2.128/25"]}
    properties = {"Name": "places", "Locations": [office]}
    made = await kind.create(region.here, properties, context("Places"))
    assert await kind.create(region.here, properties, context("Places")) == made, "the same step again finds its own"
    assert (await kind.attributes(region.here, made, properties))["Arn"].endswith(f":cidrcollection/{made}")
    home = {"LocationName": "home", "CidrList": ["192.0.2.128/25"]}
    changed = {"Name": "places", "Locations": [{**office, "CidrList": ["192.0.2.0/25"]}, home]}
    assert kind.update is not None
    await kind.update(region.here, made, properties, changed, context("Places"))
    listed = await region.ask("route53", "ListCidrBlocks", {"CollectionId": made})
    assert [(each["LocationName"], each["CidrBlock"]) for each in listed["CidrBlocks"]] == [
        ("home", "192.0.2.128/25"),
        ("office", "192.0.2.0/25"),
    ]
    await kind.delete(region.here, made, changed, context("Places"))
    await kind.delete(region.here, made, changed, context("Places"))


async def test_a_health_check_of_an_alarm_from_a_template(region: Region) -> None:
    kind = TYPES["AWS::Route53::HealthCheck"]
    alarm = {"Region": "us-east-1", "Name": "errors"}
    config = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": alarm, "InsufficientDataHealthStatus": "Unhealthy"}
    made = await kind.create(region.here, {"HealthCheckConfig": config}, context("Check"))
    shown = await region.ask("route53", "GetHealthCheck", {"HealthCheckId": made})
    assert shown["HealthCheck"]["HealthCheckConfig"]["AlarmIdentifier"] == alarm
