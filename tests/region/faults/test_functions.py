"""Functions behind faults: a stand-in for the pool counts what reaches it, and the clock moves by hand."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from panregion.functions import EnvironmentSpec, Functions, Invocation, Outcome, ResponseStream, Throttled
from panregion.region.faults.functions import FaultyFunctions
from panregion.region.faults.model import FunctionCold, FunctionError, FunctionSlow, OfFunctions
from panregion.wire import AwsError
from panregion.world import ManualClock, SeededChance

HERE = "us-east-1"
SPEC = EnvironmentSpec(
    name="orders",
    version="1",
    revision="1",
    runtime="python3.11",
    handler="h",
    code=Path("/"),
    log_group="g",
    timeout_s=3,
)
CALL = Invocation(request_id="r-1", payload=b"{}", arn="arn")


class Pool:
    """In place of the real pool."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.forgotten: list[str] = []
        self.full = False

    def begin(
        self, spec: EnvironmentSpec, _call: Invocation, _reserved: int | None, stream: ResponseStream | None
    ) -> Awaitable[Outcome]:
        if self.full:
            raise Throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
        self.begun.append(spec.name)
        if stream is not None:
            stream.open("text/plain")
            stream.write(b"piece")
            stream.end()
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        future.set_result(Outcome(payload=b'"done"'))
        return future

    def forget(self, name: str) -> None:
        self.forgotten.append(name)

    def in_flight(self, name: str) -> int:
        return 7


class Lab:
    """Faults before a pool."""

    def __init__(self, *faults: OfFunctions) -> None:
        self.pool = Pool()
        self.clock = ManualClock()
        self.functions = FaultyFunctions(cast(Functions, self.pool), faults, self.clock, SeededChance(1).random)

    async def ends(self, after_s: float) -> Outcome:
        """The outcome of a call that takes just so long."""
        call = asyncio.ensure_future(self.functions.invoke(SPEC, CALL))
        await self.clock.advance(max(0.0, after_s - 0.01))
        assert call.done() == (after_s == 0)
        await self.clock.advance(0.02)
        return await asyncio.wait_for(call, 10)


def body(outcome: Outcome) -> Any:
    assert outcome.error == "Unhandled"
    return msgspec.json.decode(outcome.payload)


async def test_a_failing_function_is_not_run() -> None:
    lab = Lab(FunctionError(region=HERE, function="ord*"))
    assert body(await lab.ends(0)) == {
        "errorType": "RuntimeError",
        "errorMessage": "orders fails: a fault was injected",
    }
    assert lab.pool.begun == []


async def test_after_it_has_run_its_answer_is_spoilt() -> None:
    lab = Lab(FunctionError(region=HERE, how="exit", after=True))
    assert body(await lab.ends(0)) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "RequestId: r-1 Error: Runtime exited with error: exit status 1",
    }
    assert lab.pool.begun == ["orders"]


async def test_a_timeout_takes_the_functions_own_time() -> None:
    lab = Lab(FunctionError(region=HERE, how="timeout"))
    assert body(await lab.ends(3))["errorMessage"] == "RequestId: r-1 Error: Task timed out after 3.00 seconds"


async def test_delays_add_up() -> None:
    lab = Lab(FunctionSlow(region=HERE, delay_ms=1500), FunctionSlow(region=HERE, delay_ms=500))
    assert (await lab.ends(2)).payload == b'"done"'


async def test_a_cold_start_forgets_what_is_warm() -> None:
    lab = Lab(FunctionCold(region=HERE))
    assert (await lab.ends(0)).error == ""
    assert (lab.pool.forgotten, lab.pool.begun) == (["orders"], ["orders"])


async def test_other_functions_and_other_questions_are_left_alone() -> None:
    lab = Lab(FunctionError(region=HERE, function="payments"))
    assert (await lab.ends(0)).payload == b'"done"'
    assert lab.functions.in_flight("orders") == 7


async def test_a_share_strikes_some() -> None:
    lab = Lab(FunctionError(region=HERE, share=0.5))
    outcomes = [(await lab.functions.invoke(SPEC, CALL)).error for _ in range(200)]
    assert 70 < outcomes.count("Unhandled") < 130
    assert len(lab.pool.begun) == outcomes.count("")


@pytest.mark.parametrize("fault", [FunctionError(region=HERE), FunctionSlow(region=HERE, delay_ms=1)])
async def test_a_stream_ends_in_any_case(fault: OfFunctions) -> None:
    lab = Lab(fault)
    stream = ResponseStream()
    ending = asyncio.ensure_future(_pieces(stream))
    outcome = lab.functions.begin(SPEC, CALL, None, stream)
    await lab.clock.advance(1)
    failed = isinstance(fault, FunctionError)
    assert await asyncio.wait_for(ending, 10) == ([] if failed else [b"piece"])
    assert (await outcome).error == ("Unhandled" if failed else "")


async def _pieces(stream: ResponseStream) -> list[bytes]:
    return [piece async for piece in stream.pieces()]


async def test_too_many_at_once_are_told_so_after_a_delay_too() -> None:
    lab = Lab(FunctionSlow(region=HERE, delay_ms=1))
    lab.pool.full = True
    call = asyncio.ensure_future(lab.functions.invoke(SPEC, CALL))
    await lab.clock.advance(1)
    with pytest.raises(AwsError, match=r"TooManyRequestsException: Rate Exceeded\."):
        await call
