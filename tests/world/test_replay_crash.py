"""A replay of a region that is killed again and again: every archived event comes once more, and only once."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from panregion.world.settings import Ports
from tests.world.crash import REGION, Victim
from tests.world.test_schedule_crash import Story

COUNT = 600
PREFIX = f"arn:aws:events:{REGION}:000000000000:"


def prepare(story: Story) -> None:
    """An archive of all events, and a rule for what is replayed."""
    events = story.client("events")
    story.client("sqs").create_queue(QueueName="q")
    events.create_archive(ArchiveName="a", EventSourceArn=f"{PREFIX}event-bus/default")
    for first in range(0, COUNT, 10):
        numbers = range(first, first + 10)
        entries = [{"Source": "app", "DetailType": "t", "Detail": json.dumps({"n": number})} for number in numbers]
        assert events.put_events(Entries=entries)["FailedEntryCount"] == 0
    events.put_rule(Name="r", EventPattern='{"replay-name": ["again"]}')
    target = {"Id": "1", "Arn": f"arn:aws:sqs:{REGION}:000000000000:q", "InputPath": "$.detail.n"}
    events.put_targets(Rule="r", Targets=[target])


def begin(story: Story) -> None:
    story.client("events").start_replay(
        ReplayName="again",
        EventSourceArn=f"{PREFIX}archive/a",
        EventStartTime=datetime(2020, 1, 1, tzinfo=UTC),
        EventEndTime=datetime(2100, 1, 1, tzinfo=UTC),
        Destination={"Arn": f"{PREFIX}event-bus/default"},
    )


def described(story: Story) -> dict[str, Any]:
    found: dict[str, Any] = story.client("events").describe_replay(ReplayName="again")
    return found


async def test_a_replay_repeats_nothing(tmp_path: Path, ports: Ports) -> None:
    victim = Victim(tmp_path, ports)
    await victim.start()
    story = Story(victim)
    await asyncio.to_thread(prepare, story)
    await asyncio.to_thread(begin, story)
    states: list[str] = []
    async with asyncio.timeout(60):
        while not states or states[-1] != "COMPLETED":
            if len(states) < 4:
                await victim.kill()
                await victim.start()
            states.append((await asyncio.to_thread(described, story))["State"])
    assert "RUNNING" in states or "STARTING" in states
    found = Counter(await asyncio.to_thread(story.received))
    assert found == Counter(range(COUNT))
    await victim.kill()
    await victim.client.close()
