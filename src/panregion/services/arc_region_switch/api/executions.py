"""Executions: started in a region that has the plan, and asked about and acted upon where they run."""

from collections.abc import Callable
from typing import Any

from panregion.services.arc_region_switch import layout
from panregion.services.arc_region_switch.api.common import PAGE_SIZE, page, where_it_runs
from panregion.services.arc_region_switch.engine import Turn
from panregion.services.arc_region_switch.errors import ConflictException, IllegalArgumentException
from panregion.services.arc_region_switch.model import (
    Event,
    Execution,
    Plan,
    show_execution,
    show_plan,
    show_step,
    steps_of,
    workflow_for,
)
from panregion.services.here import Here
from panregion.services.service import reads

ID_BITS = 64


@where_it_runs
def approve_plan_execution_step(
    here: Here, plan_arn: str, execution_id: str, step_name: str, approval: str, comment: str = ""
) -> dict[str, Any]:
    happen = Turn.approved if approval == "approve" else Turn.declined
    return _happen(here, plan_arn, execution_id, lambda turn: happen(turn, step_name, comment))


@where_it_runs
def cancel_plan_execution(here: Here, plan_arn: str, execution_id: str, comment: str = "") -> dict[str, Any]:
    return _happen(here, plan_arn, execution_id, lambda turn: turn.cancel(comment))


@where_it_runs
@reads
def get_plan_execution(
    here: Here, plan_arn: str, execution_id: str, max_results: int = PAGE_SIZE, next_token: str | None = None
) -> dict[str, Any]:
    execution = layout.execution(here, plan_arn, execution_id)
    steps = [show_step(step) for step in execution.steps]
    return {
        **show_execution(execution),
        "plan": show_plan(execution.plan, here.account_id),
        **page("stepStates", steps, next_token, max_results),
    }


@where_it_runs
@reads
def list_plan_execution_events(
    here: Here,
    plan_arn: str,
    execution_id: str,
    max_results: int = PAGE_SIZE,
    next_token: str | None = None,
    name: str | None = None,
) -> dict[str, Any]:
    execution = layout.execution(here, plan_arn, execution_id)
    numbered = list(enumerate(layout.events(here, execution.id), 1))
    shown = [_shown(execution, number, event) for number, event in numbered if name in (None, event.step)]
    return page("items", shown, next_token, max_results)


def _shown(execution: Execution, number: int, event: Event) -> dict[str, Any]:
    optional = {
        "stepName": event.step,
        "executionBlockType": event.block,
        "description": event.description,
        "error": event.error,
        "resources": list(event.resources),
        "previousEventId": f"{execution.id}/{number - 1}" if number > 1 else "",
    }
    shown = {"timestamp": event.at, "type": event.type, "eventId": f"{execution.id}/{number}"}
    return {**shown, **{member: value for member, value in optional.items() if value}}


@reads
def list_plan_executions(
    here: Here, plan_arn: str, max_results: int = PAGE_SIZE, next_token: str | None = None, state: str | None = None
) -> dict[str, Any]:
    """Those that run, or ran, in the region that is asked."""
    layout.copy(here, plan_arn)
    found = [each for each in layout.executions(here, plan_arn) if state in (None, each.state)]
    return page("items", [show_execution(each) for each in found], next_token, max_results)


def start_plan_execution(
    here: Here,
    plan_arn: str,
    target_region: str,
    action: str,
    mode: str = "graceful",
    comment: str = "",
    latest_version: str = "true",
    recovery_execution_id: str = "",
    client_token: str = "",
) -> dict[str, Any]:
    """Start it here, in one of the plan's two regions: the one that is to live on."""
    plan = layout.copy(here, plan_arn)
    before = [each for each in layout.executions(here, plan_arn) if client_token and each.token == client_token]
    if before:
        return _started(before[0])
    _check_start(here, plan, target_region, action, latest_version, recovery_execution_id)
    for other in layout.executions(here, plan_arn):
        if not other.ended:
            raise ConflictException(
                f"The plan is being executed: {other.id} is {other.state}",
                resourceId=other.id,
                resourceType="execution",
            )
    workflow = workflow_for(plan, action, target_region)
    assert workflow is not None, "it was checked that there is one"
    now = here.now()
    execution = Execution(
        id=f"{here.region}/{here.world.chance.randrange(2**ID_BITS):016x}",
        plan=plan,
        action=action,
        target=target_region,
        mode=mode,
        state="inProgress",
        started_at=now,
        updated_at=now,
        steps=steps_of(workflow, mode),
        comment=comment,
        recovery_id=recovery_execution_id,
        token=client_token,
    )
    return _started(layout.take_turn(here, execution, Turn.start))


def _check_start(here: Here, plan: Plan, target: str, action: str, latest: str, recovery_id: str) -> None:
    if target not in plan.regions:
        raise IllegalArgumentException(f"{target} is not one of the plan's Regions, {', '.join(plan.regions)}")
    if latest.lower() != "true":
        raise IllegalArgumentException("Only the latest version of a plan can be executed")
    if workflow_for(plan, action, target) is None:
        raise IllegalArgumentException(f"The plan has no workflow to {action} {target}")
    if (action == "postRecovery") != bool(recovery_id):
        raise IllegalArgumentException("A recoveryExecutionId goes with the action postRecovery, and only with that")
    if here.region not in plan.regions:
        raise IllegalArgumentException(f"The plan is not in {here.region}: ask {' or '.join(plan.regions)}")


def _started(execution: Execution) -> dict[str, Any]:
    optional = {"activateRegion": execution.activated, "deactivateRegion": execution.deactivated}
    return {
        "executionId": execution.id,
        "plan": execution.plan.arn,
        "planVersion": str(execution.plan.version),
        **{member: region for member, region in optional.items() if region is not None},
    }


@where_it_runs
def update_plan_execution(
    here: Here, plan_arn: str, execution_id: str, action: str, comment: str = ""
) -> dict[str, Any]:
    del comment  # kept with the events of those actions that AWS shows one for
    happen: dict[str, Callable[[Turn], None]] = {
        "pause": Turn.pause,
        "resume": Turn.resume,
        "switchToGraceful": lambda turn: turn.switch_mode("graceful"),
        "switchToUngraceful": lambda turn: turn.switch_mode("ungraceful"),
    }
    return _happen(here, plan_arn, execution_id, happen[action])


@where_it_runs
def update_plan_execution_step(
    here: Here, plan_arn: str, execution_id: str, step_name: str, action_to_take: str, comment: str
) -> dict[str, Any]:
    happen = Turn.skip if action_to_take == "skip" else Turn.step_ungraceful
    return _happen(here, plan_arn, execution_id, lambda turn: happen(turn, step_name, comment))


def _happen(here: Here, plan_arn: str, execution_id: str, happen: Callable[[Turn], None]) -> dict[str, Any]:
    layout.take_turn(here, layout.execution(here, plan_arn, execution_id), happen)
    return {}
