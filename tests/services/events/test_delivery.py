"""What reaches a rule's targets, in which form, when, and what becomes of what does not."""

import json
from pathlib import Path

import pytest

from panregion.region import Region
from panregion.services.events.inputs import transformed
from panregion.store import MemoryEngine
from panregion.world import ManualClock, SeededChance, World, direct_dial
from panregion.world.settings import Ports
from tests.services.events.lab import FUNCTION, QUEUE, TABLE, Lab
from tests.services.sns.lab import Web, eventually
from tests.support import REGION, settings_in


async def test_an_event_reaches_what_its_rule_says(lab: Lab) -> None:
    url, other = await lab.queue("q"), await lab.queue("other")
    await lab.rule(
        {"source": ["app"], "detail": {"n": [{"numeric": [">", 1]}]}}, {"Arn": QUEUE + "q"}, {"Arn": FUNCTION}
    )
    await lab.rule({"source": ["nobody"]}, {"Arn": QUEUE + "other"}, name="s")
    await lab.put({"n": 2}, Resources=["arn:a"])
    await lab.put({"n": 1})
    (body,) = await lab.bodies(url)
    event = json.loads(body)
    assert {name: value for name, value in event.items() if name != "id"} == {
        "version": "0",
        "detail-type": "t",
        "source": "app",
        "account": "000000000000",
        "time": "2023-11-14T22:13:20Z",
        "region": "us-east-1",
        "resources": ["arn:a"],
        "detail": {"n": 2},
    }
    await lab.after(1)
    assert [(name, kind, payload["id"]) for name, kind, payload in lab.invoked] == [(FUNCTION, "Event", event["id"])]
    assert await lab.bodies(other) == []


async def test_what_a_target_is_given(lab: Lab) -> None:
    url = await lab.queue("q")
    template = '{"who": <who>, "text": "for <who> (<n>)", "rule": "<aws.events.rule-name>", "gone": <gone>}'
    paths = {"who": "$.detail.who", "n": "$.detail.n", "gone": "$.detail.gone"}
    await lab.rule(
        {"source": ["app"]},
        {"Arn": QUEUE + "q", "Input": '{"constant": 1}'},
        {"Arn": QUEUE + "q", "InputPath": "$.detail.n"},
        {"Arn": QUEUE + "q", "InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}},
        {"Arn": QUEUE + "q", "InputTransformer": {"InputPathsMap": paths, "InputTemplate": '"<who> has <n>"'}},
    )
    await lab.put({"who": 'A "quoted"', "n": [1, 2]})
    constant, part, whole, text = await lab.bodies(url)
    assert (constant, part, json.loads(text)) == ('{"constant": 1}', "[1,2]", 'A "quoted" has [1,2]')
    assert json.loads(whole) == {
        "who": 'A "quoted"',
        "text": 'for A "quoted" ([1,2])',
        "rule": "r",
        "gone": "",
    }


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("<a>", '"x"'),
        ('"<a>"', '"x"'),
        ('{"k": <o>}', '{"k": {"z":1}}'),
        ('{"k": "<o>"}', '{"k": "{\\"z\\":1}"}'),
        ('{"<a>": 1}', '{"x": 1}'),
        ('{"k": <unknown>}', '{"k": <unknown>}'),
        ('"line\\n<a>"', '"line\\nx"'),
    ],
)
def test_templates(template: str, expected: str) -> None:
    assert transformed(template, {"a": "x", "o": {"z": 1}}) == expected


async def test_changed_rules_hold_at_once(lab: Lab) -> None:
    url = await lab.queue("q")
    await lab.rule({"source": ["app"]}, {"Arn": QUEUE + "q", "InputPath": "$.detail.n"})
    await lab.put({"n": 1})
    await lab.ask("DisableRule", Name="r")
    await lab.put({"n": 2})
    await lab.ask("EnableRule", Name="r")
    await lab.put({"n": 3})
    await lab.ask("PutRule", Name="r", EventPattern='{"source": ["else"]}')
    await lab.put({"n": 4})
    assert await lab.bodies(url) == ["1", "3"]


async def test_buses_have_rules_of_their_own_and_may_be_targets(lab: Lab) -> None:
    url, near = await lab.queue("q"), await lab.queue("near")
    await lab.ask("CreateEventBus", Name="orders")
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/orders"
    await lab.rule({"source": ["app"]}, {"Arn": bus}, {"Arn": QUEUE + "near"})
    await lab.rule({"source": ["app"]}, {"Arn": QUEUE + "q"}, EventBusName="orders")
    await lab.put({})
    await lab.after(1)
    ((forwarded,), (direct,)) = await lab.bodies(url), await lab.bodies(near)
    assert json.loads(forwarded) == json.loads(direct)
    await lab.put({}, EventBusName="orders")
    assert len(await lab.bodies(url)) == 1
    await lab.put({}, EventBusName="none")  # AWS takes it, and nothing comes of it


async def test_buses_that_are_each_others_targets_come_to_an_end(lab: Lab) -> None:
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    url = await lab.queue("q")
    await lab.rule({"source": ["app"]}, {"Arn": bus}, {"Arn": QUEUE + "q"})
    await lab.put({})
    await lab.after(5)
    assert len(await lab.bodies(url)) == 6


async def test_topics_and_log_groups(lab: Lab) -> None:
    url = await lab.queue("q")
    topic = (await lab.region.ask("sns", "CreateTopic", {"Name": "t"}))["TopicArn"]
    subscription = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": QUEUE + "q"}
    await lab.region.ask("sns", "Subscribe", {**subscription, "Attributes": {"RawMessageDelivery": "true"}})
    await lab.region.ask("logs", "CreateLogGroup", {"logGroupName": "/aws/events/g"})
    group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/g:*"
    await lab.rule({"source": ["app"]}, {"Arn": topic, "Input": '"hello"'}, {"Arn": group, "Input": '"logged"'})
    await lab.put({})
    await lab.put({})
    await lab.after(1)
    assert await lab.bodies(url) == ['"hello"', '"hello"']
    found = await lab.region.ask("logs", "FilterLogEvents", {"logGroupName": "/aws/events/g"})
    assert [event["message"] for event in found["events"]] == ['"logged"', '"logged"']


async def test_what_fails_is_tried_again_and_then_a_dead_letter(lab: Lab) -> None:
    dead = await lab.queue("dead")
    letters = {"DeadLetterConfig": {"Arn": QUEUE + "dead"}}
    policy = {"RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 600}}
    await lab.rule({"source": ["app"]}, {"Arn": FUNCTION, **letters, **policy})
    lab.break_functions(2)
    await lab.put({"n": 1})
    for _ in range(10):
        await lab.after(1)
    assert len(lab.invoked) == 1
    lab.break_functions(9)
    await lab.put({"n": 2})
    for _ in range(10):
        await lab.after(1)
    (message,) = await lab.received(dead)
    said = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert said == {
        "RULE_ARN": "arn:aws:events:us-east-1:000000000000:rule/r",
        "TARGET_ARN": FUNCTION,
        "ERROR_CODE": "ServiceException",
        "ERROR_MESSAGE": "out of order",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "RETRY_ATTEMPTS": "2",
    }
    assert json.loads(message["Body"])["detail"] == {"n": 2}


async def test_targets_that_are_gone_are_not_tried_again(lab: Lab) -> None:
    dead = await lab.queue("dead")
    letters = {"DeadLetterConfig": {"Arn": QUEUE + "dead"}}
    await lab.rule({"source": ["app"]}, {"Arn": QUEUE + "gone", **letters}, {"Arn": FUNCTION + ":gone", **letters})
    await lab.put({})
    await lab.after(1)
    codes = {message["MessageAttributes"]["ERROR_CODE"]["StringValue"] for message in await lab.received(dead)}
    assert codes == {"QueueDoesNotExist", "ResourceNotFoundException"}


async def test_schedules(lab: Lab) -> None:
    url = await lab.queue("q")
    await lab.rule(None, {"Arn": QUEUE + "q"}, ScheduleExpression="rate(1 minute)")
    await lab.after(59)
    assert await lab.bodies(url) == []
    await lab.after(2)
    (body,) = await lab.bodies(url)
    event = json.loads(body)
    assert (event["detail-type"], event["source"]) == ("Scheduled Event", "aws.events")
    assert event["resources"] == ["arn:aws:events:us-east-1:000000000000:rule/r"]
    await lab.after(60)
    assert len(await lab.bodies(url)) == 1
    await lab.ask("DisableRule", Name="r")
    await lab.after(300)
    assert await lab.bodies(url) == []
    await lab.ask("EnableRule", Name="r")
    await lab.after(61)
    assert len(await lab.bodies(url)) == 1


async def test_ticks_that_were_missed_are_made_up_for_once(lab: Lab) -> None:
    url = await lab.queue("q")
    await lab.rule(None, {"Arn": QUEUE + "q"}, ScheduleExpression="rate(1 minute)")
    lab.clock.jump(600)  # the region was away for ten minutes
    await lab.after(6)
    assert len(await lab.bodies(url)) == 1
    await lab.after(60)
    assert len(await lab.bodies(url)) == 1


async def test_a_bus_in_another_region(tmp_path: Path) -> None:
    regions = (REGION, "eu-west-1")
    settings = settings_in(tmp_path, regions=regions)
    away = Region("eu-west-1", settings, MemoryEngine(), lambda _site: direct_dial, None, TABLE)
    await away.start()
    port = await away.serve("127.0.2.1", 0)
    settings = settings_in(tmp_path, regions=regions, ports=Ports(gateway=port))
    world = World(ManualClock(), SeededChance(1))
    home = Region(REGION, settings, MemoryEngine(), lambda _site: direct_dial, world, TABLE)
    await home.start()
    lab = Lab(home, ManualClock(), Web())
    url = await lab.queue("q", away)
    rule = {"Name": "r", "EventPattern": '{"source": ["app"]}'}
    await away.ask("events", "PutRule", rule)
    target = {"Id": "1", "Arn": "arn:aws:sqs:eu-west-1:000000000000:q"}
    await away.ask("events", "PutTargets", {"Rule": "r", "Targets": [target]})
    await lab.rule({"source": ["app"]}, {"Arn": "arn:aws:events:eu-west-1:000000000000:event-bus/default"})
    await lab.put({"from": "home"})
    found: list[str] = []

    async def arrived() -> bool:
        found.extend(await lab.bodies(url, away))
        return bool(found)

    await eventually(arrived)
    assert json.loads(found[0])["region"] == REGION
    await home.stop()
    await away.stop()
