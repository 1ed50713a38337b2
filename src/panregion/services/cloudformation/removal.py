"""Deleting: a stack's resources, and what an update left over."""

import copy

from panregion.services.cloudformation import journal, layout
from panregion.services.cloudformation.coerce import coerced
from panregion.services.cloudformation.model import Leftover, Made, Resource
from panregion.services.cloudformation.steps import Job, made_by_create, reason_of
from panregion.services.here import Here

GONE = ("DELETE_COMPLETE", "DELETE_SKIPPED")
CREATING = ("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS")


async def remove(job: Job, name: str) -> bool:
    """Delete one resource of a stack that is deleted or rolled back. False when that failed."""
    resource = job.resource(name)
    assert resource is not None
    if resource.status in GONE:
        return True
    rolls_back = job.stack.status in CREATING
    if name in job.stack.retain or kept(resource.made.deletion_policy, rolls_back=rolls_back):
        await job.record(resource, "DELETE_SKIPPED")
        return True
    if resource.status != "DELETE_IN_PROGRESS":
        made = await _whole(job, resource)
        resource = await job.record(resource, "DELETE_IN_PROGRESS", made=made)
    reason = await _delete(job, resource.type, name, resource.made)
    await job.record(resource, "DELETE_FAILED" if reason else "DELETE_COMPLETE", reason)
    return reason is None


def kept(policy: str, *, rolls_back: bool) -> bool:
    return policy == "Retain" or (policy == "RetainExceptOnCreate" and not rolls_back)


async def _whole(job: Job, resource: Resource) -> Made:
    """What there is to delete. A creation whose end was never recorded is repeated, to learn what it made."""
    if not resource.begun or resource.made.physical_id is not None:
        return resource.made
    made, _ = await made_by_create(job, resource.type, resource.logical_id, resource.made)
    return made


async def _delete(job: Job, type_name: str, name: str, made: Made) -> str | None:
    if made.physical_id is None:
        return None
    try:
        context = job.context(name, made)
        await job.kind(type_name).delete(coerced(job.here), made.physical_id, copy.deepcopy(made.properties), context)
    except Exception as error:  # noqa: BLE001 - whatever a resource type raises fails the resource, not the region
        return reason_of(error, made.suffix)
    return None


async def clean(job: Job, left: Leftover) -> bool:
    """Delete a leftover and forget it, whatever comes of it: an update does not fail by its cleanup."""
    policy = left.made.deletion_policy if left.removes else left.made.replace_policy
    if kept(policy, rolls_back="ROLLBACK" in job.stack.status):
        await _forget(job, left, "DELETE_SKIPPED", None)
        return True
    await job.here.transact(lambda at: _event(at, job, left, "DELETE_IN_PROGRESS", None))
    reason = await _delete(job, left.type, left.logical_id, left.made)
    await _forget(job, left, "DELETE_FAILED" if reason else "DELETE_COMPLETE", reason)
    return True


async def _forget(job: Job, left: Leftover, status: str, reason: str | None) -> None:
    def step(at: Here) -> None:
        _event(at, job, left, status, reason)
        layout.delete_leftover(at.tx, job.stack.stack_id, left)
        if left.removes:
            layout.delete_resource(at.tx, job.stack.stack_id, left.logical_id)

    await job.here.transact(step)


def _event(at: Here, job: Job, left: Leftover, status: str, reason: str | None) -> None:
    journal.add_event(at, job.stack.stack_id, left.logical_id, left.type, left.made, status, reason)
