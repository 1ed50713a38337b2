"""Archives keep what comes to a bus; replays put it there again, once."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.events.lab import QUEUE, Lab
from tests.support import ServedRegion

BUS = "arn:aws:events:us-east-1:000000000000:event-bus/default"
RULE = "arn:aws:events:us-east-1:000000000000:rule/"
ARCHIVE = "arn:aws:events:us-east-1:000000000000:archive/"
HOUR_S = 3600


async def replayed(lab: Lab, **params: Any) -> None:
    now = lab.clock.now()
    given = {
        "ReplayName": "again",
        "EventSourceArn": ARCHIVE + "a",
        "EventStartTime": now - 10 * HOUR_S,
        "EventEndTime": now + HOUR_S,
        "Destination": {"Arn": BUS},
        **params,
    }
    await lab.ask("StartReplay", **given)
    await lab.after(2)


async def test_what_was_archived_is_replayed(lab: Lab) -> None:
    url = await lab.queue("q")
    await lab.rule({"source": ["app"]}, {"Arn": QUEUE + "q"})
    pattern = json.dumps({"detail": {"n": [{"numeric": [">", 1]}]}})
    await lab.ask("CreateArchive", ArchiveName="a", EventSourceArn=BUS, EventPattern=pattern)
    for number in range(1, 4):
        await lab.put({"n": number})
        await lab.after(60)
    before = [json.loads(body) for body in await lab.bodies(url)]
    await replayed(lab)
    after = [json.loads(body) for body in await lab.bodies(url)]
    assert after == [{**event, "replay-name": "again"} for event in before[1:]]
    described = await lab.ask("DescribeReplay", ReplayName="again")
    assert described["State"] == "COMPLETED"
    assert described["EventLastReplayedTime"] == datetime.fromisoformat(before[-1]["time"]).timestamp()
    archive = await lab.ask("DescribeArchive", ArchiveName="a")
    assert archive["EventCount"] == 2  # what is replayed is not archived again
    assert archive["SizeBytes"] > 100


async def test_a_replay_goes_to_the_rules_and_the_time_it_was_given(lab: Lab) -> None:
    url, other = await lab.queue("q"), await lab.queue("other")
    await lab.rule({"source": ["app"]}, {"Arn": QUEUE + "q", "InputPath": "$.detail.n"})
    await lab.rule({"source": ["app"]}, {"Arn": QUEUE + "other"}, name="s")
    await lab.ask("CreateArchive", ArchiveName="a", EventSourceArn=BUS)
    now = lab.clock.now()
    for number in range(250):
        await lab.put({"n": number}, Time=now - 250 + number)
    await lab.bodies(url)
    await lab.bodies(other)
    times = {"EventStartTime": now - 240, "EventEndTime": now - 10}
    await replayed(lab, **times, Destination={"Arn": BUS, "FilterArns": [RULE + "r"]})
    assert sorted(map(int, await lab.bodies(url))) == list(range(10, 240))
    assert await lab.bodies(other) == []


async def test_a_replay_that_is_cancelled_stops(lab: Lab) -> None:
    url = await lab.queue("q")
    await lab.ask("CreateArchive", ArchiveName="a", EventSourceArn=BUS)
    await lab.put({})
    await lab.rule({"source": ["app"]}, {"Arn": QUEUE + "q"})
    start = {"EventStartTime": 0, "EventEndTime": lab.clock.now() + 1, "Destination": {"Arn": BUS}}
    await lab.ask("StartReplay", ReplayName="c", EventSourceArn=ARCHIVE + "a", **start)
    assert (await lab.ask("CancelReplay", ReplayName="c"))["State"] == "CANCELLING"
    await lab.after(2)
    assert (await lab.ask("DescribeReplay", ReplayName="c"))["State"] == "CANCELLED"
    assert await lab.bodies(url) == []


async def test_what_is_kept_for_days_goes_after_them(lab: Lab) -> None:
    await lab.ask("CreateArchive", ArchiveName="a", EventSourceArn=BUS, RetentionDays=1)
    await lab.put({"n": 1})
    lab.clock.jump(20 * HOUR_S)
    await lab.after(6)
    await lab.put({"n": 2})
    lab.clock.jump(6 * HOUR_S)
    await lab.after(6)
    assert (await lab.ask("DescribeArchive", ArchiveName="a"))["EventCount"] == 1
    url = await lab.queue("q")
    await lab.rule({"source": ["app"]}, {"Arn": QUEUE + "q", "InputPath": "$.detail.n"})
    await replayed(lab)
    assert await lab.bodies(url) == ["2"]


async def test_a_deleted_archive_keeps_nothing(lab: Lab) -> None:
    await lab.ask("CreateArchive", ArchiveName="a", EventSourceArn=BUS)
    await lab.put({})
    await lab.ask("DeleteArchive", ArchiveName="a")
    await lab.put({})
    await lab.after(2)
    committed = lab.region.store.committed
    for kind in ("archive", "archived", "archived-at", "rule"):
        assert list(committed.values(("events", kind))) == []


# Through boto3


@pytest.fixture(scope="module")
def events(served: ServedRegion) -> Any:
    return served.client("events")


@pytest.fixture(scope="module")
def archive(events: Any) -> str:
    name = "kept"
    events.create_event_bus(Name="archived")
    bus = events.describe_event_bus(Name="archived")["Arn"]
    answer = events.create_archive(ArchiveName=name, EventSourceArn=bus, RetentionDays=3, Description="d")
    assert (answer["ArchiveArn"], answer["State"]) == (ARCHIVE + name, "ENABLED")
    return name


def refused(call: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        call(**params)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_archives_life(events: Any, archive: str) -> None:
    described = events.describe_archive(ArchiveName=archive)
    assert (described["RetentionDays"], described["EventCount"], described["Description"]) == (3, 0, "d")
    pattern = '{"source": ["a"]}'
    events.update_archive(ArchiveName=archive, EventPattern=pattern, RetentionDays=0)
    assert events.describe_archive(ArchiveName=archive)["EventPattern"] == pattern
    listed = events.list_archives(EventSourceArn=described["EventSourceArn"])["Archives"]
    assert [one["ArchiveName"] for one in listed] == [archive]
    assert events.list_archives(State="DISABLED")["Archives"] == []
    rule = events.describe_rule(Name=f"Events-Archive-{archive}", EventBusName="archived")
    assert rule["ManagedBy"] == "prod.vhs.events.aws.internal"
    assert json.loads(rule["EventPattern"]) == {"replay-name": [{"exists": False}], "source": ["a"]}
    (target,) = events.list_targets_by_rule(Rule=rule["Name"], EventBusName="archived")["Targets"]
    assert target["Arn"] == "arn:aws:events:us-east-1:::"


def test_a_rule_that_aws_manages_is_not_the_users(events: Any, archive: str) -> None:
    named = {"Name": f"Events-Archive-{archive}", "EventBusName": "archived"}
    rule = {"Rule": named["Name"], "EventBusName": "archived"}
    for call, params in (
        (events.put_rule, {**named, "EventPattern": "{}"}),
        (events.disable_rule, named),
        (events.delete_rule, named),
        (events.put_targets, {**rule, "Targets": [{"Id": "1", "Arn": QUEUE + "q"}]}),
        (events.remove_targets, {**rule, "Ids": ["1"]}),
    ):
        assert refused(call, **params)[0] == "ManagedRuleException"


def test_archives_that_cannot_be(events: Any, archive: str) -> None:
    given = {"ArchiveName": "never", "EventSourceArn": BUS}
    assert refused(events.create_archive, **{**given, "ArchiveName": archive}) == (
        "ResourceAlreadyExistsException",
        f"Archive {archive} already exists.",
    )
    assert refused(events.create_archive, **{**given, "EventSourceArn": BUS[:-7] + "none"}) == (
        "ResourceNotFoundException",
        "Event bus none does not exist.",
    )
    assert refused(events.create_archive, **{**given, "EventSourceArn": RULE + "r"})[0] == "ValidationException"
    assert refused(events.create_archive, **given, EventPattern="{")[0] == "InvalidEventPatternException"
    assert refused(events.create_archive, **{**given, "ArchiveName": "x" * 49})[0] == "ValidationException"
    for call in (events.describe_archive, events.delete_archive, events.update_archive):
        assert refused(call, ArchiveName="none") == ("ResourceNotFoundException", "Archive none does not exist.")
    assert refused(events.list_archives, NamePrefix="a", State="ENABLED") == (
        "ValidationException",
        "At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.",
    )


def test_replays_that_cannot_be(events: Any, archive: str) -> None:
    bus = events.describe_event_bus(Name="archived")["Arn"]
    given = {
        "ReplayName": "never",
        "EventSourceArn": ARCHIVE + archive,
        "EventStartTime": datetime(2026, 1, 1, tzinfo=UTC),
        "EventEndTime": datetime(2026, 1, 2, tzinfo=UTC),
        "Destination": {"Arn": bus},
    }
    start = events.start_replay
    assert refused(start, **{**given, "EventSourceArn": ARCHIVE + "none"})[0] == "ResourceNotFoundException"
    assert refused(start, **{**given, "Destination": {"Arn": BUS}}) == (
        "ValidationException",
        "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.",
    )
    assert refused(start, **{**given, "EventEndTime": given["EventStartTime"]}) == (
        "ValidationException",
        "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.",
    )
    unknown = {"Arn": bus, "FilterArns": [RULE + "none"]}
    assert refused(start, **{**given, "Destination": unknown})[0] == "ValidationException"
    for call in (events.describe_replay, events.cancel_replay):
        assert refused(call, ReplayName="none") == ("ResourceNotFoundException", "Replay none does not exist.")
    assert start(**{**given, "ReplayName": "one"})["ReplayArn"].endswith(":replay/one")
    assert refused(start, **{**given, "ReplayName": "one"}) == (
        "ResourceAlreadyExistsException",
        "Replay one already exists.",
    )
    assert [one["ReplayName"] for one in events.list_replays(EventSourceArn=ARCHIVE + archive)["Replays"]] == ["one"]


def test_a_replay_that_is_over_cannot_be_cancelled(events: Any, archive: str) -> None:
    bus = events.describe_event_bus(Name="archived")["Arn"]
    events.start_replay(
        ReplayName="over",
        EventSourceArn=ARCHIVE + archive,
        EventStartTime=datetime(2026, 1, 1, tzinfo=UTC),
        EventEndTime=datetime(2026, 1, 2, tzinfo=UTC),
        Destination={"Arn": bus},
    )
    for _ in range(2000):
        if events.describe_replay(ReplayName="over")["State"] == "COMPLETED":
            break
    assert refused(events.cancel_replay, ReplayName="over") == (
        "IllegalStatusException",
        "Replay over is not in a valid state for this operation.",
    )
