"""What functions wrote, as a person reads it."""

import asyncio
import time

import pytest

from panregion.cli.logs import Line, told, written_in
from panregion.gameday.regions import Region
from tests.support import REGION, ServedRegion

GROUP = "/aws/lambda/told-by-the-command"


@pytest.fixture
def now_ms(served: ServedRegion) -> int:
    """A function wrote now, and the platform with it; half an hour ago, it did, too."""
    now_ms, logs = int(time.time() * 1000), served.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="one")
    messages = (
        "long ago",
        "START RequestId: 1 Version: $LATEST",
        "two\nlines\n",
        "REPORT RequestId: 1\tDuration: 2 ms",
    )
    at_ms = (now_ms - 1_800_000, now_ms, now_ms + 1, now_ms + 2)
    events = [{"timestamp": at, "message": message} for at, message in zip(at_ms, messages, strict=True)]
    logs.put_log_events(logGroupName=GROUP, logStreamName="one", logEvents=events)
    return now_ms


def test_functions_lines_are_told_without_the_platforms(served: ServedRegion, now_ms: int) -> None:
    lines = asyncio.run(written_in(Region(REGION, served.endpoint), now_ms - 900_000))
    ours = [line for line in lines if line.function == "told-by-the-command"]
    assert [(line.at_ms - now_ms, line.region, line.text) for line in ours] == [(1, REGION, "two\nlines")]


def test_a_region_that_does_not_answer_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert asyncio.run(written_in(Region("eu-west-1", "http://127.0.0.1:1"), 0)) == []
    assert 'eu-west-1: Could not connect to the endpoint URL: "http://127.0.0.1:1/"' in capsys.readouterr().err


def test_further_lines_are_set_in() -> None:
    line = Line(1_700_000_000_123, "eu-west-1", "orders", "[ERROR] KeyError\n\xa0\xa0File x", "1")
    assert told(line) == "eu-west-1        2023-11-14 22:13:20.123 orders  [ERROR] KeyError\n      File x"
