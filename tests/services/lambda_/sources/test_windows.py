"""Tumbling windows over a stream: a state handed on, a last call at the end, and what a restart finds of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from panregion.functions import Outcome
from tests.services.lambda_.lab import FAILED, laboratory
from tests.services.lambda_.sources.test_readers import Sources

SIZE_S = 60


def state(**members: Any) -> Outcome:
    return Outcome(payload=json.dumps({"state": members}).encode())


class Windows(Sources):
    """A table whose stream is read in windows."""

    async def begin(self, **params: Any) -> str:
        arn = await self.table()
        left_s = SIZE_S - self.clock.now() % SIZE_S  # so that a window begins with the test
        await self.pass_s(left_s + 1)
        self.functions.default = state()
        return await self.map(arn, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=SIZE_S, **params)

    @property
    def told(self) -> list[tuple[int, Any, bool]]:
        """Of each call: how many records, the state, whether it was the last of a window."""
        return [
            (len(payload["Records"]), payload["state"], payload["isFinalInvokeForWindow"])
            for _, _, payload in self.functions.calls
        ]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Windows]:
    async with laboratory(tmp_path) as lab:
        yield Windows(lab.region, lab.clock, lab.functions)


async def test_a_state_is_handed_on_until_the_window_ends(lab: Windows) -> None:
    await lab.begin()
    lab.functions.answers = [state(n=1), state(n=2)]
    await lab.put("a")
    await lab.pass_s(2)
    await lab.put("b")
    await lab.pass_s(2)
    assert lab.told == [(1, {}, False), (1, {"n": 1}, False)]
    await lab.pass_s(SIZE_S + 25)
    assert lab.told[2:] == [(0, {"n": 2}, True)]
    first, _, last = (payload for _, _, payload in lab.functions.calls)
    assert first["window"] == last["window"]
    assert first["window"]["start"].endswith(":00Z")
    assert first["eventSourceARN"].startswith("arn:aws:dynamodb:")
    assert first["shardId"].startswith("shardId-")
    assert first["isWindowTerminatedEarly"] is False
    await lab.put("c")
    await lab.pass_s(2)
    assert lab.told[3:] == [(1, {}, False)]


async def test_an_answer_without_a_state_is_a_failure(lab: Windows) -> None:
    await lab.begin(MaximumRetryAttempts=1)
    lab.functions.answers = [Outcome(payload=b"{}"), Outcome(payload=b'{"state": null}'), state(n=1)]
    await lab.put("a")
    await lab.pass_s(5)
    await lab.put("b")
    await lab.pass_s(5)
    assert lab.told == [(1, {}, False), (1, {}, False), (1, {}, False)]
    assert lab.keys() == ["a", "a", "b"]


async def test_the_last_call_is_repeated_until_it_succeeds(lab: Windows) -> None:
    await lab.begin(MaximumRetryAttempts=0)
    lab.functions.answers = [state(n=1), FAILED, FAILED, Outcome(payload=b"null")]
    await lab.put("a")
    await lab.pass_s(SIZE_S + 25)
    assert lab.told == [(1, {}, False), *[(0, {"n": 1}, True)] * 3]


async def test_a_state_that_is_too_large_ends_the_window_early(lab: Windows) -> None:
    await lab.begin()
    lab.functions.answers = [state(n="x" * 1_000_001)]
    await lab.put("a")
    await lab.pass_s(5)
    assert [payload["isWindowTerminatedEarly"] for _, _, payload in lab.functions.calls] == [False, True]
    await lab.put("b")
    await lab.pass_s(5)
    assert lab.told[2:] == [(1, {}, False)]


async def test_a_reader_that_is_begun_again_goes_on_with_the_window(lab: Windows) -> None:
    uuid = await lab.begin()
    lab.functions.answers = [state(n=1)]
    await lab.put("a")
    await lab.pass_s(2)
    for enabled in (False, True):
        await lab.region.ask("lambda", "UpdateEventSourceMapping", {"UUID": uuid, "Enabled": enabled})
        await lab.pass_s(1)
    await lab.put("b")
    await lab.pass_s(2)
    assert lab.told == [(1, {}, False), (1, {"n": 1}, False)]
    described = await lab.region.ask("lambda", "GetEventSourceMapping", {"UUID": uuid})
    assert described["TumblingWindowInSeconds"] == SIZE_S
    await lab.region.ask("lambda", "DeleteEventSourceMapping", {"UUID": uuid})
    assert lab.region.here.read(lambda here: list(here.tx.prefix(("lambda", "source-window")))) == []
