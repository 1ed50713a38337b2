"""Traffic policies, versions and instances as AWS's own client sees them, and what a document comes to."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.edge.book import Book
from panregion.services.route53.errors import InvalidTrafficPolicyDocument
from panregion.services.route53.model import Zone, name_servers
from panregion.services.route53.traffic_document import parse, records
from tests.edge.support import Lab
from tests.support import ServedRegion

ZONE = Zone("Z1", "hello.test.", "reference", name_servers([1, 2, 3, 4]))
TREE: dict[str, Any] = {
    "AWSPolicyFormatVersion": "2015-10-01",
    "RecordType": "A",
    "StartRule": "site",
    "Endpoints": {
        "near": {"Type": "value", "Value": "192.0.2.1"},
        "far": {"Type": "value", "Value": "192.0.2.2"},
        "sorry": {"Type": "s3-website", "Region": "us-east-1"},
        "edge": {"Type": "cloudfront", "Value": "d1.cloudfront.net"},
    },
    "Rules": {
        "site": {
            "RuleType": "failover",
            "Primary": {"RuleReference": "regions", "EvaluateTargetHealth": "true"},
            "Secondary": {"EndpointReference": "sorry"},
        },
        "regions": {
            "RuleType": "latency",
            "Regions": [
                {"Region": "eu-west-1", "EndpointReference": "near", "HealthCheck": "check-near"},
                {"Region": "aws:route53:us-east-1", "EndpointReference": "far", "HealthCheck": "check-far"},
            ],
        },
    },
}


def changed(**members: Any) -> dict[str, Any]:
    return {**TREE, **members}


def lab(document: dict[str, Any], **more: Any) -> Lab:
    made = records(parse(json.dumps(document)), ZONE, "www.hello.test.", 60, "instance-1")
    return Lab(*made, **more)


def test_a_tree_of_rules_routes_as_its_records_do() -> None:
    assert lab(TREE).values("www.hello.test.", who="london") == ["192.0.2.1"]
    assert lab(TREE).values("www.hello.test.", who="new-york") == ["192.0.2.2"]
    assert lab(TREE, unhealthy={"check-near"}).values("www.hello.test.", who="london") == ["192.0.2.2"]
    down = lab(TREE, unhealthy={"check-near", "check-far"})
    assert down.values("www.hello.test.", who="london") == ["127.0.1.1"], "the bucket's region"


def items(*terms: dict[str, Any]) -> list[dict[str, Any]]:
    """Two branches, to the endpoints near and far."""
    return [{**each, "EndpointReference": endpoint} for each, endpoint in zip(terms, ("near", "far"), strict=True)]


WEIGHTS = items({"Weight": "0"}, {"Weight": "9"})
COUNTRIES = items({"Country": "GB"}, {"IsDefault": "true"})
CONTINENTS = items({"Continent": "EU"}, {"IsDefault": True})
NEAR_AND_FAR = items({"Region": "aws:route53:eu-west-1", "Bias": "-50"}, {"Latitude": "40.7", "Longitude": "-74"})


@pytest.mark.parametrize(
    ("rule", "who", "answer"),
    [
        ({"RuleType": "weighted", "Items": WEIGHTS}, "london", ["192.0.2.2"]),
        ({"RuleType": "geo", "Locations": COUNTRIES}, "london", ["192.0.2.1"]),
        ({"RuleType": "geo", "Locations": CONTINENTS}, "sydney", ["192.0.2.2"]),
        ({"RuleType": "geoproximity", "GeoproximityLocations": NEAR_AND_FAR}, "new-york", ["192.0.2.2"]),
        ({"RuleType": "multivalue", "Items": items({}, {})}, "london", ["192.0.2.1", "192.0.2.2"]),
    ],
)
def test_each_type_of_rule(rule: dict[str, Any], who: str, answer: list[str]) -> None:
    assert sorted(lab(changed(Rules={"site": rule})).values("www.hello.test.", who=who)) == answer


def test_an_endpoint_may_be_all_there_is() -> None:
    document = {name: value for name, value in TREE.items() if name not in ("StartRule", "Rules")}
    assert lab({**document, "StartEndpoint": "near"}).values("www.hello.test.") == ["192.0.2.1"]


def test_a_rule_that_two_lead_to_is_made_once() -> None:
    twice = {
        "site": {
            "RuleType": "weighted",
            "Items": [{"Weight": 1, "RuleReference": "two"}, {"Weight": 2, "RuleReference": "two"}],
        },
        "two": {"RuleType": "multivalue", "Items": [{"EndpointReference": "near"}]},
    }
    made = records(parse(json.dumps(changed(Rules=twice))), ZONE, "www.hello.test.", 60, "i")
    assert [each.name for each in made].count("_1.i.hello.test.") == 1
    assert len(made) == 3


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "not a JSON object"),
        ([1], "not a JSON object"),
        (changed(AWSPolicyFormatVersion="2014-01-01"), "AWSPolicyFormatVersion must be 2015-10-01 or 2023-05-09"),
        (changed(RecordType="B"), "RecordType is invalid"),
        (changed(StartEndpoint="near"), "Exactly one of StartEndpoint and StartRule"),
        (changed(StartRule="nowhere"), "There is no rule nowhere to start at"),
        (changed(Ending=1), "unknown member Ending"),
        (changed(Endpoints={}), "refers to no endpoint: sorry"),
        (changed(Endpoints={"sorry": {"Type": "value", "Value": "x"}}), "not a valid IPv4 address"),
        (changed(Endpoints={"sorry": {"Type": "carrier-pigeon", "Value": "x"}}), "unknown Type carrier-pigeon"),
        (changed(Rules={"site": {"RuleType": "luck"}}), "unknown RuleType luck"),
        (changed(Rules={"site": {"RuleType": "failover"}}), "needs a Primary"),
        (changed(Rules={"site": {"RuleType": "weighted", "Items": []}}), "leads nowhere"),
        (changed(Rules={"site": {"RuleType": "weighted", "Items": [{"EndpointReference": "near"}]}}), "number Weight"),
        (changed(Rules={"site": {"RuleType": "failover", "Primary": {"RuleReference": "site"}}}), "back to itself"),
        (
            changed(Rules={"site": {"RuleType": "multivalue", "Items": [{"EndpointReference": "edge"}]}}),
            "endpoints of type value only",
        ),
        (
            changed(Rules={"site": {"RuleType": "geo", "Locations": [{"Country": "XX", "EndpointReference": "near"}]}}),
            "unknown location",
        ),
    ],
)
def test_a_document_that_does_not_hold_together(document: Any, words: str) -> None:
    with pytest.raises(InvalidTrafficPolicyDocument, match=words):
        parse(document if isinstance(document, str) else json.dumps(document))


@pytest.fixture
def route53(served: ServedRegion) -> Any:
    return served.client("route53")


def code(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**params)
    return str(raised.value.response["Error"]["Code"])


def test_policies_have_versions(route53: Any) -> None:
    made = route53.create_traffic_policy(Name="versions", Document=json.dumps(TREE), Comment="first")
    policy = made["TrafficPolicy"]
    assert (policy["Version"], policy["Type"], policy["Comment"]) == (1, "A", "first")
    assert code(route53.create_traffic_policy, Name="versions", Document="{}") == "TrafficPolicyAlreadyExists"
    second = route53.create_traffic_policy_version(Id=policy["Id"], Document=json.dumps(TREE))["TrafficPolicy"]
    assert second["Version"] == 2
    bad = {"Id": policy["Id"], "Document": "{}"}
    assert code(route53.create_traffic_policy_version, **bad) == "InvalidTrafficPolicyDocument"
    summary = next(
        each for each in route53.list_traffic_policies()["TrafficPolicySummaries"] if each["Id"] == policy["Id"]
    )
    assert (summary["LatestVersion"], summary["TrafficPolicyCount"]) == (2, 2)
    page = route53.list_traffic_policy_versions(Id=policy["Id"], MaxItems="1")
    assert (page["IsTruncated"], page["TrafficPolicyVersionMarker"]) == (True, "2")
    more = route53.list_traffic_policy_versions(Id=policy["Id"], TrafficPolicyVersionMarker="2")
    assert [each["Version"] for each in more["TrafficPolicies"]] == [2]
    told = route53.update_traffic_policy_comment(Id=policy["Id"], Version=2, Comment="second")["TrafficPolicy"]
    assert told["Comment"] == "second"
    route53.delete_traffic_policy(Id=policy["Id"], Version=1)
    assert code(route53.get_traffic_policy, Id=policy["Id"], Version=1) == "NoSuchTrafficPolicy"
    assert json.loads(route53.get_traffic_policy(Id=policy["Id"], Version=2)["TrafficPolicy"]["Document"]) == TREE
    assert code(route53.list_traffic_policy_versions, Id="nobody") == "NoSuchTrafficPolicy"


def test_an_instance_makes_the_records_and_takes_them_away(route53: Any, served: ServedRegion) -> None:
    zone_id = route53.create_hosted_zone(Name="traffic.test", CallerReference="traffic")["HostedZone"]["Id"]
    one = {name: value for name, value in TREE.items() if name not in ("StartRule", "Rules")}
    policy = route53.create_traffic_policy(Name="one", Document=json.dumps({**one, "StartEndpoint": "near"}))
    policy_id = policy["TrafficPolicy"]["Id"]
    tree = route53.create_traffic_policy_version(Id=policy_id, Document=json.dumps(TREE))["TrafficPolicy"]
    wanted = {"HostedZoneId": zone_id, "TTL": 30, "TrafficPolicyId": policy_id, "TrafficPolicyVersion": 1}
    made = route53.create_traffic_policy_instance(Name="www.traffic.test", **wanted)["TrafficPolicyInstance"]
    assert made["State"] == "Creating"
    assert route53.get_traffic_policy_instance(Id=made["Id"])["TrafficPolicyInstance"]["State"] == "Applied"
    listed = route53.list_resource_record_sets(HostedZoneId=zone_id, StartRecordName="www.traffic.test")
    assert listed["ResourceRecordSets"] == [
        {"Name": "www.traffic.test.", "Type": "A", "TTL": 30, "TrafficPolicyInstanceId": made["Id"]}
    ]
    assert code(route53.create_traffic_policy_instance, Name="www.traffic.test", **wanted) == (
        "TrafficPolicyInstanceAlreadyExists"
    )
    assert code(route53.delete_hosted_zone, Id=zone_id) == "HostedZoneNotEmpty"
    assert followed(served, "www.traffic.test.") == [("www.traffic.test.", ("192.0.2.1",))]
    route53.update_traffic_policy_instance(
        Id=made["Id"], TTL=60, TrafficPolicyId=policy_id, TrafficPolicyVersion=tree["Version"]
    )
    assert len(followed(served, "www.traffic.test.")) == 2
    assert code(route53.delete_traffic_policy, Id=policy_id, Version=2) == "TrafficPolicyInUse"
    assert route53.get_traffic_policy_instance_count()["TrafficPolicyInstanceCount"] == 1
    for call, which in (
        (route53.list_traffic_policy_instances, {}),
        (route53.list_traffic_policy_instances_by_hosted_zone, {"HostedZoneId": zone_id}),
        (
            route53.list_traffic_policy_instances_by_policy,
            {"TrafficPolicyId": policy_id, "TrafficPolicyVersion": 2},
        ),
    ):
        assert [each["Id"] for each in call(**which)["TrafficPolicyInstances"]] == [made["Id"]]
    route53.delete_traffic_policy_instance(Id=made["Id"])
    assert followed(served, "traffic.test.") == []
    assert code(route53.get_traffic_policy_instance, Id=made["Id"]) == "NoSuchTrafficPolicyInstance"
    route53.delete_hosted_zone(Id=zone_id)


def followed(served: ServedRegion, suffix: str) -> list[tuple[str, tuple[str, ...]]]:
    """The A records below a name as the edge gets them."""
    answer = served.run(served.region.ask("route53", "panregion:Changes", {"epoch": "", "after": 0}))
    book = Book()
    book.load(answer["snapshot"])
    zone = book.zone_of(suffix)
    assert zone is not None
    return [(each.name, each.values) for each in (book.at(zone, suffix) or {}).get("A", [])]


def test_an_instance_that_others_forbid_has_failed(route53: Any) -> None:
    zone_id = route53.create_hosted_zone(Name="failed.test", CallerReference="failed")["HostedZone"]["Id"]
    record = {"Name": "www.failed.test", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.9"}]}
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)
    policy = route53.create_traffic_policy(Name="failing", Document=json.dumps(TREE))["TrafficPolicy"]
    made = route53.create_traffic_policy_instance(
        HostedZoneId=zone_id, Name="www.failed.test", TTL=30, TrafficPolicyId=policy["Id"], TrafficPolicyVersion=1
    )["TrafficPolicyInstance"]
    found = route53.get_traffic_policy_instance(Id=made["Id"])["TrafficPolicyInstance"]
    assert found["State"] == "Failed"
    assert "already exists" in found["Message"]
    listed = route53.list_resource_record_sets(HostedZoneId=zone_id, StartRecordName="www.failed.test")
    assert listed["ResourceRecordSets"][0]["ResourceRecords"] == [{"Value": "192.0.2.9"}]
    route53.delete_traffic_policy_instance(Id=made["Id"])
    listed = route53.list_resource_record_sets(HostedZoneId=zone_id, StartRecordName="www.failed.test")
    assert len(listed["ResourceRecordSets"]) == 1


def test_the_record_that_stands_for_an_instance(route53: Any, served: ServedRegion) -> None:
    zone_id = route53.create_hosted_zone(Name="standing.test", CallerReference="standing")["HostedZone"]["Id"]
    policy = route53.create_traffic_policy(Name="standing", Document=json.dumps(TREE))["TrafficPolicy"]
    made = route53.create_traffic_policy_instance(
        HostedZoneId=zone_id, Name="standing.test", TTL=30, TrafficPolicyId=policy["Id"], TrafficPolicyVersion=1
    )["TrafficPolicyInstance"]
    standing = {"Name": "standing.test", "Type": "A", "TTL": 30, "TrafficPolicyInstanceId": made["Id"]}

    def change(action: str) -> Any:
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": standing}]}
        return route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)

    with pytest.raises(route53.exceptions.InvalidChangeBatch, match="is a traffic policy instance's"):
        change("UPSERT")
    change("DELETE")
    assert followed(served, "standing.test.") == []
    assert route53.get_traffic_policy_instance(Id=made["Id"])["TrafficPolicyInstance"]["State"] == "Applied"
    route53.delete_traffic_policy_instance(Id=made["Id"])
    route53.delete_hosted_zone(Id=zone_id)
