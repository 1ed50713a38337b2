"""What time does to executions: a clock that is moved by hand, and one of the plan's two regions."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from panregion.region import Region
from panregion.store import MemoryEngine
from panregion.world import ManualClock
from panregion.world.world import World
from tests.services.arc_region_switch.support import EAST, ROLE, WEST, approval, function
from tests.support import region_in

NOWHERE = f"arn:aws:lambda:{EAST}:000000000000:function:none"


@pytest.fixture
async def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def region(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Region]:
    region = region_in(tmp_path, world=World(clock=clock), regions=(EAST, WEST))
    await region.start()
    yield region
    await region.stop()


async def executing(region: Region, *steps: dict[str, Any]) -> dict[str, str]:
    """A plan's execution in this region, which knows the plan before the other does."""
    workflows = [{"workflowTargetAction": "activate", "steps": list(steps)}]
    params = {"name": "timed", "regions": [EAST, WEST], "recoveryApproach": "activePassive", "primaryRegion": WEST}
    made = await region.ask(
        "arc-region-switch", "CreatePlan", {**params, "workflows": workflows, "executionRole": ROLE}
    )
    arn = made["plan"]["arn"]
    async with asyncio.timeout(20):
        while arn not in [
            plan["arn"] for plan in (await region.ask("arc-region-switch", "ListPlansInRegion"))["plans"]
        ]:
            await asyncio.sleep(0.01)
    start = {"planArn": arn, "targetRegion": EAST, "action": "activate"}
    started = await region.ask("arc-region-switch", "StartPlanExecution", start)
    return {"planArn": arn, "executionId": started["executionId"]}


async def until(region: Region, clock: ManualClock, what: dict[str, str], state: str, step_s: float) -> dict[str, Any]:
    """Let time pass until the execution is in a state."""
    async with asyncio.timeout(20):
        while True:
            seen = await region.ask("arc-region-switch", "GetPlanExecution", what)
            if seen["executionState"] == state:
                return seen
            await clock.advance(step_s)
            await asyncio.sleep(0.01)


async def test_an_approval_that_does_not_come_in_time_pauses(region: Region, clock: ManualClock) -> None:
    what = await executing(region, approval(timeoutMinutes=2))
    began = clock.now()
    seen = await until(region, clock, what, "pausedByFailedStep", 10)
    assert seen["stepStates"][0]["status"] == "failed"
    assert clock.now() - began >= 120
    events = await region.ask("arc-region-switch", "ListPlanExecutionEvents", what)
    assert events["items"][-1]["error"] == "the step's timeout is over"


async def test_a_step_is_tried_until_its_time_is_over_and_again_when_resumed(
    region: Region, clock: ManualClock
) -> None:
    what = await executing(region, function("run", NOWHERE, timeoutMinutes=1))
    await until(region, clock, what, "pausedByFailedStep", 5)
    await region.ask("arc-region-switch", "UpdatePlanExecution", {**what, "action": "resume"})
    seen = await region.ask("arc-region-switch", "GetPlanExecution", what)
    assert seen["stepStates"][0]["status"] == "running"  # the first run's timeout is not the second's
    await until(region, clock, what, "pausedByFailedStep", 5)


async def test_an_execution_goes_on_after_its_region_was_lost(tmp_path: Path, clock: ManualClock) -> None:
    engine, world = MemoryEngine(), World(clock=clock)
    region = region_in(tmp_path, engine=engine, world=world, regions=(EAST, WEST))
    await region.start()
    slow = function("run", NOWHERE, retryIntervalMinutes=1, timeoutMinutes=5)
    what = await executing(region, slow, approval("ask"))
    await region.stop()

    again = region_in(tmp_path, engine=engine, world=world, regions=(EAST, WEST))
    await again.start()
    try:
        seen = await again.ask("arc-region-switch", "GetPlanExecution", what)
        assert (seen["executionState"], seen["stepStates"][0]["status"]) == ("inProgress", "running")
        await until(again, clock, what, "pausedByFailedStep", 20)  # it is tried as long as before
        update = {**what, "stepName": "run", "actionToTake": "skip", "comment": "by hand"}
        await again.ask("arc-region-switch", "UpdatePlanExecutionStep", update)
        approve = {**what, "stepName": "ask", "approval": "approve"}
        await again.ask("arc-region-switch", "ApprovePlanExecutionStep", approve)
        await until(again, clock, what, "completedWithExceptions", 1)
    finally:
        await again.stop()
