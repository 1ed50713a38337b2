"""Route 53 as AWS's own client sees it."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.wire import AwsError
from panregion.world.settings import Ports
from tests.support import ServedRegion, region_in

counter = iter(range(1_000_000))


@pytest.fixture
def route53(served: ServedRegion) -> Any:
    return served.client("route53")


@pytest.fixture
def zone(route53: Any) -> tuple[str, str]:
    """A zone of its own for every test: (id, name)."""
    name = f"z{next(counter)}.test."
    return route53.create_hosted_zone(Name=name, CallerReference=name)["HostedZone"]["Id"], name


def change(route53: Any, zone_id: str, *changes: tuple[str, dict[str, Any]]) -> Any:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes]}
    return route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)


def a_record(name: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": value} for value in values], **more}


def message(route53: Any, zone_id: str, *changes: tuple[str, dict[str, Any]]) -> str:
    with pytest.raises(ClientError) as raised:
        change(route53, zone_id, *changes)
    return f"{raised.value.response['Error']['Code']}: {raised.value.response['Error']['Message']}"


def test_a_zone_begins_with_its_name_servers(route53: Any) -> None:
    made = route53.create_hosted_zone(
        Name="Example.COM", CallerReference="begin", HostedZoneConfig={"Comment": "c", "PrivateZone": False}
    )
    assert made["HostedZone"]["Name"] == "example.com."
    assert made["HostedZone"]["Config"] == {"Comment": "c", "PrivateZone": False}
    assert made["ChangeInfo"]["Status"] == "PENDING"
    servers = made["DelegationSet"]["NameServers"]
    assert [server.rsplit("awsdns-", 1)[1].partition(".")[2] for server in servers] == ["com", "net", "org", "co.uk"]
    listed = route53.list_resource_record_sets(HostedZoneId=made["HostedZone"]["Id"])["ResourceRecordSets"]
    assert [(record["Name"], record["Type"], record["TTL"]) for record in listed] == [
        ("example.com.", "NS", 172800),
        ("example.com.", "SOA", 900),
    ]
    assert [value["Value"] for value in listed[0]["ResourceRecords"]] == [f"{server}." for server in servers]
    with pytest.raises(route53.exceptions.HostedZoneAlreadyExists):
        route53.create_hosted_zone(Name="example.com", CallerReference="begin")
    found = route53.list_hosted_zones_by_name(DNSName="example.com", MaxItems="1")
    assert found["HostedZones"][0]["Id"] == made["HostedZone"]["Id"]
    change_info = route53.get_change(Id=made["ChangeInfo"]["Id"])["ChangeInfo"]
    assert change_info["Status"] == "INSYNC"


def test_records_are_listed_by_reversed_name_and_in_pages(route53: Any, zone: tuple[str, str]) -> None:
    zone_id, name = zone
    names = [f"b.{name}", f"a.b.{name}", f"*.{name}", f"a.{name}"]
    change(route53, zone_id, *(("CREATE", a_record(each, "192.0.2.1")) for each in names))
    expected = [name, name, f"\\052.{name}", f"a.{name}", f"b.{name}", f"a.b.{name}"]
    listed = route53.list_resource_record_sets(HostedZoneId=zone_id)
    assert [record["Name"] for record in listed["ResourceRecordSets"]] == expected
    pages = route53.get_paginator("list_resource_record_sets").paginate(
        HostedZoneId=zone_id, PaginationConfig={"PageSize": 2}
    )
    assert [record["Name"] for page in pages for record in page["ResourceRecordSets"]] == expected


def test_every_routing_policy_comes_back_as_given(route53: Any, zone: tuple[str, str]) -> None:
    zone_id, name = zone
    check = route53.create_health_check(
        CallerReference=name, HealthCheckConfig={"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 80}
    )["HealthCheck"]["Id"]
    given = [
        a_record(f"w.{name}", "192.0.2.1", SetIdentifier="1", Weight=0),
        a_record(f"l.{name}", "192.0.2.1", SetIdentifier="1", Region="eu-west-1", HealthCheckId=check),
        a_record(f"f.{name}", "192.0.2.1", SetIdentifier="1", Failover="PRIMARY"),
        a_record(
            f"g.{name}", "192.0.2.1", SetIdentifier="1", GeoLocation={"CountryCode": "US", "SubdivisionCode": "CA"}
        ),
        a_record(f"m.{name}", "192.0.2.1", SetIdentifier="1", MultiValueAnswer=True),
        a_record(
            f"p.{name}", "192.0.2.1", SetIdentifier="1", GeoProximityLocation={"AWSRegion": "eu-west-1", "Bias": 9}
        ),
        {
            "Name": f"alias.{name}",
            "Type": "A",
            "AliasTarget": {
                "HostedZoneId": zone_id.split("/")[-1],
                "DNSName": f"w.{name}",
                "EvaluateTargetHealth": True,
            },
        },
    ]
    change(route53, zone_id, *(("CREATE", record) for record in given))
    listed = route53.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    by_name = {record["Name"]: record for record in listed}
    assert [by_name[record["Name"]] for record in given] == given


def test_a_batch_is_all_or_nothing_in_aws_words(route53: Any, zone: tuple[str, str]) -> None:
    zone_id, name = zone
    for there in ("a", "b"):
        change(route53, zone_id, ("CREATE", a_record(f"{there}.{name}", "192.0.2.1")))
    said = message(
        route53,
        zone_id,
        ("CREATE", a_record(f"new.{name}", "192.0.2.9")),
        ("CREATE", a_record(f"a.{name}", "192.0.2.1")),
        ("DELETE", a_record(f"gone.{name}", "192.0.2.1")),
        ("DELETE", a_record(f"b.{name}", "192.0.2.2")),
    )
    assert said == (
        "InvalidChangeBatch: ["
        f"Tried to create resource record set [name='a.{name}', type='A'] but it already exists, "
        f"Tried to delete resource record set [name='gone.{name}', type='A'] but it was not found, "
        f"Tried to delete resource record set [name='b.{name}', type='A'] "
        "but the values provided do not match the current values]"
    )
    assert route53.get_hosted_zone(Id=zone_id)["HostedZone"]["ResourceRecordSetCount"] == 4


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (
            a_record("elsewhere.example.", "192.0.2.1"),
            "RRSet with DNS name elsewhere.example. is not permitted in zone",
        ),
        (a_record("a.ZONE", "nonsense"), "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered"),
        (
            {**a_record("ZONE", "b.test"), "Type": "CNAME"},
            "RRSet of type CNAME with DNS name ZONE is not permitted at apex",
        ),
        ({**a_record("there.ZONE", "b.test"), "Type": "CNAME"}, "a conflicting RRSet of type A with the same DNS name"),
        ({**a_record("t.ZONE", "unquoted"), "Type": "TXT"}, "Value should be enclosed in quotation marks"),
        (a_record("there.ZONE", "192.0.2.1", SetIdentifier="x", Weight=1), "as other RRSets exist with the same name"),
        (a_record("a.ZONE", "192.0.2.1", Weight=1), "InvalidInput: Invalid request: Missing field 'SetIdentifier' in"),
        (
            {"Name": "a.ZONE", "Type": "A"},
            "InvalidInput: Invalid request: Expected exactly one of [AliasTarget, all of",
        ),
    ],
)
def test_what_is_refused(route53: Any, zone: tuple[str, str], record: dict[str, Any], said: str) -> None:
    zone_id, name = zone
    change(route53, zone_id, ("CREATE", a_record(f"there.{name}", "192.0.2.1")))
    record = {**record, "Name": record["Name"].replace("ZONE", name)}
    assert said.replace("ZONE", name) in message(route53, zone_id, ("CREATE", record))


def test_a_zone_in_use_is_not_deleted(route53: Any, zone: tuple[str, str]) -> None:
    zone_id, name = zone
    record = a_record(f"a.{name}", "192.0.2.1")
    change(route53, zone_id, ("CREATE", record))
    with pytest.raises(route53.exceptions.HostedZoneNotEmpty):
        route53.delete_hosted_zone(Id=zone_id)
    soa = {"Name": name, "Type": "SOA", "TTL": 900}
    listed = route53.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    soa = next(each for each in listed if each["Type"] == "SOA")
    assert "A HostedZone must contain exactly one SOA record." in message(route53, zone_id, ("DELETE", soa))
    change(route53, zone_id, ("DELETE", record))
    route53.delete_hosted_zone(Id=zone_id)
    with pytest.raises(route53.exceptions.NoSuchHostedZone):
        route53.get_hosted_zone(Id=zone_id)


def test_health_checks_live_their_life(route53: Any) -> None:
    config = {"Type": "HTTP", "FullyQualifiedDomainName": "a.test", "ResourcePath": "health", "RequestInterval": 10}
    made = route53.create_health_check(CallerReference="life", HealthCheckConfig=config)["HealthCheck"]
    assert made["HealthCheckConfig"] == {
        **config,
        "ResourcePath": "/health",
        "Port": 80,
        "FailureThreshold": 3,
        "MeasureLatency": False,
        "Inverted": False,
        "Disabled": False,
        "EnableSNI": False,
    }
    again = route53.create_health_check(CallerReference="life", HealthCheckConfig=config)["HealthCheck"]
    assert again["Id"] == made["Id"]
    with pytest.raises(route53.exceptions.HealthCheckAlreadyExists):
        route53.create_health_check(CallerReference="life", HealthCheckConfig={**config, "Port": 81})
    changed = route53.update_health_check(HealthCheckId=made["Id"], HealthCheckVersion=1, FailureThreshold=1)
    assert changed["HealthCheck"]["HealthCheckVersion"] == 2
    with pytest.raises(route53.exceptions.HealthCheckVersionMismatch):
        route53.update_health_check(HealthCheckId=made["Id"], HealthCheckVersion=1, Port=81)
    tags = [{"Key": "k", "Value": "v"}]
    route53.change_tags_for_resource(ResourceType="healthcheck", ResourceId=made["Id"], AddTags=tags)
    listed = route53.list_tags_for_resource(ResourceType="healthcheck", ResourceId=made["Id"])
    assert listed["ResourceTagSet"]["Tags"] == tags
    route53.delete_health_check(HealthCheckId=made["Id"])
    with pytest.raises(route53.exceptions.NoSuchHealthCheck):
        route53.get_health_check(HealthCheckId=made["Id"])


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"Type": "HTTP"}, "needs IPAddress or FullyQualifiedDomainName"),
        ({"Type": "TCP", "IPAddress": "192.0.2.1"}, "needs a Port"),
        ({"Type": "HTTP_STR_MATCH", "IPAddress": "192.0.2.1"}, "needs a SearchString"),
        ({"Type": "HTTP", "IPAddress": "192.0.2.1", "RequestInterval": 20}, "RequestInterval is 10 or 30"),
        ({"Type": "HTTP", "FullyQualifiedDomainName": "a..b"}, "Domain label is empty"),
        ({"Type": "RECOVERY_CONTROL"}, "needs a RoutingControlArn"),
        ({"Type": "CALCULATED", "HealthThreshold": 1}, "needs ChildHealthChecks"),
        ({"Type": "CLOUDWATCH_METRIC"}, "needs an AlarmIdentifier"),
        (
            {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Region": "ap-south-1", "Name": "a"}},
            "ap-south-1 is no region of this world",
        ),
        ({"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 1, "SearchString": "a"}, "SearchString is not for"),
        ({"Type": "CALCULATED", "ChildHealthChecks": [], "HealthThreshold": 0, "Port": 1}, "Port is not for"),
    ],
)
def test_health_checks_that_make_no_sense(route53: Any, config: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError, match=said):
        route53.create_health_check(CallerReference="nonsense", HealthCheckConfig=config)


def test_cidr_collections(route53: Any) -> None:
    made = route53.create_cidr_collection(Name="offices", CallerReference="1")["Collection"]
    put = {"LocationName": "lisbon", "Action": "PUT", "CidrList": ["198.18.3.0/24"]}
    route53.change_cidr_collection(Id=made["Id"], CollectionVersion=1, Changes=[put])
    assert route53.list_cidr_locations(CollectionId=made["Id"])["CidrLocations"] == [{"LocationName": "lisbon"}]
    with pytest.raises(route53.exceptions.CidrCollectionInUseException):
        route53.delete_cidr_collection(Id=made["Id"])
    route53.change_cidr_collection(Id=made["Id"], Changes=[{**put, "Action": "DELETE_IF_EXISTS"}])
    route53.delete_cidr_collection(Id=made["Id"])


async def test_the_edge_is_not_there_to_be_asked(tmp_path: Path) -> None:
    region = region_in(tmp_path, ports=Ports(edge=1))
    await region.start()
    zone = await region.ask("route53", "CreateHostedZone", {"Name": "a.test", "CallerReference": "1"})
    question = {"HostedZoneId": zone["HostedZone"]["Id"][12:], "RecordName": "a.test", "RecordType": "A"}
    with pytest.raises(AwsError, match="ServiceUnavailable: the edge does not answer"):
        await region.ask("route53", "TestDNSAnswer", question)
    await region.stop()


def test_health_checks_that_follow_alarms_and_routing_controls(route53: Any) -> None:
    alarm = {"Region": "us-east-1", "Name": "errors"}
    made = route53.create_health_check(
        CallerReference="alarm", HealthCheckConfig={"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": alarm}
    )["HealthCheck"]
    config = made["HealthCheckConfig"]
    assert (config["AlarmIdentifier"], config["InsufficientDataHealthStatus"]) == (alarm, "LastKnownStatus")
    other = {"Region": "us-east-1", "Name": "latency"}
    changed = route53.update_health_check(
        HealthCheckId=made["Id"], AlarmIdentifier=other, InsufficientDataHealthStatus="Unhealthy"
    )["HealthCheck"]["HealthCheckConfig"]
    assert (changed["AlarmIdentifier"], changed["InsufficientDataHealthStatus"]) == (other, "Unhealthy")
    with pytest.raises(route53.exceptions.InvalidInput):
        route53.get_health_check_status(HealthCheckId=made["Id"])
    arn = "arn:aws:route53-recovery-control::000000000000:controlpanel/p/routingcontrol/c"
    made = route53.create_health_check(
        CallerReference="control", HealthCheckConfig={"Type": "RECOVERY_CONTROL", "RoutingControlArn": arn}
    )["HealthCheck"]
    assert made["HealthCheckConfig"]["RoutingControlArn"] == arn


def test_a_health_check_is_not_its_own_child(route53: Any) -> None:
    config = {"Type": "CALCULATED", "ChildHealthChecks": [], "HealthThreshold": 0}
    made = route53.create_health_check(CallerReference="own", HealthCheckConfig=config)["HealthCheck"]
    with pytest.raises(route53.exceptions.InvalidInput, match="cannot be its own child"):
        route53.update_health_check(HealthCheckId=made["Id"], ChildHealthChecks=[made["Id"]])
