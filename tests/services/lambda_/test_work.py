"""Asynchronous invocations: retried as AWS retries, on a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.functions import EnvironmentSpec, Invocation, Outcome, Throttled, zipped
from panregion.region import Region
from panregion.services.lambda_.engine import Engine
from panregion.world import ManualClock, SeededChance, World
from tests.services.lambda_.conftest import ROLE
from tests.support import region_in

FAILED = Outcome(payload=b'{"errorType":"E"}', error="Unhandled")
THROTTLED = Throttled("ReservedFunctionConcurrentInvocationLimitExceeded")


class FakeFunctions:
    """Plays the execution environments: answers with what the test says, or else with success."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._began = clock.now()
        self.answers: list[Outcome | Throttled] = []
        self.calls: list[tuple[str, float, Any]] = []
        self.ids: set[str] = set()

    async def invoke(self, spec: EnvironmentSpec, invocation: Invocation, _reserved: int | None) -> Outcome:
        self.calls.append((spec.name, round(self._clock.now() - self._began), msgspec.json.decode(invocation.payload)))
        self.ids.add(invocation.request_id)
        answer = self.answers.pop(0) if self.answers else Outcome(payload=b"true")
        if isinstance(answer, Throttled):
            raise answer
        return answer

    async def warm(self) -> None:
        """Nothing is forked here."""

    def describe(self) -> list[dict[str, Any]]:
        return []

    def forget(self, _name: str) -> None:
        """Nothing is kept here."""

    async def close(self) -> None:
        """Nothing was forked here."""


class Lab:
    def __init__(self, region: Region, clock: ManualClock, functions: FakeFunctions) -> None:
        self.region = region
        self.clock = clock
        self.functions = functions

    async def deploy(self, name: str) -> None:
        code = {"ZipFile": zipped({"app.py": ""})}
        params = {"FunctionName": name, "Runtime": "python3.11", "Role": ROLE, "Handler": "app.handler", "Code": code}
        await self.region.ask("lambda", "CreateFunction", params)

    async def send(self, name: str, payload: bytes = b"{}") -> None:
        params = {"FunctionName": name, "InvocationType": "Event", "Payload": payload}
        assert (await self.region.ask("lambda", "Invoke", params))["StatusCode"] == 202

    async def configure(self, name: str, **params: Any) -> None:
        await self.region.ask("lambda", "PutFunctionEventInvokeConfig", {"FunctionName": name, **params})

    async def times(self, by_s: float = 400) -> list[float]:
        """When it was called, in seconds from the start, once `by_s` have passed."""
        for _ in range(int(by_s / 5)):
            await self.clock.advance(5, rounds=30)
        return [at_s for _, at_s, _ in self.functions.calls]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    clock = ManualClock()
    region = region_in(tmp_path, world=World(clock, SeededChance(1)))
    await region.start()
    engine = region.here.running["lambda"]
    assert isinstance(engine, Engine)
    functions: Any = FakeFunctions(clock)
    engine.functions = functions
    lab = Lab(region, clock, functions)
    await lab.deploy("f")
    yield lab
    await asyncio.wait_for(region.stop(), 10)


async def test_a_success_is_run_once(lab: Lab) -> None:
    await lab.send("f", b'{"n":1}')
    await lab.times()
    assert [(name, payload) for name, _, payload in lab.functions.calls] == [("f", {"n": 1})]


async def test_a_failure_is_repeated_after_one_minute_and_two(lab: Lab) -> None:
    lab.functions.answers = [FAILED] * 9
    await lab.send("f")
    first, second, third = await lab.times()
    assert 60 <= second - first <= 70
    assert 120 <= third - second <= 130
    assert len(lab.functions.ids) == 1


async def test_retries_are_configured(lab: Lab) -> None:
    lab.functions.answers = [FAILED] * 9
    await lab.configure("f", MaximumRetryAttempts=0)
    await lab.send("f")
    assert len(await lab.times()) == 1


async def test_an_event_that_is_too_old_is_given_up(lab: Lab) -> None:
    lab.functions.answers = [FAILED] * 9
    await lab.configure("f", MaximumEventAgeInSeconds=100)
    await lab.send("f")
    assert len(await lab.times()) == 2


async def test_a_throttled_event_waits_and_counts_no_attempt(lab: Lab) -> None:
    lab.functions.answers = [THROTTLED, THROTTLED, FAILED, FAILED]
    await lab.send("f")
    assert len(await lab.times()) == 5


async def test_the_end_goes_to_its_destination(lab: Lab) -> None:
    await lab.deploy("failures")
    destination = "arn:aws:lambda:us-east-1:000000000000:function:failures"
    config = {"OnFailure": {"Destination": destination}}
    await lab.configure("f", MaximumRetryAttempts=0, DestinationConfig=config)
    lab.functions.answers = [FAILED]
    await lab.send("f", b'{"n":1}')
    await lab.times()
    (_, (name, _, record)) = lab.functions.calls
    assert name == "failures"
    assert record["requestPayload"] == {"n": 1}
    assert record["responsePayload"] == {"errorType": "E"}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["functionArn"].endswith(":function:f:$LATEST")
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}


async def test_a_deleted_functions_events_are_dropped(lab: Lab) -> None:
    lab.functions.answers = [FAILED] * 9
    await lab.send("f")
    await lab.clock.advance(10, rounds=40)
    await lab.region.ask("lambda", "DeleteFunction", {"FunctionName": "f"})
    assert len(await lab.times()) == 1
    assert lab.region.health()["work"] == 0
