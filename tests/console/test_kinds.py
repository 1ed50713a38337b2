"""What pages are made of: lists, figures and commands, from AWS's answers and the edge's. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from panregion.console import routes
from panregion.console.aws import Away, Refused
from panregion.console.kinds import apis, balancers, checks, functions, logs, names, stacks, work, zones
from panregion.console.kinds.fronts import addresses, behaviours, endpoints, heard
from panregion.console.kinds.section import Bars, Cell, Section, aws, beside
from panregion.world import WorldSettings
from panregion.world.distance import cities
from tests.console.lab import REGIONS

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("place", [place for _, _, place in routes.TABLE])
def test_every_address_has_somebody_who_answers(place: str) -> None:
    assert callable(routes._function(place))


def test_commands_can_be_pasted_whatever_a_thing_is_called() -> None:
    command = aws("sqs", "get-queue-url", "eu-west-1", queue_name="a; rm -rf '$HOME'")
    assert command == """aws sqs get-queue-url --queue-name 'a; rm -rf '"'"'$HOME'"'"'' --region eu-west-1"""


def test_bars_are_to_scale_and_what_is_little_can_be_seen() -> None:
    bars = Bars("Errors", [0, None, 1, 1000], ["a", "b", "c", "d"], "1001")
    assert bars.shown == [(0, 48, 0.0, "a"), (14, 48, 0.0, "b"), (28, 46.0, 2.0, "c"), (42, 0.0, 48.0, "d")]
    assert [height for _, _, height, _ in Bars("Errors", [0, 0], ["", ""], "0").shown] == [0, 0]


async def test_one_that_is_refused_or_away_leaves_the_others_standing() -> None:
    async def fails(error: Exception) -> Section:
        raise error

    async def answers() -> list[Section]:
        return [Section("A", "a", ()), Section("B", "b", ())]

    asked = [Section(title, "command", ()) for title in ("first", "second", "third")]
    found = await beside(
        (asked[0], fails(Refused("AccessDenied", "no"))), (asked[1], answers()), (asked[2], fails(Away("gone")))
    )
    assert [(one.title, one.problem) for one in found] == [("first", "no"), ("A", ""), ("B", ""), ("third", "gone")]
    with pytest.raises(ZeroDivisionError):
        await beside((asked[0], fails(ZeroDivisionError())))


def test_a_long_list_is_cut_and_short_words_stay_whole() -> None:
    section = Section("Many", "all", ("Name",), [[str(number)] for number in range(1000)])
    assert len(section.shown) == 300
    assert Cell("running", state="running").classes == "state short"
    assert Cell("arn:aws:lambda:us-east-1:1:function:f", mono=True).classes == "mono"


def test_figures_by_the_minute_weigh_durations_by_invocations() -> None:
    minutes = functions.minutes_until(NOON.timestamp() + 30)
    assert (len(minutes), minutes[-1], minutes[0]) == (15, NOON, NOON - timedelta(minutes=14))
    before = NOON - timedelta(minutes=1)
    told: dict[tuple[str, str, str], dict[str, Any]] = {
        ("cook", "Invocations", "Sum"): {"Timestamps": [NOON, before], "Values": [1.0, 3.0]},
        ("cook", "Duration", "Average"): {"Timestamps": [NOON, before], "Values": [100.0, 20.0]},
        ("cook", "Duration", "Maximum"): {"Timestamps": [NOON], "Values": [100.0]},
        ("wait", "Invocations", "Sum"): {},
    }
    found = functions.arranged(minutes, told)
    assert found["cook"].values("Invocations Sum")[-3:] == (None, 3.0, 1.0)
    assert (found["cook"].sum("Invocations Sum"), found["cook"].mean_ms, found["cook"].most_ms) == (4.0, 40.0, 100.0)
    assert (found["wait"].sum("Invocations Sum"), found["wait"].mean_ms, found["wait"].most_ms) == (0.0, None, None)
    chart = functions.chart("us-east-1", "cook", found["cook"])
    assert chart.numbers.rows[-1] == ["12:00", "1", "0", "100 ms", "100 ms"]
    assert "--metric-name Invocations" in chart.command
    assert "Value=cook --start-time 2026-01-01T11:46Z --end-time 2026-01-01T12:00Z" in chart.command


def test_cold_starts_are_the_report_lines_with_an_init_duration() -> None:
    lines = ["REPORT x\tInit Duration: 12.50 ms\t", 'my "Init Duration" is none', "REPORT y\tInit Duration: 9.00 ms"]
    events = [{"timestamp": at, "message": line, "logStreamName": f"s{at}"} for at, line in enumerate(lines)]
    rows = functions.cold_section("us-east-1", "/aws/lambda/f", events).rows
    assert [row[1:] for row in rows] == [["9.0 ms", "s2"], ["12.5 ms", "s0"]]


def test_log_lines_come_in_order_of_time_and_those_of_the_platform_are_marked() -> None:
    events = [
        {"eventId": "2", "timestamp": 2500, "message": "hello\n"},
        {"eventId": "1", "timestamp": 1000, "message": "START RequestId: 1 Version: $LATEST\n"},
    ]
    assert logs.told(events) == [
        {"id": "1", "clock": "00:00:01.000", "text": "START RequestId: 1 Version: $LATEST", "platform": True},
        {"id": "2", "clock": "00:00:02.500", "text": "hello", "platform": False},
    ]
    assert logs.command("us-east-1", "/x", '"a b"') == (
        "aws logs tail /x --follow --filter-pattern '\"a b\"' --region us-east-1"
    )


@pytest.mark.parametrize(
    ("status", "mark"),
    [
        ("CREATE_COMPLETE", "healthy"),
        ("UPDATE_IN_PROGRESS", "behind"),
        ("ROLLBACK_COMPLETE", "failed"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "failed"),
        ("DELETE_FAILED", "failed"),
    ],
)
def test_a_stacks_status_has_a_form(status: str, mark: str) -> None:
    assert stacks.mark(status) == mark


def test_resources_lead_to_their_pages() -> None:
    made = {
        "AWS::Lambda::Function": ("f", "/regions/us-east-1/functions/f"),
        "AWS::SQS::Queue": ("http://h/1/q", "/regions/us-east-1/queues/q"),
        "AWS::Route53::HostedZone": ("Z1", "/zones/Z1"),
        "AWS::DynamoDB::GlobalTable": ("items", "/data/items"),
        "AWS::Events::Rule": ("r", "/regions/us-east-1/events"),
        "AWS::IAM::Role": ("role", None),
    }
    for kind, (name, to) in made.items():
        assert stacks._physical("us-east-1", kind, name).to == to


@pytest.mark.parametrize(
    ("record", "policy"),
    [
        ({}, "simple"),
        ({"Weight": 0}, "weighted, 0"),
        ({"Region": "us-east-1"}, "latency, us-east-1"),
        ({"Failover": "PRIMARY"}, "failover, primary"),
        ({"GeoLocation": {"CountryCode": "US", "SubdivisionCode": "CA"}}, "geolocation, US-CA"),
        ({"GeoProximityLocation": {"AWSRegion": "eu-west-1", "Bias": 5}}, "geoproximity, eu-west-1"),
        ({"CidrRoutingConfig": {"CollectionId": "c", "LocationName": "home"}}, "by address, home"),
        ({"MultiValueAnswer": True}, "multivalue"),
    ],
)
def test_a_records_policy_in_words(record: dict[str, Any], policy: str) -> None:
    assert zones.policy(record) == policy


def test_records_say_their_checks_health() -> None:
    record = {
        "Name": "\\052.a.test.",
        "Type": "A",
        "SetIdentifier": "one",
        "Weight": 1,
        "TTL": 60,
        "ResourceRecords": [{"Value": "192.0.2.1"}],
    }
    records = [record, {**record, "HealthCheckId": "aaaaaaaa-1"}, {**record, "HealthCheckId": "bbbbbbbb-2"}]
    rows = zones.records_section("Z1", records, {"aaaaaaaa-1": False}).shown
    assert [row[-1].text for row in rows] == ["\u2013", "unhealthy (aaaaaaaa)", "unknown (bbbbbbbb)"]
    assert (rows[0][0].text, rows[0][0].to) == ("*.a.test", "/names/%2A.a.test?type=A")


def told(*values: str, rcode: str = "NOERROR") -> dict[str, Any]:
    return {"values": list(values), "rcode": rcode, "ttl_s": 60, "trace": [{"name": "a.test.", "why": "it is so"}]}


def test_cities_are_told_together_by_their_answer_and_one_by_one() -> None:
    region_at = WorldSettings(regions=REGIONS).region_at
    found = [("oslo", told("127.0.2.1")), ("rome", told("127.0.2.1")), ("lima", told(rcode="NXDOMAIN"))]
    together, each = names.listed(region_at, "a.test", "A", found)
    assert [[cell.text for cell in row] for row in together.shown] == [
        ["127.0.2.1", "eu-west-1", "2", "oslo, rome"],
        ["NXDOMAIN", "\u2013", "1", "lima"],
    ]
    assert [cell.text for cell in each.shown[0]] == ["oslo", "127.0.2.1", "eu-west-1", "60 s", "it is so"]
    assert each.shown[0][0].to == "/names/a.test?type=A&city=oslo"


def test_why_one_city_is_answered_that() -> None:
    record = {"terms": {"region": "us-east-1"}, "healthy": False, "health_check": "c1", "target": "t.", "chosen": False}
    chosen = {**record, "terms": {"region": "eu-west-1"}, "healthy": True, "health_check": None, "chosen": True}
    step = {
        "name": "a.test.",
        "policy": "latency",
        "why": "eu-west-1 is near",
        "records": [{**record, "set_identifier": "us"}, {**chosen, "set_identifier": "eu"}],
    }
    rows = names.steps("a.test", "oslo", {**told("127.0.2.1"), "trace": [step]}, cities()["london"]).shown
    assert [cell.text for cell in rows[0]][:5] == ["a.test.", "latency", "us", "unhealthy", "no"]
    assert rows[0][3].to == "/checks/c1"
    assert rows[0][5].text.endswith(" ms away")
    assert [cell.text for cell in rows[1]][2:] == ["eu", "healthy", "chosen", "eu-west-1 is near"]


def test_a_check_can_be_failed_mended_or_neither() -> None:
    assert [act.name for act in checks.acts("c", False)] == ["fail-check"]
    assert [act.name for act in checks.acts("c", True)] == ["mend-check"]
    assert checks.acts("c", None) == ()


def test_what_is_behind_a_route() -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:cook:live"
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    assert apis.behind("us-east-1", uri).to == "/regions/us-east-1/functions/cook"
    assert apis.behind("us-east-1", arn).to == "/regions/us-east-1/functions/cook"
    assert apis.behind("eu-west-1", arn).to is None
    assert apis.behind("us-east-1", "https://bank.test/pay").text == "https://bank.test/pay"


def test_targets_and_endpoints_with_their_health() -> None:
    group = {
        "TargetGroupName": "web",
        "LoadBalancerArns": ["arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/front/1"],
    }
    health = {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}
    row = balancers.row_of("us-east-1", group, {"Target": {"Id": "10.0.0.1", "Port": 80}, "TargetHealth": health})
    assert [cell if isinstance(cell, str) else cell.text for cell in row] == [
        *("10.0.0.1:80", "unhealthy", "Request timed out", "web", "front")
    ]
    described = {
        "EndpointId": group["LoadBalancerArns"][0],
        "HealthState": "UNHEALTHY",
        "HealthReason": "no",
        "Weight": 0,
    }
    groups = [{"EndpointGroupRegion": "us-east-1", "TrafficDialPercentage": 50.0, "EndpointDescriptions": [described]}]
    [[endpoint, state, reason, weight, region, dial]] = endpoints([{"ListenerArn": "arn:l"}], groups).shown
    assert (endpoint.text, endpoint.to) == ("front", "/regions/us-east-1/balancers")
    assert (state.state, reason.text, weight.text, region.text, dial.text) == (
        *("unhealthy", "no", "0", "us-east-1", "50 %"),
    )


def test_accelerators_and_distributions() -> None:
    assert heard({"Protocol": "TCP", "PortRanges": [{"FromPort": 80, "ToPort": 80}, {"FromPort": 1, "ToPort": 9}]}) == (
        "TCP 80, 1-9"
    )
    assert addresses({"IpSets": [{"IpAddresses": ["1.2.3.4", "5.6.7.8"]}]}) == ["1.2.3.4", "5.6.7.8"]
    default = {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all"}
    config = {"CacheBehaviors": {"Items": [{**default, "PathPattern": "/item/*"}]}, "DefaultCacheBehavior": default}
    assert [row[0].text for row in behaviours("command", config).shown] == ["/item/*", "*"]


@pytest.mark.parametrize(("in_s", "words"), [(None, "\u2013"), (4.0, "in 4.0 s"), (-70.0, "70 s ago")])
def test_when_work_is_due(in_s: float | None, words: str) -> None:
    assert work.due(in_s) == words
