"""A region whose functions are played by the test, on a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from panregion.functions import EnvironmentSpec, Invocation, Outcome, ResponseStream, Throttled, zipped
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
        self.default = Outcome(payload=b"true")
        self.calls: list[tuple[str, float, Any]] = []
        self.ids: set[str] = set()

    def begin(
        self, spec: EnvironmentSpec, invocation: Invocation, _reserved: int | None, _stream: ResponseStream | None
    ) -> asyncio.Future[Outcome]:
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.calls.append((spec.name, round(self._clock.now() - self._began), msgspec.json.decode(invocation.payload)))
        self.ids.add(invocation.request_id)
        answer = self.answers.pop(0) if self.answers else self.default
        if isinstance(answer, Throttled):
            raise answer
        outcome.set_result(answer)
        return outcome

    async def warm(self) -> None:
        """Nothing is forked here."""

    def describe(self) -> list[dict[str, Any]]:
        return []

    def provision(self, _wanted: list[tuple[EnvironmentSpec, int]]) -> None:
        """Nothing is kept here."""

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


@asynccontextmanager
async def laboratory(folder: Path) -> AsyncIterator[Lab]:
    """A region with one function, `f`."""
    clock = ManualClock()
    region = region_in(folder, world=World(clock, SeededChance(1)))
    await region.start()
    engine = region.here.running["lambda"]
    assert isinstance(engine, Engine)
    functions: Any = FakeFunctions(clock)
    engine.functions = functions
    lab = Lab(region, clock, functions)
    await lab.deploy("f")
    yield lab
    await asyncio.wait_for(region.stop(), 10)
