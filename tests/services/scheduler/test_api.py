"""EventBridge Scheduler through boto3: every operation, errors included."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.scheduler.conftest import ROLE
from tests.support import ServedRegion

Json = dict[str, Any]

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
BUS = "arn:aws:events:us-east-1:000000000000:event-bus/default"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
GROUP = "arn:aws:scheduler:us-east-1:000000000000:schedule-group/"
UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"
OFF = {"Mode": "OFF"}
LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=300)


@pytest.fixture(scope="module")
def scheduler(served: ServedRegion) -> Any:
    return served.client("scheduler")


@pytest.fixture
def given(scheduler: Any, request: pytest.FixtureRequest) -> Iterator[Json]:
    """What a schedule of the test's own takes, in a group of its own."""
    group = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)[:60]
    scheduler.create_schedule_group(Name=group)
    yield {
        "Name": "s",
        "GroupName": group,
        "ScheduleExpression": "rate(30 days)",
        "StartDate": LATER,
        "FlexibleTimeWindow": OFF,
        "Target": {"Arn": QUEUE, "RoleArn": ROLE, "Input": "x"},
    }
    scheduler.delete_schedule_group(Name=group)


def refused(call: Any, **params: Any) -> tuple[str, str]:
    """Code and message of the error that a call ends with."""
    with pytest.raises(ClientError) as raised:
        call(**params)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_schedules_life(scheduler: Any, given: Json) -> None:
    group = given["GroupName"]
    arn = f"arn:aws:scheduler:us-east-1:000000000000:schedule/{group}/s"
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    whole = {
        **given,
        "FlexibleTimeWindow": window,
        "Description": "d",
        "EndDate": LATER + timedelta(days=90),
        "ScheduleExpressionTimezone": "Europe/Paris",
        "ActionAfterCompletion": "DELETE",
        "State": "DISABLED",
    }
    assert scheduler.create_schedule(**whole)["ScheduleArn"] == arn
    found = scheduler.get_schedule(Name="s", GroupName=group)
    assert {name: found[name] for name in whole} == whole
    assert found["Arn"] == arn
    assert refused(scheduler.create_schedule, **whole) == ("ConflictException", "Schedule s already exists.")
    scheduler.update_schedule(**given)
    changed = scheduler.get_schedule(Name="s", GroupName=group)
    assert changed["FlexibleTimeWindow"] == OFF
    assert (changed["State"], changed["ScheduleExpressionTimezone"], changed["ActionAfterCompletion"]) == (
        "ENABLED",
        "UTC",
        "NONE",
    )
    assert "Description" not in changed
    assert changed["CreationDate"] == found["CreationDate"]
    (listed,) = scheduler.list_schedules(GroupName=group, NamePrefix="s", State="ENABLED")["Schedules"]
    assert (listed["Arn"], listed["Target"]) == (arn, {"Arn": QUEUE})
    assert scheduler.list_schedules(GroupName=group, State="DISABLED")["Schedules"] == []
    scheduler.delete_schedule(Name="s", GroupName=group)
    gone = ("ResourceNotFoundException", "Schedule s does not exist.")
    for call in (scheduler.get_schedule, scheduler.delete_schedule):
        assert refused(call, Name="s", GroupName=group) == gone
    assert refused(scheduler.update_schedule, **given) == gone


def test_the_same_client_token_is_the_same_request(scheduler: Any, given: Json) -> None:
    first = scheduler.create_schedule(**given, ClientToken="once")
    assert scheduler.create_schedule(**given, ClientToken="once")["ScheduleArn"] == first["ScheduleArn"]
    assert refused(scheduler.create_schedule, **given, ClientToken="twice")[0] == "ConflictException"


def test_schedules_are_listed_by_page(scheduler: Any, given: Json) -> None:
    names = [f"page-{number}" for number in range(5)]
    for name in names:
        scheduler.create_schedule(**{**given, "Name": name})
    pages = scheduler.get_paginator("list_schedules").paginate(
        GroupName=given["GroupName"], PaginationConfig={"PageSize": 2}
    )
    assert [[one["Name"] for one in page["Schedules"]] for page in pages] == [names[:2], names[2:4], names[4:]]
    wrong = refused(scheduler.list_schedules, GroupName=given["GroupName"], NextToken="none")
    assert wrong[0] == "ValidationException"


def test_a_groups_life(scheduler: Any) -> None:
    answer = scheduler.create_schedule_group(Name="life", Tags=[{"Key": "a", "Value": "1"}], ClientToken="t")
    arn = answer["ScheduleGroupArn"]
    assert arn == GROUP + "life"
    assert scheduler.create_schedule_group(Name="life", ClientToken="t")["ScheduleGroupArn"] == arn
    assert refused(scheduler.create_schedule_group, Name="life") == (
        "ConflictException",
        "Schedule group life already exists.",
    )
    found = scheduler.get_schedule_group(Name="life")
    assert (found["Arn"], found["State"]) == (arn, "ACTIVE")
    listed = scheduler.list_schedule_groups(NamePrefix="life")["ScheduleGroups"]
    assert [one["Name"] for one in listed] == ["life"]
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    scheduler.delete_schedule_group(Name="life")
    for _ in range(1000):
        if "life" not in [one["Name"] for one in scheduler.list_schedule_groups()["ScheduleGroups"]]:
            break
    gone = ("ResourceNotFoundException", "Schedule group life does not exist.")
    assert refused(scheduler.get_schedule_group, Name="life") == gone
    assert refused(scheduler.delete_schedule_group, Name="life") == gone
    assert refused(scheduler.list_schedules, GroupName="life") == gone
    for call, params in (
        (scheduler.list_tags_for_resource, {}),
        (scheduler.tag_resource, {"Tags": [{"Key": "b", "Value": "2"}]}),
        (scheduler.untag_resource, {"TagKeys": ["a"]}),
    ):
        assert refused(call, ResourceArn=arn, **params) == gone


def test_the_default_group_stays(scheduler: Any) -> None:
    assert refused(scheduler.delete_schedule_group, Name="default")[0] == "ValidationException"
    assert scheduler.get_schedule_group(Name="default")["Arn"] == GROUP + "default"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ScheduleExpression": "rate(0 minutes)"}, "Invalid Schedule Expression rate(0 minutes)."),
        ({"ScheduleExpression": "cron(* * * * * *)"}, "Invalid Schedule Expression cron(* * * * * *)."),
        ({"ScheduleExpression": "at(2027-02-30T00:00:00)"}, "Invalid Schedule Expression at(2027-02-30T00:00:00)."),
        ({"ScheduleExpression": "tomorrow"}, "Invalid Schedule Expression tomorrow."),
        ({"ScheduleExpressionTimezone": "Mars/Base"}, "Invalid Schedule Expression Timezone Mars/Base."),
        (
            {"StartDate": datetime(2026, 1, 1, tzinfo=UTC)},
            "The StartDate you specify cannot be earlier than 5 minutes ago.",
        ),
        (
            {"EndDate": datetime(2026, 1, 1, tzinfo=UTC)},
            "The EndDate you specify cannot be earlier than the current time.",
        ),
        ({"EndDate": LATER - timedelta(days=1)}, "The StartDate must come before the EndDate."),
        (
            {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}},
            "MaximumWindowInMinutes must be provided for flexible time window mode FLEXIBLE.",
        ),
        (
            {"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}},
            "MaximumWindowInMinutes is not supported by flexible time window mode OFF.",
        ),
    ],
)
def test_schedules_that_cannot_be(scheduler: Any, given: Json, changes: Json, message: str) -> None:
    assert refused(scheduler.create_schedule, **{**given, **changes}) == ("ValidationException", message)


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ({"Arn": "nowhere"}, "ValidationException"),
        ({"Arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}, "NotImplemented"),
        ({"Arn": "arn:aws:states:us-east-1:000000000000:stateMachine:m", "Input": "{}"}, "NotImplemented"),
        ({"Arn": QUEUE + ".fifo"}, "ValidationException"),
        ({"Arn": FUNCTION, "SqsParameters": {"MessageGroupId": "g"}}, "ValidationException"),
        ({"Arn": BUS}, "ValidationException"),
        (
            {"Arn": BUS, "EventBridgeParameters": {"DetailType": "t", "Source": "s"}, "Input": "[]"},
            "ValidationException",
        ),
        (
            {"Arn": BUS, "EventBridgeParameters": {"DetailType": "t", "Source": "s"}, "Input": "{"},
            "ValidationException",
        ),
        ({"Arn": QUEUE, "EventBridgeParameters": {"DetailType": "t", "Source": "s"}}, "ValidationException"),
        ({"Arn": UNIVERSAL + "sqs:receiveMessage"}, "ValidationException"),
        ({"Arn": UNIVERSAL + "dynamodb:getItem"}, "ValidationException"),
        ({"Arn": UNIVERSAL + "sqs:SendMessage"}, "ValidationException"),
        ({"Arn": UNIVERSAL + "sqs:throwMessage"}, "ValidationException"),
        ({"Arn": UNIVERSAL + "nothing:doIt"}, "ValidationException"),
        ({"Arn": UNIVERSAL + "../sqs:sendMessage"}, "ValidationException"),
        ({"Arn": UNIVERSAL + "sqs"}, "ValidationException"),
        ({"Arn": UNIVERSAL + "sqs:sendMessage", "Input": "{"}, "ValidationException"),
        ({"Arn": QUEUE, "RetryPolicy": {"MaximumRetryAttempts": 186}}, "ValidationException"),
        ({"Arn": QUEUE, "RoleArn": "r"}, "ValidationException"),
    ],
)
def test_targets_that_cannot_be(scheduler: Any, given: Json, target: Json, code: str) -> None:
    assert refused(scheduler.create_schedule, **{**given, "Target": {"RoleArn": ROLE, **target}})[0] == code


def test_a_group_that_is_not_there(scheduler: Any, given: Json) -> None:
    for call in (scheduler.create_schedule, scheduler.update_schedule):
        assert refused(call, **{**given, "GroupName": "none"}) == (
            "ResourceNotFoundException",
            "Schedule group none does not exist.",
        )
