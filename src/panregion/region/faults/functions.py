"""Functions that fail, begin late or start cold: stands before a region's functions while there are such faults."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from panregion.functions import EnvironmentSpec, Functions, Invocation, Outcome, ResponseStream, Throttled
from panregion.region.faults.model import FunctionCold, FunctionError, FunctionSlow, OfFunctions
from panregion.wire import AwsError
from panregion.world import Clock

Roll = Callable[[], float]
Kind = TypeVar("Kind", bound=OfFunctions)


class FaultyFunctions:
    """A region's functions, with faults before them. What it has not, it leaves to them."""

    def __init__(self, functions: Functions, faults: Sequence[OfFunctions], clock: Clock, roll: Roll) -> None:
        self.behind = functions
        self._faults = faults
        self._clock = clock
        self._roll = roll

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind, name)

    async def invoke(self, spec: EnvironmentSpec, invocation: Invocation, reserved: int | None = None) -> Outcome:
        """As `Functions.invoke`."""
        return await self.begin(spec, invocation, reserved)

    def begin(
        self,
        spec: EnvironmentSpec,
        invocation: Invocation,
        reserved: int | None = None,
        stream: ResponseStream | None = None,
    ) -> Awaitable[Outcome]:
        """As `Functions.begin`; what strikes is decided now, in the order of the faults."""
        slow = self._striking(FunctionSlow, spec.name)
        cold = self._striking(FunctionCold, spec.name)
        failing = self._striking(FunctionError, spec.name)
        if not slow and not cold and not failing:
            return self.behind.begin(spec, invocation, reserved, stream)
        delay_s = sum(fault.delay_ms for fault in slow) / 1000

        async def suffer() -> Outcome:
            try:
                if delay_s:
                    await self._clock.sleep(delay_s)
                if failing and not failing[0].after:
                    return await self._failed(failing[0], spec, invocation)
                if cold:
                    self.behind.forget(spec.name)  # its environments are let go, and the next invocation starts one
                outcome = await self._begun(spec, invocation, reserved, None if failing else stream)
                return await self._failed(failing[0], spec, invocation) if failing else outcome
            finally:
                if stream is not None:
                    stream.end()

        return asyncio.ensure_future(suffer())

    async def _begun(
        self, spec: EnvironmentSpec, invocation: Invocation, reserved: int | None, stream: ResponseStream | None
    ) -> Outcome:
        try:
            return await self.behind.begin(spec, invocation, reserved, stream)
        except Throttled as error:
            fields = {"Reason": error.reason, "Type": "User"}
            raise AwsError.of("TooManyRequestsException", "Rate Exceeded.", 429, **fields) from error

    def _striking(self, kind: type[Kind], name: str) -> list[Kind]:
        return [
            fault
            for fault in self._faults
            if isinstance(fault, kind) and fnmatchcase(name, fault.function) and self._strikes(fault)
        ]

    def _strikes(self, fault: OfFunctions) -> bool:
        return fault.share >= 1 or self._roll() < fault.share

    async def _failed(self, fault: FunctionError, spec: EnvironmentSpec, invocation: Invocation) -> Outcome:
        """What Lambda answers for a function that failed so."""
        if fault.how == "timeout":
            await self._clock.sleep(spec.timeout_s)
        return Outcome(payload=failure(fault, spec, invocation.request_id), error="Unhandled")


def failure(fault: FunctionError, spec: EnvironmentSpec, request_id: str) -> bytes:
    """The payload of an invocation that failed, worded as Lambda words it. Pure."""
    match fault.how:
        case "timeout":
            said = f"RequestId: {request_id} Error: Task timed out after {spec.timeout_s:.2f} seconds"
            return _body("Sandbox.Timedout", said)
        case "exit":
            return _body(
                "Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with error: exit status 1"
            )
    return _body("RuntimeError", f"{spec.name} fails: a fault was injected")


def _body(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()
