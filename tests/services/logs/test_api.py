"""CloudWatch Logs as a customer meets it, in a region whose clock stands still."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.region import Region
from panregion.services.logs.model import parse_token, token
from panregion.wire import AwsError
from panregion.world import ManualClock, SeededChance, World
from tests.support import region_in

NOW_MS = 1_700_000_000_000


class Logs:
    def __init__(self, region: Region, clock: ManualClock) -> None:
        self.region = region
        self.clock = clock

    async def ask(self, operation: str, /, **params: Any) -> dict[str, Any]:
        return await self.region.ask("logs", operation, params)

    async def stream(self, group: str = "g", stream: str = "s", *messages: tuple[int, str]) -> None:
        await self.region.here.request(
            "logs",
            "panregion:AppendEvents",
            {"batches": [{"group": group, "stream": stream, "events": [[NOW_MS + at, text] for at, text in messages]}]},
        )

    async def texts(self, operation: str, /, **params: Any) -> list[str]:
        return [event["message"] for event in (await self.ask(operation, **params))["events"]]


@pytest.fixture
async def logs(tmp_path: Path) -> AsyncIterator[Logs]:
    clock = ManualClock(NOW_MS / 1000)
    region = region_in(tmp_path, world=World(clock, SeededChance(1)))
    yield Logs(region, clock)
    await region.stop()


async def fails(code: str, asked: Any) -> str:
    with pytest.raises(AwsError) as error:
        await asked
    assert error.value.code == code
    return error.value.message


async def test_put_and_get(logs: Logs) -> None:
    await logs.ask("CreateLogGroup", logGroupName="g", tags={"a": "1"})
    await logs.ask("CreateLogStream", logGroupName="g", logStreamName="s")
    events = [{"timestamp": NOW_MS + index, "message": f"m{index}"} for index in range(3)]
    await logs.ask("PutLogEvents", logGroupName="g", logStreamName="s", logEvents=events)
    page = await logs.ask("GetLogEvents", logGroupName="g", logStreamName="s")
    assert page["events"] == [{**event, "ingestionTime": NOW_MS} for event in events]
    (stream,) = (await logs.ask("DescribeLogStreams", logGroupName="g"))["logStreams"]
    assert (stream["firstEventTimestamp"], stream["lastEventTimestamp"]) == (NOW_MS, NOW_MS + 2)
    (group,) = (await logs.ask("DescribeLogGroups"))["logGroups"]
    assert group["arn"] == "arn:aws:logs:us-east-1:000000000000:log-group:g:*"
    assert group["storedBytes"] == 3 * (2 + 26)


async def test_pages_forward_and_backward(logs: Logs) -> None:
    await logs.stream("g", "s", *((index, str(index)) for index in range(10)))
    of = {"logGroupName": "g", "logStreamName": "s", "limit": 4}
    newest = await logs.ask("GetLogEvents", **of)
    assert [event["message"] for event in newest["events"]] == ["6", "7", "8", "9"]
    older = await logs.ask("GetLogEvents", **of, nextToken=newest["nextBackwardToken"])
    assert [event["message"] for event in older["events"]] == ["2", "3", "4", "5"]
    first = await logs.ask("GetLogEvents", **of, startFromHead=True)
    assert [event["message"] for event in first["events"]] == ["0", "1", "2", "3"]
    then = await logs.ask("GetLogEvents", **of, nextToken=first["nextForwardToken"])
    assert [event["message"] for event in then["events"]] == ["4", "5", "6", "7"]


async def test_at_the_end_the_token_stays_and_finds_what_comes(logs: Logs) -> None:
    await logs.stream("g", "s", (0, "a"))
    of = {"logGroupName": "g", "logStreamName": "s"}
    page = await logs.ask("GetLogEvents", **of, startFromHead=True)
    end = await logs.ask("GetLogEvents", **of, nextToken=page["nextForwardToken"])
    assert (end["events"], end["nextForwardToken"]) == ([], page["nextForwardToken"])
    await logs.stream("g", "s", (0, "b"))
    assert await logs.texts("GetLogEvents", **of, nextToken=end["nextForwardToken"]) == ["b"]


async def test_times_bound_a_page(logs: Logs) -> None:
    await logs.stream("g", "s", *((index, str(index)) for index in range(10)))
    between = {"startTime": NOW_MS + 2, "endTime": NOW_MS + 5}
    assert await logs.texts("GetLogEvents", logGroupName="g", logStreamName="s", **between) == ["2", "3", "4"]
    assert await logs.texts("FilterLogEvents", logGroupName="g", **between) == ["2", "3", "4", "5"]


async def test_filter_merges_streams_by_time_and_pages(logs: Logs) -> None:
    await logs.stream("g", "one", (0, "a"), (2, "c"), (4, "skip"), (5, "e"))
    await logs.stream("g", "two", (1, "b"), (3, "d"))
    assert await logs.texts("FilterLogEvents", logGroupName="g", filterPattern="-skip") == list("abcde")
    seen: list[str] = []
    given: dict[str, Any] = {}
    while True:
        page = await logs.ask("FilterLogEvents", logGroupName="g", filterPattern="-skip", limit=2, **given)
        seen += [event["message"] for event in page["events"]]
        if "nextToken" not in page:
            break
        given = {"nextToken": page["nextToken"]}
    assert seen == list("abcde")
    assert await logs.texts("FilterLogEvents", logGroupName="g", logStreamNames=["two"]) == ["b", "d"]
    assert await logs.texts("FilterLogEvents", logGroupName="g", logStreamNamePrefix="tw") == ["b", "d"]


async def test_streams_in_order_of_their_last_event(logs: Logs) -> None:
    await logs.stream("g", "a", (5, "x"))
    await logs.stream("g", "b", (9, "x"))
    await logs.stream("g", "c", (7, "x"))
    order = {"logGroupName": "g", "orderBy": "LastEventTime", "descending": True, "limit": 2}
    page = await logs.ask("DescribeLogStreams", **order)
    assert [stream["logStreamName"] for stream in page["logStreams"]] == ["b", "c"]
    rest = await logs.ask("DescribeLogStreams", **order, nextToken=page["nextToken"])
    assert [stream["logStreamName"] for stream in rest["logStreams"]] == ["a"]
    assert "nextToken" not in rest


async def test_groups_by_prefix_in_pages(logs: Logs) -> None:
    for name in ("/aws/lambda/a", "/aws/lambda/b", "/aws/lambda/c", "other"):
        await logs.ask("CreateLogGroup", logGroupName=name)
    page = await logs.ask("DescribeLogGroups", logGroupNamePrefix="/aws/lambda/", limit=2)
    assert [group["logGroupName"][-1] for group in page["logGroups"]] == ["a", "b"]
    rest = await logs.ask("DescribeLogGroups", logGroupNamePrefix="/aws/lambda/", nextToken=page["nextToken"])
    assert [group["logGroupName"][-1] for group in rest["logGroups"]] == ["c"]


async def test_retention_hides_at_once_and_deletes_with_time(logs: Logs) -> None:
    await logs.stream("g", "s", (0, "old"))
    await logs.ask("PutRetentionPolicy", logGroupName="g", retentionInDays=1)
    await logs.clock.advance(86_400 + 1)
    assert await logs.texts("GetLogEvents", logGroupName="g", logStreamName="s") == []
    await logs.stream("g", "s", (86_400_000, "new"))
    await logs.ask("DeleteRetentionPolicy", logGroupName="g")
    assert await logs.texts("GetLogEvents", logGroupName="g", logStreamName="s") == ["new"]


async def test_what_is_too_old_or_too_new_is_refused_by_itself(logs: Logs) -> None:
    await logs.ask("CreateLogGroup", logGroupName="g")
    await logs.ask("CreateLogStream", logGroupName="g", logStreamName="s")
    times = [NOW_MS - 15 * 86_400_000, NOW_MS]
    of = {"logGroupName": "g", "logStreamName": "s"}
    message = await fails(
        "InvalidParameterException",
        logs.ask("PutLogEvents", **of, logEvents=[{"timestamp": at, "message": "m"} for at in times]),
    )
    assert "24 hours" in message
    times = [NOW_MS, NOW_MS + 3 * 3_600_000]
    answer = await logs.ask("PutLogEvents", **of, logEvents=[{"timestamp": at, "message": "m"} for at in times])
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    assert await logs.texts("GetLogEvents", **of) == ["m"]


async def test_errors(logs: Logs) -> None:
    await fails("ResourceNotFoundException", logs.ask("DeleteLogGroup", logGroupName="g"))
    await logs.ask("CreateLogGroup", logGroupName="g")
    await fails("ResourceAlreadyExistsException", logs.ask("CreateLogGroup", logGroupName="g"))
    of = {"logGroupName": "g", "logStreamName": "s"}
    events = [{"timestamp": NOW_MS, "message": "m"}]
    await fails("ResourceNotFoundException", logs.ask("PutLogEvents", **of, logEvents=events))
    await logs.ask("CreateLogStream", **of)
    await fails("ResourceAlreadyExistsException", logs.ask("CreateLogStream", **of))
    unordered = [{"timestamp": NOW_MS, "message": "m"}, {"timestamp": NOW_MS - 1, "message": "m"}]
    assert "chronological" in await fails(
        "InvalidParameterException", logs.ask("PutLogEvents", **of, logEvents=unordered)
    )
    await fails("InvalidParameterException", logs.ask("PutRetentionPolicy", logGroupName="g", retentionInDays=2))
    await fails("InvalidParameterException", logs.ask("GetLogEvents", **of, nextToken="f/12"))


async def test_deleting_takes_the_events_along(logs: Logs) -> None:
    await logs.stream("g", "s", (0, "a"))
    await logs.ask("DeleteLogGroup", logGroupName="g")
    await logs.stream("g", "s", (1, "b"))
    assert await logs.texts("GetLogEvents", logGroupName="g", logStreamName="s") == ["b"]
    await logs.ask("DeleteLogStream", logGroupName="g", logStreamName="s")
    assert (await logs.ask("DescribeLogGroups"))["logGroups"][0]["storedBytes"] == 0


async def test_tags(logs: Logs) -> None:
    await logs.ask("CreateLogGroup", logGroupName="g", tags={"a": "1", "b": "2"})
    arn = "arn:aws:logs:us-east-1:000000000000:log-group:g"
    await logs.ask("TagResource", resourceArn=arn, tags={"c": "3"})
    await logs.ask("UntagResource", resourceArn=arn, tagKeys=["a"])
    assert (await logs.ask("ListTagsForResource", resourceArn=arn))["tags"] == {"b": "2", "c": "3"}
    await logs.ask("UntagLogGroup", logGroupName="g", tags=["b"])
    assert (await logs.ask("ListTagsLogGroup", logGroupName="g"))["tags"] == {"c": "3"}


@given(st.integers(0, 10**19), st.integers(0, 10**30), st.sampled_from("fb"))
def test_tokens_say_where_they_are(at_ms: int, number: int, direction: str) -> None:
    assert parse_token(token(direction, (at_ms, number))) == (direction, (at_ms, number))
