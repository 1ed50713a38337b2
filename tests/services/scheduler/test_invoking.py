"""What a schedule calls, when, with what, and what becomes of it where that fails."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from panregion.world import ManualClock
from tests.services.scheduler.conftest import ROLE, Lab, opened

QUEUE = "arn:aws:sqs:us-east-1:000000000000:"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
ARN = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/s"
HOUR_S = 3600


def at(lab: Lab, in_s: float) -> str:
    moment = datetime.fromtimestamp(lab.clock.now() + in_s, UTC)
    return f"at({moment.strftime('%Y-%m-%dT%H:%M:%S')})"


async def test_once(lab: Lab) -> None:
    url = await lab.queue("q")
    await lab.schedule(at(lab, 60), {"Arn": QUEUE + "q", "Input": "hello"})
    await lab.after(59)
    assert await lab.bodies(url) == []
    await lab.after(2)
    assert await lab.bodies(url) == ["hello"]
    await lab.after(HOUR_S)
    assert await lab.bodies(url) == []
    assert await lab.names() == ["s"]


async def test_what_deletes_itself_is_gone_after_its_last_call(lab: Lab) -> None:
    url = await lab.queue("q")
    target = {"Arn": QUEUE + "q", "Input": "x"}
    end = lab.clock.now() + 150
    await lab.schedule(at(lab, 60), target, ActionAfterCompletion="DELETE")
    await lab.schedule("rate(1 minute)", target, "r", ActionAfterCompletion="DELETE", EndDate=end)
    await lab.after(61)
    assert await lab.names() == ["r"]
    await lab.after(61)
    assert await lab.names() == []
    assert len(await lab.bodies(url)) == 4


async def test_a_rate_begins_at_once_or_at_its_start(lab: Lab) -> None:
    url, other = await lab.queue("q"), await lab.queue("other")
    await lab.schedule("rate(5 minutes)", {"Arn": QUEUE + "q", "Input": "now"})
    start = lab.clock.now() + 100
    await lab.schedule("rate(5 minutes)", {"Arn": QUEUE + "other", "Input": "later"}, "later", StartDate=start)
    await lab.after(1)
    assert await lab.bodies(url) == ["now"]
    await lab.after(98)
    assert await lab.bodies(other) == []
    await lab.after(2)
    assert await lab.bodies(other) == ["later"]
    await lab.after(300)
    assert (await lab.bodies(url), await lab.bodies(other)) == (["now"], ["later"])


class BusyMachine(ManualClock):
    """Between any two looks at the clock something else had the processor."""

    def now(self) -> float:
        self.jump(0.01)
        return super().now()


async def test_a_rate_begins_at_once_on_a_busy_machine_too(tmp_path: Path) -> None:
    async with opened(tmp_path, BusyMachine()) as lab:
        url = await lab.queue("q")
        await lab.schedule("rate(1 day)", {"Arn": QUEUE + "q", "Input": "now"})
        await lab.after(1)
        assert await lab.bodies(url) == ["now"]


async def test_a_clock_of_another_zone(lab: Lab) -> None:
    url = await lab.queue("q")
    target = {"Arn": QUEUE + "q", "Input": "<aws.scheduler.scheduled-time>"}
    # 2023-11-14T22:13:20Z is 17:13:20 in New York
    await lab.schedule("cron(0 18 * * ? *)", target, ScheduleExpressionTimezone="America/New_York")
    await lab.after(HOUR_S)
    assert await lab.bodies(url) == ["2023-11-14T23:00:00Z"]


async def test_a_flexible_window(lab: Lab) -> None:
    url = await lab.queue("q")
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10}
    for number in range(20):
        await lab.schedule(at(lab, 60), {"Arn": QUEUE + "q", "Input": str(number)}, f"s{number}")
        await lab.ask(
            "UpdateSchedule",
            Name=f"s{number}",
            ScheduleExpression=at(lab, 60),
            FlexibleTimeWindow=window,
            Target={"RoleArn": ROLE, "Arn": QUEUE + "q", "Input": str(number)},
        )
    await lab.after(61)
    early = await lab.bodies(url)
    await lab.after(300)
    middle = await lab.bodies(url)
    await lab.after(300)
    late = await lab.bodies(url)
    assert len(early) < 5
    assert 3 < len(middle) < 17
    assert sorted(map(int, early + middle + late)) == list(range(20))


async def test_what_each_kind_of_target_is_given(lab: Lab) -> None:
    url, group = await lab.queue("q"), await lab.queue("g.fifo")
    deduplicated = {"QueueUrl": group, "Attributes": {"ContentBasedDeduplication": "true"}}
    await lab.region.ask("sqs", "SetQueueAttributes", deduplicated)
    topic = (await lab.region.ask("sns", "CreateTopic", {"Name": "t"}))["TopicArn"]
    subscription = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": QUEUE + "q"}
    await lab.region.ask("sns", "Subscribe", {**subscription, "Attributes": {"RawMessageDelivery": "true"}})
    rule = {"Name": "r", "EventPattern": '{"source": ["plan"]}'}
    await lab.region.ask("events", "PutRule", rule)
    await lab.region.ask("events", "PutTargets", {"Rule": "r", "Targets": [{"Id": "1", "Arn": QUEUE + "q"}]})
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    fifo = {"Arn": QUEUE + "g.fifo", "SqsParameters": {"MessageGroupId": "m"}, "Input": "in order"}
    event = {"Arn": bus, "EventBridgeParameters": {"DetailType": "t", "Source": "plan"}, "Input": '{"n": 1}'}
    for number, target in enumerate(({"Arn": topic, "Input": "told"}, fifo, event, {"Arn": FUNCTION})):
        await lab.schedule(at(lab, 10), target, f"s{number}")
    await lab.after(12)
    bodies = await lab.bodies(url)
    assert "told" in bodies
    (text,) = [body for body in bodies if body != "told"]
    assert json.loads(text)["detail"] == {"n": 1}
    (ordered,) = await lab.received(group)
    assert (ordered["Body"], ordered["Attributes"]["MessageGroupId"]) == ("in order", "m")
    ((name, kind, payload),) = lab.invoked
    assert (name, kind, payload["detail-type"], payload["source"]) == (
        FUNCTION,
        "Event",
        "Scheduled Event",
        "aws.scheduler",
    )
    assert payload["resources"] == [ARN + "3"]


async def test_a_universal_target(lab: Lab) -> None:
    url = await lab.queue("q")
    send = {"QueueUrl": url, "MessageBody": "<aws.scheduler.schedule-arn> #<aws.scheduler.attempt-number>"}
    await lab.schedule(at(lab, 10), {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": json.dumps(send)})
    invoke = {"functionName": "f", "Payload": '{"a": 1}', "InvocationType": "Event"}
    arn = "arn:aws:scheduler:::aws-sdk:lambda:invoke"
    await lab.schedule(at(lab, 10), {"Arn": arn, "Input": json.dumps(invoke)}, "i")
    number = {"FunctionName": "f", "Payload": "1234", "InvocationType": "Event"}
    await lab.schedule(at(lab, 10), {"Arn": arn, "Input": json.dumps(number)}, "n")
    put = {"Entries": [{"Source": "a", "DetailType": "t", "Detail": "{}"}]}
    await lab.schedule(
        at(lab, 10), {"Arn": "arn:aws:scheduler:::aws-sdk:eventbridge:putEvents", "Input": json.dumps(put)}, "e"
    )
    await lab.after(12)
    assert await lab.bodies(url) == [f"{ARN} #1"]
    assert [payload for _, _, payload in lab.invoked] == [{"a": 1}, 1234]


async def test_what_fails_is_tried_again_and_then_a_dead_letter(lab: Lab) -> None:
    dead = await lab.queue("dead")
    policy = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 600}
    target = {"Arn": FUNCTION, "DeadLetterConfig": {"Arn": QUEUE + "dead"}, "RetryPolicy": policy, "Input": '{"n": 1}'}
    lab.break_functions(9)
    await lab.schedule(at(lab, 10), target, ActionAfterCompletion="DELETE")
    for _ in range(20):
        await lab.after(1)
    (message,) = await lab.received(dead)
    said = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert said.pop("EXECUTION_ID")
    assert said == {
        "ERROR_CODE": "ServiceException",
        "ERROR_MESSAGE": "out of order",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": "2",
        "SCHEDULED_TIME": "2023-11-14T22:13:30Z",
        "SCHEDULE_ARN": ARN,
        "TARGET_ARN": FUNCTION,
    }
    assert message["Body"] == '{"n": 1}'
    assert await lab.names() == []


async def test_a_target_that_is_gone_is_not_tried_again(lab: Lab) -> None:
    dead = await lab.queue("dead")
    letters = {"DeadLetterConfig": {"Arn": QUEUE + "dead"}}
    missing = "arn:aws:scheduler:::aws-sdk:ecs:runTask"
    await lab.schedule(at(lab, 10), {"Arn": QUEUE + "gone", "Input": "x", **letters})
    await lab.schedule(at(lab, 10), {"Arn": missing, "Input": "{}", **letters}, "m")
    await lab.after(12)
    said = [message["MessageAttributes"] for message in await lab.received(dead)]
    assert {one["ERROR_CODE"]["StringValue"] for one in said} == {"QueueDoesNotExist", "NotImplemented"}
    assert {one["RETRY_ATTEMPTS"]["StringValue"] for one in said} == {"0"}


async def test_what_was_missed_is_made_up_for_once(lab: Lab) -> None:
    url = await lab.queue("q")
    target = {"Arn": QUEUE + "q", "Input": "x"}
    await lab.schedule("rate(1 minute)", target)
    await lab.schedule(at(lab, 300), target, "o")
    await lab.after(1)
    assert await lab.bodies(url) == ["x"]
    lab.clock.jump(600)  # the region was away for ten minutes
    await lab.after(6)
    assert len(await lab.bodies(url)) == 2
    await lab.after(60)
    assert len(await lab.bodies(url)) == 1


async def test_a_schedule_that_was_changed_is_as_it_is_now(lab: Lab) -> None:
    url = await lab.queue("q")
    await lab.schedule("rate(1 minute)", {"Arn": QUEUE + "q", "Input": "old"}, State="DISABLED")
    await lab.after(120)
    assert await lab.bodies(url) == []
    changed: dict[str, Any] = {
        "Name": "s",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"RoleArn": ROLE, "Arn": QUEUE + "q", "Input": "new"},
    }
    await lab.ask("UpdateSchedule", ScheduleExpression="rate(2 minutes)", **changed)
    await lab.after(121)
    assert await lab.bodies(url) == ["new"]
    await lab.ask("UpdateSchedule", ScheduleExpression="rate(1 hour)", **changed)
    await lab.after(600)
    assert await lab.bodies(url) == []
    await lab.ask("DeleteSchedule", Name="s")
    lab.clock.jump(2 * HOUR_S)
    await lab.after(6)
    assert await lab.bodies(url) == []


@pytest.mark.parametrize("by", ["schedule", "group"])
async def test_what_was_deleted_calls_nothing(lab: Lab, by: str) -> None:
    url = await lab.queue("q")
    await lab.ask("CreateScheduleGroup", Name="g")
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}
    target = {"RoleArn": ROLE, "Arn": QUEUE + "q", "Input": "x"}
    given = {"FlexibleTimeWindow": window, "Target": target, "ScheduleExpression": "rate(1 hour)"}
    for number in range(5):
        await lab.ask("CreateSchedule", Name=f"s{number}", GroupName="g", **given)
    await lab.after(1)
    if by == "group":
        await lab.ask("DeleteScheduleGroup", Name="g")
        await lab.after(1)
        assert [one["Name"] for one in (await lab.ask("ListScheduleGroups"))["ScheduleGroups"]] == ["default"]
    else:
        for number in range(5):
            await lab.ask("DeleteSchedule", Name=f"s{number}", GroupName="g")
    await lab.bodies(url)
    lab.clock.jump(3 * HOUR_S)
    await lab.after(6)
    assert await lab.bodies(url) == []
