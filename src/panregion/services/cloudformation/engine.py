"""Brings a stack from one state to the next: the work that create, update and delete leave behind.

A phase is a state of the stack; each runs its steps (those already done say so at once), and ends by moving the
stack to the next state in one transaction. So the same work, taken up again after a crash, goes on where the last
durable record is. Work of an operation that was superseded (a delete during a create) stops before its next step.
"""

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from panregion.services.cloudformation import journal, layout, removal, schedule, steps
from panregion.services.cloudformation.model import Resource, Stack
from panregion.services.cloudformation.outputs import publish, withdraw
from panregion.services.cloudformation.scope import scope_of, template_of
from panregion.services.here import Here
from panregion.wire.errors import AwsError

_replace = msgspec.structs.replace


async def advance(here: Here, payload: dict[str, Any]) -> None:
    """Work `cloudformation.advance`: run a stack's operation to its end."""
    stack_id, operation = payload["stack_id"], payload["operation"]
    locks = here.running.setdefault("cloudformation", weakref.WeakValueDictionary())
    lock = locks.setdefault(stack_id, asyncio.Lock())
    async with lock:  # an operation that supersedes another waits for the steps in flight
        while True:
            stack = _stack(here, stack_id)
            if stack is None or stack.operation != operation or stack.status not in PHASES:
                return
            await PHASES[stack.status](here, stack)


def _stack(here: Here, stack_id: str) -> Stack | None:
    return here.read(lambda at: layout.find_stack(at.tx, stack_id))


def _job(here: Here, stack: Stack, which: str, mark: str) -> steps.Job:
    blueprint = here.read(lambda at: layout.find_blueprint(at.tx, stack.stack_id, which))
    assert blueprint is not None, f"stack {stack.stack_id} has no {which} template"
    scope = scope_of(here, stack, blueprint, lambda _name: None)
    return steps.Job(here, stack, blueprint, mark, template_of(blueprint).needs(scope.conditions))


def _halts(here: Here, stack: Stack) -> Callable[[], bool]:
    def halt() -> bool:
        now = _stack(here, stack.stack_id)
        stops = now is None or now.operation != stack.operation or now.cancel_requested
        return stops or _timed_out(here, stack)

    return halt


def _timed_out(here: Here, stack: Stack) -> bool:
    if stack.timeout_minutes is None or stack.status != "CREATE_IN_PROGRESS":
        return False
    return here.now() > stack.created + 60 * stack.timeout_minutes


async def _move(here: Here, stack: Stack, status: str, reason: str | None = None, **changes: Any) -> None:
    """To the next state, unless another operation took the stack over meanwhile."""

    def step(at: Here) -> None:
        now = layout.find_stack(at.tx, stack.stack_id)
        if now is not None and now.operation == stack.operation:
            journal.move_stack(at, now, status, reason, **changes)

    await here.transact(step)


def _listed(verb: str, names: set[str]) -> str:
    return f"The following resource(s) failed to {verb}: [{', '.join(sorted(names))}]. "


async def _create(here: Here, stack: Stack) -> None:
    job = _job(here, stack, layout.CURRENT, stack.operation)
    failed = await schedule.run(
        job.needs, lambda name: steps.bring(job, name), stop_at_failure=True, halt=_halts(here, stack)
    )
    if _timed_out(here, stack):
        reason: str | None = "Stack creation time exceeded the specified timeout. "
    else:
        reason = _listed("create", failed) if failed else await _finish(job, "CREATE_COMPLETE")
    if reason is None:
        return
    if stack.on_failure == "DELETE":
        await _move(here, stack, "DELETE_IN_PROGRESS", reason)
    elif stack.on_failure == "DO_NOTHING":
        await _move(here, stack, "CREATE_FAILED", reason)
    else:
        await _move(here, stack, "ROLLBACK_IN_PROGRESS", f"{reason}Rollback requested by user.")


async def _update(here: Here, stack: Stack) -> None:
    job = _job(here, stack, layout.NEXT, stack.operation)
    halt = _halts(here, stack)
    failed = await schedule.run(job.needs, lambda name: steps.bring(job, name), stop_at_failure=True, halt=halt)
    now = _stack(here, stack.stack_id)
    if now is not None and now.cancel_requested:
        reason: str | None = "User Initiated"
    elif failed:
        reason = _listed("update", failed)
    else:
        reason = await _finish(job, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    if reason is None:
        return
    if stack.disable_rollback:
        await _move(here, stack, "UPDATE_FAILED", reason)
    else:
        await _move(here, stack, "UPDATE_ROLLBACK_IN_PROGRESS", reason)


async def _finish(job: steps.Job, status: str) -> str | None:
    """Outputs, exports and the new state, in one transaction; or why that cannot be."""

    def step(at: Here) -> None:
        stack = layout.find_stack(at.tx, job.stack.stack_id)
        if stack is None or stack.operation != job.stack.operation:
            return
        outputs = publish(at, stack, job.blueprint)
        if status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS":
            layout.put_blueprint(at.tx, stack.stack_id, job.blueprint)
            layout.delete_blueprint(at.tx, stack.stack_id, layout.NEXT)
            _leave_old(at, job)
        journal.move_stack(at, stack, status, None, outputs=outputs)

    try:
        await job.here.transact(step)
    except AwsError as error:
        return error.message
    return None


def _leave_old(at: Here, job: steps.Job) -> None:
    """What the update replaced or no longer has is left over for the cleanup."""
    stack_id = job.stack.stack_id
    for name, resource in layout.resources(at.tx, stack_id).items():
        if name not in job.needs:
            layout.put_leftover(at.tx, stack_id, steps.leftover(resource, resource.made, removes=True))
            continue
        before = resource.before
        if before is not None and before.physical_id is not None and before.suffix != resource.made.suffix:
            old = _replace(before, replace_policy=resource.made.replace_policy)
            layout.put_leftover(at.tx, stack_id, steps.leftover(resource, old))
        layout.put_resource(at.tx, stack_id, _replace(resource, before=None))


async def _update_rollback(here: Here, stack: Stack) -> None:
    job = _job(here, stack, layout.CURRENT, f"{stack.operation}/back")
    touched = _touched(here, stack)
    graph = {name: job.needs.get(name, set()) for name, resource in touched.items() if resource.before is not None}
    failed = await schedule.run(graph, lambda name: steps.put_back(job, name), stop_at_failure=False)
    if failed:
        await _move(here, stack, "UPDATE_ROLLBACK_FAILED", _listed("update", failed))
        return

    def step(at: Here) -> None:
        now = layout.find_stack(at.tx, stack.stack_id)
        if now is None or now.operation != stack.operation:
            return
        for resource in layout.resources(at.tx, stack.stack_id).values():
            if resource.before is None and resource.operation == stack.operation:
                left = steps.leftover(resource, resource.made, removes=True)
                layout.put_leftover(at.tx, stack.stack_id, left)
            else:
                layout.put_resource(at.tx, stack.stack_id, _replace(resource, before=None))
        layout.delete_blueprint(at.tx, stack.stack_id, layout.NEXT)
        journal.move_stack(at, now, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")

    await here.transact(step)


def _touched(here: Here, stack: Stack) -> dict[str, Resource]:
    found = here.read(lambda at: layout.resources(at.tx, stack.stack_id))
    marks = (stack.operation, f"{stack.operation}/back")
    return {name: resource for name, resource in found.items() if resource.operation in marks}


async def _cleanup(here: Here, stack: Stack) -> None:
    job = _job(here, stack, layout.CURRENT, f"{stack.operation}/clean")
    left = {f"{one.logical_id}/{one.made.suffix}": one
            for one in here.read(lambda at: layout.leftovers(at.tx, stack.stack_id))}  # fmt: skip
    graph = {
        key: {other for other, need in left.items() if need.logical_id in one.needs and other != key}
        for key, one in left.items()
    }
    await schedule.run(schedule.backwards(graph), lambda key: removal.clean(job, left[key]), stop_at_failure=False)
    await _move(here, stack, stack.status.replace("_CLEANUP_IN_PROGRESS", ""), updated=here.now())


async def _delete_all(here: Here, stack: Stack) -> set[str]:
    found = here.read(lambda at: layout.resources(at.tx, stack.stack_id))
    graph = {name: set(resource.needs) for name, resource in found.items()}
    blueprint = here.read(lambda at: layout.find_blueprint(at.tx, stack.stack_id))
    assert blueprint is not None
    job = steps.Job(here, stack, blueprint, stack.operation, graph)
    return await schedule.run(schedule.backwards(graph), lambda name: removal.remove(job, name), stop_at_failure=False)


async def _rollback(here: Here, stack: Stack) -> None:
    failed = await _delete_all(here, stack)
    if failed:
        await _move(here, stack, "ROLLBACK_FAILED", _listed("delete", failed))
    else:
        await _move(here, stack, "ROLLBACK_COMPLETE")


async def _delete(here: Here, stack: Stack) -> None:
    await _clean_up_first(here, stack)
    failed = await _delete_all(here, stack)
    if failed:
        await _move(here, stack, "DELETE_FAILED", _listed("delete", failed))
        return

    def step(at: Here) -> None:
        now = layout.find_stack(at.tx, stack.stack_id)
        if now is not None and now.operation == stack.operation:
            withdraw(at, now)
            journal.move_stack(at, now, "DELETE_COMPLETE", deleted=at.now())

    await here.transact(step)


async def _clean_up_first(here: Here, stack: Stack) -> None:
    """Leftovers of an update whose cleanup a delete interrupted."""
    left = here.read(lambda at: layout.leftovers(at.tx, stack.stack_id))
    blueprint = here.read(lambda at: layout.find_blueprint(at.tx, stack.stack_id))
    assert blueprint is not None
    job = steps.Job(here, stack, blueprint, stack.operation, {})
    for one in sorted(left, key=lambda one: one.order, reverse=True):
        await removal.clean(job, one)


PHASES: dict[str, Callable[[Here, Stack], Awaitable[None]]] = {
    "CREATE_IN_PROGRESS": _create,
    "ROLLBACK_IN_PROGRESS": _rollback,
    "UPDATE_IN_PROGRESS": _update,
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": _cleanup,
    "UPDATE_ROLLBACK_IN_PROGRESS": _update_rollback,
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": _cleanup,
    "DELETE_IN_PROGRESS": _delete,
}
