"""Delegation sets, quotas, geographic locations, orders and pages, as AWS's own client sees them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import ServedRegion


@pytest.fixture
def route53(served: ServedRegion) -> Any:
    return served.client("route53")


def code(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**params)
    return str(raised.value.response["Error"]["Code"])


def test_zones_of_one_set_have_the_same_name_servers(route53: Any) -> None:
    made = route53.create_reusable_delegation_set(CallerReference="set")["DelegationSet"]
    assert made["Id"].startswith("/delegationset/N")
    assert len(made["NameServers"]) == 4
    assert code(route53.create_reusable_delegation_set, CallerReference="set") == "DelegationSetAlreadyCreated"
    zones = [
        route53.create_hosted_zone(Name=f"s{number}.test", CallerReference=f"s{number}", DelegationSetId=made["Id"])
        for number in range(2)
    ]
    assert [zone["DelegationSet"] for zone in zones] == [{"Id": made["Id"], "NameServers": made["NameServers"]}] * 2
    found = route53.get_hosted_zone(Id=zones[0]["HostedZone"]["Id"])["DelegationSet"]
    assert found == {"Id": made["Id"], "NameServers": made["NameServers"]}
    listed = route53.list_hosted_zones(DelegationSetId=made["Id"])["HostedZones"]
    assert {zone["Name"] for zone in listed} == {"s0.test.", "s1.test."}
    again = {"Name": "s0.test", "CallerReference": "again", "DelegationSetId": made["Id"]}
    assert code(route53.create_hosted_zone, **again) == "DelegationSetNotAvailable"
    limit = {"Type": "MAX_ZONES_BY_REUSABLE_DELEGATION_SET", "DelegationSetId": made["Id"]}
    assert route53.get_reusable_delegation_set_limit(**limit)["Count"] == 2
    assert code(route53.delete_reusable_delegation_set, Id=made["Id"]) == "DelegationSetInUse"
    for zone in zones:
        route53.delete_hosted_zone(Id=zone["HostedZone"]["Id"])
    route53.delete_reusable_delegation_set(Id=made["Id"])
    assert code(route53.get_reusable_delegation_set, Id=made["Id"]) == "NoSuchDelegationSet"
    assert code(route53.create_hosted_zone, **again) == "NoSuchDelegationSet"


def test_a_zone_s_own_set_is_made_reusable(route53: Any) -> None:
    zone = route53.create_hosted_zone(Name="own.test", CallerReference="own")
    zone_id = zone["HostedZone"]["Id"].rsplit("/", 1)[-1]
    made = route53.create_reusable_delegation_set(CallerReference="own set", HostedZoneId=zone_id)["DelegationSet"]
    assert made["NameServers"] == zone["DelegationSet"]["NameServers"]
    again = {"CallerReference": "once more", "HostedZoneId": zone_id}
    assert code(route53.create_reusable_delegation_set, **again) == "DelegationSetAlreadyReusable"
    nobody = {"CallerReference": "nobody", "HostedZoneId": "ZNOBODY"}
    assert code(route53.create_reusable_delegation_set, **nobody) == "HostedZoneNotFound"
    page = route53.list_reusable_delegation_sets(MaxItems="100")
    assert made["Id"] in [each["Id"] for each in page["DelegationSets"]]


def test_quotas_are_told_and_kept(route53: Any) -> None:
    zone_id = route53.create_hosted_zone(Name="quota.test", CallerReference="quota")["HostedZone"]["Id"]
    zones = route53.get_account_limit(Type="MAX_HOSTED_ZONES_BY_OWNER")
    assert zones["Limit"] == {"Type": "MAX_HOSTED_ZONES_BY_OWNER", "Value": 500}
    assert zones["Count"] == route53.get_hosted_zone_count()["HostedZoneCount"]
    records = route53.get_hosted_zone_limit(Type="MAX_RRSETS_BY_ZONE", HostedZoneId=zone_id)
    assert (records["Limit"]["Value"], records["Count"]) == (10000, 2)
    vpcs = {"Type": "MAX_VPCS_ASSOCIATED_BY_ZONE", "HostedZoneId": zone_id}
    assert code(route53.get_hosted_zone_limit, **vpcs) == "HostedZoneNotPrivate"


def test_a_resource_has_at_most_fifty_tags(route53: Any) -> None:
    zone_id = route53.create_hosted_zone(Name="tags.test", CallerReference="tags")["HostedZone"]["Id"]
    tagged = {"ResourceType": "hostedzone", "ResourceId": zone_id.rsplit("/", 1)[-1]}
    for begin in range(0, 50, 10):
        tags = [{"Key": f"k{number}", "Value": "v"} for number in range(begin, begin + 10)]
        route53.change_tags_for_resource(**tagged, AddTags=tags)
    assert code(route53.change_tags_for_resource, **tagged, AddTags=[{"Key": "more", "Value": "v"}]) == "InvalidInput"


def test_geographic_locations(route53: Any) -> None:
    assert route53.get_geo_location()["GeoLocationDetails"] == {"CountryCode": "*", "CountryName": "Default"}
    assert route53.get_geo_location(ContinentCode="EU")["GeoLocationDetails"] == {
        "ContinentCode": "EU",
        "ContinentName": "Europe",
    }
    assert route53.get_geo_location(CountryCode="US", SubdivisionCode="CA")["GeoLocationDetails"] == {
        "CountryCode": "US",
        "CountryName": "United States",
        "SubdivisionCode": "CA",
        "SubdivisionName": "California",
    }
    assert code(route53.get_geo_location, CountryCode="XX") == "NoSuchGeoLocation"
    assert code(route53.get_geo_location, ContinentCode="EU", CountryCode="DE") == "InvalidInput"
    found: list[dict[str, str]] = []
    more: dict[str, str] = {}
    while True:
        page = route53.list_geo_locations(MaxItems="100", **more)
        found += page["GeoLocationDetailsList"]
        if not page["IsTruncated"]:
            break
        names = ("ContinentCode", "CountryCode", "SubdivisionCode")
        more = {f"Start{name}": page[f"Next{name}"] for name in names if f"Next{name}" in page}
    assert len(found) > 300
    assert len({tuple(each.items()) for each in found}) == len(found)
    states = [each["SubdivisionCode"] for each in found if "SubdivisionCode" in each]
    assert states == sorted(states)
    assert len(states) == 51
    last = [each["ContinentCode"] for each in found[-7:]]
    assert last == ["AF", "AN", "AS", "EU", "NA", "OC", "SA"]


def test_record_sets_are_listed_by_reversed_name_then_type_page_by_page(route53: Any) -> None:
    zone_id = route53.create_hosted_zone(Name="order.test", CallerReference="order")["HostedZone"]["Id"]
    names = ["b.order.test", "a.order.test", "a.b.order.test", "*.order.test", "order.test"]
    changes = [
        {
            "Action": "CREATE",
            "ResourceRecordSet": {"Name": name, "Type": kind, "TTL": 1, "ResourceRecords": [{"Value": value}]},
        }
        for name in names
        for kind, value in (("TXT", '"t"'), ("A", "192.0.2.1"))
    ]
    route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})
    pages = route53.get_paginator("list_resource_record_sets").paginate(
        HostedZoneId=zone_id, PaginationConfig={"PageSize": 3}
    )
    listed = [(each["Name"], each["Type"]) for page in pages for each in page["ResourceRecordSets"]]
    assert listed == [
        *[("order.test.", kind) for kind in ("A", "NS", "SOA", "TXT")],
        *[(name, kind) for name in ("\\052.order.test.", "a.order.test.") for kind in ("A", "TXT")],
        *[(name, kind) for name in ("b.order.test.", "a.b.order.test.") for kind in ("A", "TXT")],
    ]


def test_cidr_blocks_page_by_page(route53: Any) -> None:
    made = route53.create_cidr_collection(Name="pages", CallerReference="pages")["Collection"]
    again = route53.create_cidr_collection(Name="pages", CallerReference="pages")["Collection"]
    assert again["Id"] == made["Id"]
    other = {"Name": "pages", "CallerReference": "another"}
    assert code(route53.create_cidr_collection, **other) == "CidrCollectionAlreadyExistsException"
    blocks = [f"10.{number}.0.0/16" for number in range(5)]
    change = {"LocationName": "five", "Action": "PUT", "CidrList": blocks}
    route53.change_cidr_collection(Id=made["Id"], Changes=[change])
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = route53.list_cidr_blocks(CollectionId=made["Id"], MaxResults="2", **token)
        found += [each["CidrBlock"] for each in page["CidrBlocks"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found == blocks
    nowhere = {"CollectionId": made["Id"], "LocationName": "nowhere"}
    assert code(route53.list_cidr_blocks, **nowhere) == "NoSuchCidrLocationException"
    assert code(route53.list_cidr_blocks, CollectionId=made["Id"], NextToken="99") == "InvalidInput"


def test_private_zones_and_signing_are_refused_by_name(route53: Any) -> None:
    zone_id = route53.create_hosted_zone(Name="plain.test", CallerReference="plain")["HostedZone"]["Id"]
    with pytest.raises(ClientError, match="EnableHostedZoneDNSSEC"):
        route53.enable_hosted_zone_dnssec(HostedZoneId=zone_id)
    private = {"Name": "private.test", "CallerReference": "private", "HostedZoneConfig": {"PrivateZone": True}}
    with pytest.raises(ClientError, match="public hosted zones only"):
        route53.create_hosted_zone(**private)


def test_a_zones_comment_is_changed_and_taken_away(route53: Any) -> None:
    made = route53.create_hosted_zone(Name="said.test", CallerReference="said")["HostedZone"]
    changed = route53.update_hosted_zone_comment(Id=made["Id"], Comment="mine")["HostedZone"]
    assert (changed["Id"], changed["Config"]["Comment"]) == (made["Id"], "mine")
    assert route53.get_hosted_zone(Id=made["Id"])["HostedZone"]["Config"]["Comment"] == "mine"
    assert "Comment" not in route53.update_hosted_zone_comment(Id=made["Id"])["HostedZone"]["Config"]
    assert code(route53.update_hosted_zone_comment, Id="ZNOWHERE", Comment="mine") == "NoSuchHostedZone"


def test_health_checks_are_counted_and_tags_of_several_told_at_once(route53: Any) -> None:
    before = route53.get_health_check_count()["HealthCheckCount"]
    config = {"Type": "TCP", "IPAddress": "127.0.1.1", "Port": 80}
    ids = [
        route53.create_health_check(CallerReference=f"counted-{number}", HealthCheckConfig=config)["HealthCheck"]["Id"]
        for number in range(2)
    ]
    assert route53.get_health_check_count()["HealthCheckCount"] == before + 2
    one = {"Key": "Name", "Value": "one"}
    route53.change_tags_for_resource(ResourceType="healthcheck", ResourceId=ids[0], AddTags=[one])
    told = route53.list_tags_for_resources(ResourceType="healthcheck", ResourceIds=ids)["ResourceTagSets"]
    assert told == [
        {"ResourceType": "healthcheck", "ResourceId": ids[0], "Tags": [one]},
        {"ResourceType": "healthcheck", "ResourceId": ids[1], "Tags": []},
    ]
    nowhere = {"ResourceType": "healthcheck", "ResourceIds": [ids[0], "none"]}
    assert code(route53.list_tags_for_resources, **nowhere) == "NoSuchHealthCheck"


def test_cidr_collections_come_in_pages(route53: Any) -> None:
    made = {
        route53.create_cidr_collection(Name=f"paged-{number}", CallerReference=f"paged-{number}")["Collection"]["Id"]
        for number in range(3)
    }
    seen: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = route53.list_cidr_collections(MaxResults="2", **token)
        seen += page["CidrCollections"]
        assert len(page["CidrCollections"]) <= 2
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert made <= {one["Id"] for one in seen}
    assert len(seen) == len({one["Id"] for one in seen})
    first = next(one for one in seen if one["Name"] == "paged-0")
    assert first["Version"] == 1
    assert first["Arn"] == f"arn:aws:route53:::cidrcollection/{first['Id']}"
