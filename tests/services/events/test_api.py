"""EventBridge through boto3: what an application sees, errors included."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import ServedRegion

ARN = "arn:aws:events:us-east-1:000000000000:"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
EVENT = {"Source": "app", "DetailType": "paid", "Detail": "{}"}


@pytest.fixture(scope="module")
def events(served: ServedRegion) -> Any:
    return served.client("events")


@pytest.fixture
def rule(events: Any, request: pytest.FixtureRequest) -> str:
    """A rule of the test's own."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)[:60]
    events.put_rule(Name=name, EventPattern='{"source": ["nobody"]}')
    return name


def refused(call: Any, **params: Any) -> tuple[str, str]:
    """Code and message of the error that a call ends with."""
    with pytest.raises(ClientError) as raised:
        call(**params)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_buss_life(events: Any) -> None:
    arn = events.create_event_bus(Name="orders", Description="d", Tags=[{"Key": "a", "Value": "b"}])["EventBusArn"]
    assert arn == ARN + "event-bus/orders"
    assert refused(events.create_event_bus, Name="orders") == (
        "ResourceAlreadyExistsException",
        "Event bus orders already exists.",
    )
    assert events.describe_event_bus(Name=arn)["Description"] == "d"
    assert events.describe_event_bus()["Name"] == "default"
    names = [bus["Name"] for bus in events.list_event_buses()["EventBuses"]]
    assert {"default", "orders"} <= set(names)
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    events.put_rule(Name="r", EventBusName="orders", EventPattern='{"source": ["a"]}')
    assert refused(events.delete_event_bus, Name="orders")[0] == "ValidationException"
    events.delete_rule(Name="r", EventBusName="orders")
    events.delete_event_bus(Name="orders")
    events.delete_event_bus(Name="orders")
    assert refused(events.describe_event_bus, Name="orders") == (
        "ResourceNotFoundException",
        "Event bus orders does not exist.",
    )
    assert refused(events.delete_event_bus, Name="default")[0] == "ValidationException"


def test_a_rules_life(events: Any, rule: str) -> None:
    described = events.describe_rule(Name=rule)
    assert {name: described[name] for name in ("Arn", "State", "EventPattern", "EventBusName")} == {
        "Arn": f"{ARN}rule/{rule}",
        "State": "ENABLED",
        "EventPattern": '{"source": ["nobody"]}',
        "EventBusName": "default",
    }
    events.disable_rule(Name=rule)
    assert events.describe_rule(Name=rule)["State"] == "DISABLED"
    events.enable_rule(Name=rule)
    targets = [{"Id": "1", "Arn": QUEUE}, {"Id": "2", "Arn": QUEUE, "Input": "{}"}]
    assert events.put_targets(Rule=rule, Targets=targets)["FailedEntryCount"] == 0
    assert events.list_targets_by_rule(Rule=rule)["Targets"] == targets
    assert rule in events.list_rule_names_by_target(TargetArn=QUEUE)["RuleNames"]
    assert refused(events.delete_rule, Name=rule) == (
        "ValidationException",
        "Rule can't be deleted since it has targets.",
    )
    answer = events.remove_targets(Rule=rule, Ids=["1", "2", "3"])
    assert [entry["TargetId"] for entry in answer["FailedEntries"]] == ["3"]
    events.delete_rule(Name=rule)
    events.delete_rule(Name=rule)
    assert refused(events.describe_rule, Name=rule) == (
        "ResourceNotFoundException",
        f"Rule {rule} does not exist on EventBus default.",
    )


def test_rules_are_listed_by_prefix_and_page(events: Any) -> None:
    for number in range(5):
        events.put_rule(Name=f"listed-{number}", ScheduleExpression="rate(1 day)")
    first = events.list_rules(NamePrefix="listed-", Limit=2)
    assert [one["Name"] for one in first["Rules"]] == ["listed-0", "listed-1"]
    rest = events.list_rules(NamePrefix="listed-", NextToken=first["NextToken"])
    assert [one["Name"] for one in rest["Rules"]] == ["listed-2", "listed-3", "listed-4"]
    assert "NextToken" not in rest


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({}, "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."),
        ({"EventPattern": "{"}, "InvalidEventPatternException", None),
        (
            {"EventPattern": '{"source": "a"}'},
            "InvalidEventPatternException",
            'Event pattern is not valid. Reason: "source" must be an object or an array',
        ),
        ({"EventPattern": '{"source": [{"like": "a"}]}'}, "InvalidEventPatternException", None),
        (
            {"ScheduleExpression": "rate(1 minutes)"},
            "ValidationException",
            "Parameter ScheduleExpression is not valid.",
        ),
        (
            {"ScheduleExpression": "cron(* * * * * *)"},
            "ValidationException",
            "Parameter ScheduleExpression is not valid.",
        ),
        ({"EventBusName": "none", "EventPattern": "{}"}, "ResourceNotFoundException", "Event bus none does not exist."),
    ],
)
def test_rules_that_cannot_be(events: Any, params: dict[str, str], code: str, message: str | None) -> None:
    found = refused(events.put_rule, Name="never", **params)
    assert found[0] == code
    assert message is None or found[1] == message


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ({"Arn": "x"}, "ValidationException"),
        ({"Arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}, "NotImplemented"),
        ({"Arn": QUEUE, "Input": "{"}, "ValidationException"),
        ({"Arn": QUEUE, "Input": "{}", "InputPath": "$.a"}, "ValidationException"),
        ({"Arn": QUEUE, "InputPath": "detail"}, "ValidationException"),
        ({"Arn": QUEUE, "InputTransformer": {"InputTemplate": '"<x>"'}}, "ValidationException"),
        ({"Arn": QUEUE + ".fifo"}, "ValidationException"),
    ],
)
def test_targets_that_cannot_be(events: Any, rule: str, target: dict[str, Any], code: str) -> None:
    assert refused(events.put_targets, Rule=rule, Targets=[{"Id": "1", **target}])[0] == code


def test_more_targets_than_a_rule_may_have(events: Any, rule: str) -> None:
    targets = [{"Id": str(number), "Arn": QUEUE} for number in range(6)]
    assert refused(events.put_targets, Rule=rule, Targets=targets)[0] == "LimitExceededException"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Source": ""}, "InvalidArgument"),
        ({"Detail": "{"}, "MalformedDetail"),
        ({"Detail": "[]"}, "MalformedDetail"),
        ({"Source": "aws.ec2"}, "NotAuthorizedForSourceException"),
    ],
)
def test_each_entry_is_accepted_or_not(events: Any, change: dict[str, str], code: str) -> None:
    answer = events.put_events(Entries=[EVENT, {**EVENT, **change}])
    assert answer["FailedEntryCount"] == 1
    assert "EventId" in answer["Entries"][0]
    assert answer["Entries"][1]["ErrorCode"] == code


def test_entries_that_are_too_long_together(events: Any) -> None:
    detail = json.dumps({"a": "x" * 131_100})
    assert refused(events.put_events, Entries=[{**EVENT, "Detail": detail}] * 2) == (
        "ValidationException",
        "Total size of the entries in the request is over the limit.",
    )


def test_trying_a_pattern(events: Any) -> None:
    event = {
        "id": "1",
        "account": "000000000000",
        "source": "app",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": "x",
        "detail": {"n": 3},
    }
    pattern = '{"detail": {"n": [{"numeric": [">", 2]}]}}'
    assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] is True
    event["detail"] = {"n": 2}
    assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] is False
    assert refused(events.test_event_pattern, EventPattern=pattern, Event="{}")[0] == "ValidationException"


def test_permissions_and_tags(events: Any, rule: str) -> None:
    events.create_event_bus(Name="shared")
    params = {"EventBusName": "shared", "StatementId": "s"}
    events.put_permission(**params, Action="events:PutEvents", Principal="111111111111")
    policy = json.loads(events.describe_event_bus(Name="shared")["Policy"])
    assert policy["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    events.remove_permission(**params)
    assert "Policy" not in events.describe_event_bus(Name="shared")
    assert refused(events.remove_permission, **params)[0] == "ResourceNotFoundException"
    arn = f"{ARN}rule/{rule}"
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    events.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
