"""One resource, one step: made, changed, replaced, put back, or deleted.

A step is recorded before it begins (with the suffix of the names that it will use) and after it ends (with the
physical id). After a crash in between it is simply taken again: resource types promise that creating twice with the
same context gives the same resource, and updates and deletes are repeatable. So a step has no other state.
"""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from panregion.services.cloudformation import dynamic, journal, layout
from panregion.services.cloudformation.coerce import coerced
from panregion.services.cloudformation.intrinsics import NO_VALUE, evaluate
from panregion.services.cloudformation.model import Blueprint, Leftover, Made, Resource, Stack
from panregion.services.cloudformation.scope import scope_of, template_of
from panregion.services.here import Here
from panregion.services.stack import NAME_SUFFIX_ALPHABET, NAME_SUFFIX_LENGTH, Context, ResourceType
from panregion.wire.errors import AwsError

_replace = msgspec.structs.replace
_CUSTOM_NAMED = (
    "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
    "Rename {} and update the stack again."
)
_NAMED_BY_MORE = {"AWS::Route53::RecordSet"}  # a name, a type and a set identifier


@dataclass(frozen=True)
class Job:
    """One operation on one stack. `mark` is written on the resources that it is finished with."""

    here: Here
    stack: Stack
    blueprint: Blueprint
    mark: str
    needs: dict[str, set[str]]

    def resource(self, name: str) -> Resource | None:
        return self.here.read(lambda at: layout.find_resource(at.tx, self.stack.stack_id, name))

    def kind(self, type_name: str) -> ResourceType:
        return self.here.resource_types[type_name]

    def context(self, name: str, made: Made) -> Context:
        return Context(
            stack_name=self.stack.name,
            stack_id=self.stack.stack_id,
            logical_id=name,
            suffix=made.suffix,
            tags=dict(self.blueprint.tags),
        )

    async def record(self, resource: Resource, status: str, reason: str | None = None, **changes: Any) -> Resource:
        """The resource in its next state, durably."""
        return await self.here.transact(
            lambda at: journal.move_resource(at, self.stack.stack_id, resource, status, reason, **changes)
        )


def made_now(job: Job) -> Callable[[str], Made | None]:
    """What exists of a logical id, as far as other resources may use it."""

    def find(name: str) -> Made | None:
        resource = job.resource(name)
        return None if resource is None else resource.made

    return find


async def wanted(job: Job, name: str, suffix: str) -> Made:
    """What the template says that a resource should be. Raises AwsError where it does not work out."""
    scope = scope_of(job.here, job.stack, job.blueprint, made_now(job))
    spec = template_of(job.blueprint).resources[name]
    properties = evaluate(spec.get("Properties") or {}, scope)
    return Made(
        suffix=suffix,
        properties=await dynamic.resolve(job.here, {} if properties is NO_VALUE else properties),
        metadata=spec.get("Metadata"),
        deletion_policy=str(evaluate(spec.get("DeletionPolicy", "Delete"), scope)),
        replace_policy=str(evaluate(spec.get("UpdateReplacePolicy", "Delete"), scope)),
    )


def replaces(kind: ResourceType, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether going from the old properties to the new takes another resource."""
    changed = changed_names(old, new)
    return bool(changed) and (kind.update is None or bool(changed & (kind.replaces_on | kind.replaces_if(old, new))))


def changed_names(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    return {name for name in {*old, *new} if old.get(name, NO_VALUE) != new.get(name, NO_VALUE)}


def custom_name(kind: ResourceType, physical_id: str | None, old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """The name that the user chose, if old and new resource would both have it: then neither can replace the other.

    A property is the resource's own name if it is `Name` or named after the type (TableName of a Table). Where what
    changes is itself a reference (the RestApiId of a Stage) the name belongs to another parent and is free there.
    """
    noun = kind.type_name.rsplit("::", 1)[-1]
    changed = changed_names(old, new)
    if kind.type_name in _NAMED_BY_MORE or any(name.endswith(("Id", "Arn", "Name")) for name in changed):
        return None
    for name, value in new.items():
        own = name == noun or (name.endswith("Name") and noun.endswith(name.removesuffix("Name")))
        if own and isinstance(value, str) and physical_id is not None and re.split("[:/]", physical_id)[-1] == value:
            return value
    return None


async def bring(job: Job, name: str) -> bool:
    """Make the resource what the template says. False when that failed, which is then recorded."""
    resource = job.resource(name)
    if resource is not None and resource.operation == job.mark and resource.done:
        return not resource.status.endswith("_FAILED")
    suffix = job.here.world.chance.token(NAME_SUFFIX_LENGTH, NAME_SUFFIX_ALPHABET)
    fresh = resource is None or (resource.made.physical_id is None and resource.before is None)
    try:
        made = await wanted(job, name, suffix)
    except AwsError as error:
        await _refuse(job, name, resource, "CREATE" if fresh else "UPDATE", error.message)
        return False
    if resource is None or fresh:
        return await _create(job, await _begin_create(job, name, resource, made))
    if resource.operation != job.mark:
        resource = await _begin_change(job, resource, made)
        if resource.done:
            return not resource.status.endswith("_FAILED")
    return await _change(job, resource)


async def _refuse(job: Job, name: str, resource: Resource | None, verb: str, reason: str) -> None:
    spec = template_of(job.blueprint).resources[name]
    if resource is None:
        resource = Resource(logical_id=name, type=spec["Type"], status="", made=Made(suffix=""), updated=0)
    before = resource.before if resource.operation == job.mark else _existing(resource)
    await job.record(resource, f"{verb}_FAILED", reason, operation=job.mark, done=True, before=before)


def _existing(resource: Resource) -> Made | None:
    return resource.made if resource.made.physical_id is not None else None


async def _begin_create(job: Job, name: str, resource: Resource | None, made: Made) -> Resource:
    if resource is not None and resource.begun and resource.operation == job.mark:
        return resource  # the step was begun before a crash: the same suffix, so the same resource

    def step(at: Here) -> Resource:
        others = layout.resources(at.tx, job.stack.stack_id).values()
        begun = Resource(
            logical_id=name,
            type=template_of(job.blueprint).resources[name]["Type"],
            status="CREATE_IN_PROGRESS",
            made=made,
            updated=at.now(),
            order=max((other.order for other in others), default=0) + 1,
            needs=sorted(job.needs[name]),
            operation=job.mark,
            begun=True,
        )
        return journal.move_resource(at, job.stack.stack_id, begun, "CREATE_IN_PROGRESS")

    return await job.here.transact(step)


async def _create(job: Job, resource: Resource) -> bool:
    made, reason = await made_by_create(job, resource.type, resource.logical_id, resource.made)

    def step(at: Here) -> bool:
        current = _replace(resource, made=made)
        if made.physical_id is not None:
            current = journal.move_resource(
                at, job.stack.stack_id, current, "CREATE_IN_PROGRESS", "Resource creation Initiated"
            )
        status = "CREATE_FAILED" if reason else "CREATE_COMPLETE"
        journal.move_resource(at, job.stack.stack_id, current, status, reason, done=True, begun=False)
        return reason is None

    return await job.here.transact(step)


async def made_by_create(job: Job, type_name: str, name: str, made: Made) -> tuple[Made, str | None]:
    """The resource as it came out, and why it failed if it did (it may exist all the same)."""
    kind, context = job.kind(type_name), job.context(name, made)
    try:
        physical_id = await kind.create(coerced(job.here), copy.deepcopy(made.properties), context)
        made = _replace(made, physical_id=physical_id)
        return await _with_attributes(job, kind, made), None
    except Exception as error:  # noqa: BLE001 - whatever a resource type raises fails the resource, not the region
        return made, reason_of(error, made.suffix)


async def _with_attributes(job: Job, kind: ResourceType, made: Made) -> Made:
    assert made.physical_id is not None
    found = await kind.attributes(coerced(job.here), made.physical_id, copy.deepcopy(made.properties))
    return _replace(made, attributes=found)


def reason_of(error: Exception, token: str) -> str:
    """Why a resource failed, in AWS's form."""
    if isinstance(error, AwsError):
        return (
            f'Resource handler returned message: "{error.message}" '
            f"(RequestToken: {token}, HandlerErrorCode: {_handler_code(error.code)})"
        )
    described = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return (
        f'Resource handler returned message: "{described}" (RequestToken: {token}, HandlerErrorCode: InternalFailure)'
    )


def _handler_code(code: str) -> str:
    if "Exist" in code and "Not" not in code and "NoSuch" not in code:
        return "AlreadyExists"
    if "NotFound" in code or "NoSuch" in code or "NonExistent" in code:
        return "NotFound"
    return "Throttling" if "Throttl" in code else "InvalidRequest"


async def _begin_change(job: Job, resource: Resource, made: Made) -> Resource:
    """Decide between leaving, changing and replacing, and record it."""
    old = resource.made
    kind = job.kind(resource.type)
    needs = sorted(job.needs[resource.logical_id])
    if not changed_names(old.properties, made.properties) and not resource.status.endswith("_FAILED"):
        kept = _replace(old, metadata=made.metadata, deletion_policy=made.deletion_policy,
                        replace_policy=made.replace_policy)  # fmt: skip
        silent = _replace(resource, made=kept, before=old, needs=needs, operation=job.mark, done=True, begun=False)
        return await job.here.transact(lambda at: layout.put_resource(at.tx, job.stack.stack_id, silent))
    replacing = replaces(kind, old.properties, made.properties)
    taken = custom_name(kind, old.physical_id, old.properties, made.properties) if replacing else None
    if taken is not None:
        return await job.record(
            resource, "UPDATE_FAILED", _CUSTOM_NAMED.format(taken), before=old, operation=job.mark, done=True
        )
    if not replacing:
        made = _replace(made, suffix=old.suffix, physical_id=old.physical_id, attributes=old.attributes)
        reason = None
    else:
        reason = "Requested update requires the creation of a new physical resource; hence creating one."
    return await job.record(
        resource, "UPDATE_IN_PROGRESS", reason,
        made=made, before=old, needs=needs, operation=job.mark, done=False, begun=True,
    )  # fmt: skip


async def _change(job: Job, resource: Resource) -> bool:
    before = resource.before
    assert before is not None
    if resource.made.suffix != before.suffix:
        made, reason = await made_by_create(job, resource.type, resource.logical_id, resource.made)
    else:
        made, reason = await _updated(job, resource, before, resource.made)
    status = "UPDATE_FAILED" if reason else "UPDATE_COMPLETE"
    await job.record(_replace(resource, made=made), status, reason, done=True, begun=False)
    return reason is None


async def _updated(job: Job, resource: Resource, old: Made, new: Made) -> tuple[Made, str | None]:
    kind = job.kind(resource.type)
    assert kind.update is not None
    assert old.physical_id is not None
    context = job.context(resource.logical_id, new)
    try:
        physical_id = await kind.update(
            coerced(job.here),
            old.physical_id,
            copy.deepcopy(old.properties),
            copy.deepcopy(new.properties),
            context,
        )
        new = _replace(new, physical_id=physical_id or old.physical_id)
        return await _with_attributes(job, kind, new), None
    except Exception as error:  # noqa: BLE001 - whatever a resource type raises fails the resource, not the region
        return new, reason_of(error, new.suffix)


async def put_back(job: Job, name: str) -> bool:
    """Undo what the failed update did to a resource that existed before it."""
    resource = job.resource(name)
    assert resource is not None
    before = resource.before
    if (resource.operation == job.mark and resource.done) or before is None:
        return not resource.status.endswith("_FAILED")
    if name in job.stack.skip:
        await job.record(resource, "UPDATE_COMPLETE", "Skipped", made=before, operation=job.mark, done=True)
        return True
    if resource.made.suffix == before.suffix and resource.made.properties == before.properties:
        status = "UPDATE_COMPLETE" if resource.status.endswith("_FAILED") else resource.status
        needs = sorted(job.needs[name])
        restored = _replace(resource, made=before, status=status, operation=job.mark, done=True, needs=needs)
        await job.here.transact(lambda at: layout.put_resource(at.tx, job.stack.stack_id, restored))
        return True
    if resource.operation != job.mark:
        resource = await job.record(resource, "UPDATE_IN_PROGRESS", operation=job.mark, done=False)
    if resource.made.suffix != before.suffix:
        return await _put_back_replaced(job, resource, before)
    made, reason = await _updated(job, resource, resource.made, before)
    status = "UPDATE_FAILED" if reason else "UPDATE_COMPLETE"
    current = _replace(resource, made=resource.made if reason else made)
    await job.record(current, status, reason, done=True, begun=False, needs=sorted(job.needs[name]))
    return reason is None


async def _put_back_replaced(job: Job, resource: Resource, before: Made) -> bool:
    """The old resource was never touched: the new one becomes the leftover."""

    def step(at: Here) -> None:
        if resource.made.physical_id is not None:
            left = leftover(resource, resource.made)
            layout.put_leftover(at.tx, job.stack.stack_id, left)
        needs = sorted(job.needs[resource.logical_id])
        journal.move_resource(
            at, job.stack.stack_id, resource, "UPDATE_COMPLETE", made=before, done=True, begun=False, needs=needs
        )

    await job.here.transact(step)
    return True


def leftover(resource: Resource, made: Made, *, removes: bool = False) -> Leftover:
    return Leftover(
        logical_id=resource.logical_id,
        type=resource.type,
        made=made,
        order=resource.order,
        needs=resource.needs,
        removes=removes,
    )
