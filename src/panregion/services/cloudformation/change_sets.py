"""Change sets: an update, or a creation, that is looked at before it is executed."""

# ruff: noqa: ARG001 - members that clients send and that change nothing here

from typing import Any

from panregion.services.cloudformation import check, describe, intake, journal, layout, plan
from panregion.services.cloudformation.errors import (
    AlreadyExistsException,
    ChangeSetNotFound,
    InvalidChangeSetStatus,
    ValidationError,
)
from panregion.services.cloudformation.model import Blueprint, Change, ChangeSet, Stack
from panregion.services.cloudformation.scope import template_of
from panregion.services.cloudformation.stacks import (
    applied,
    begin_update,
    described,
    new_stack,
    previous_blueprint,
    require_stack,
    require_updatable,
)
from panregion.services.here import Here
from panregion.services.service import reads

IN_REVIEW = "REVIEW_IN_PROGRESS"
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


async def create_change_set(
    here: Here,
    stack_name: str,
    change_set_name: str,
    template_body: str | None = None,
    template_url: str | None = None,
    use_previous_template: bool = False,
    parameters: list[dict[str, Any]] | None = None,
    capabilities: list[str] | None = None,
    role_arn: str | None = None,
    notification_arns: list[str] | None = None,
    tags: list[dict[str, str]] | None = None,
    client_token: str | None = None,
    description: str | None = None,
    change_set_type: str = "UPDATE",
    on_stack_failure: str | None = None,
    include_nested_stacks: bool = False,
) -> dict[str, Any]:
    """What is wrong with the request is raised; what is wrong with the change becomes the change set's status."""
    stack = _target(here, stack_name, change_set_name, change_set_type)
    asked = intake.Asked(
        template_body=template_body,
        template_url=template_url,
        use_previous_template=use_previous_template,
        parameters=parameters,
        capabilities=capabilities,
        tags=tags,
        notification_arns=notification_arns,
    )
    previous = previous_blueprint(here, stack)
    blueprint, changes, reason = await _prepared(here, asked, stack, previous)
    shown, looked_up = describe.shown_parameters(blueprint) if blueprint else ({}, {})

    def step(at: Here) -> dict[str, Any]:
        target = _kept(at, stack)
        made = ChangeSet(
            change_set_id=at.arn("cloudformation", f"changeSet/{change_set_name}/{at.world.chance.uuid()}"),
            name=change_set_name,
            stack_id=target.stack_id,
            stack_name=target.name,
            kind=change_set_type,
            status="FAILED" if reason else "CREATE_COMPLETE",
            execution="UNAVAILABLE" if reason else "AVAILABLE",
            created=at.now(),
            changes=changes,
            reason=reason,
            description=description,
            shown_parameters=shown,
            resolved_parameters=looked_up,
            capabilities=capabilities or [],
            tags=blueprint.tags if blueprint else {},
            notification_arns=notification_arns or [],
            role_arn=role_arn,
            on_failure=on_stack_failure,
            include_nested=include_nested_stacks,
        )
        layout.put_change_set(at.tx, made, blueprint)
        return {"Id": made.change_set_id, "StackId": target.stack_id}

    return await here.transact(step)


def _target(here: Here, stack_name: str, change_set_name: str, kind: str) -> Stack:
    """The stack that it is for. Raises where there is none, or no such change set can be made for it."""
    if kind == "CREATE":
        intake.check_stack_name(stack_name)
    if kind not in ("CREATE", "UPDATE"):
        raise ValidationError(f"ChangeSetType {kind} is not supported by panregion.")
    stack = here.read(lambda at: _stack(at, stack_name, kind))
    if here.read(lambda at: layout.find_change_set(at.tx, stack.stack_id, change_set_name)) is not None:
        raise AlreadyExistsException(f"ChangeSet {change_set_name} already exists")
    return stack


def _stack(at: Here, stack_name: str, kind: str) -> Stack:
    """A new one for CREATE, unless one is in review already."""
    stack = layout.find_stack(at.tx, stack_name)
    if kind == "UPDATE":
        stack = require_stack(at, stack_name)
        if stack.status == IN_REVIEW:
            raise ValidationError(f"Stack [{stack.name}] does not exist")
        require_updatable(stack)
        return stack
    if stack is None:
        return new_stack(at, stack_name, None, IN_REVIEW)
    if stack.status != IN_REVIEW:
        raise ValidationError(f"Stack [{stack.name}] already exists and cannot be created again with the changeSet")
    return stack


def _kept(at: Here, stack: Stack) -> Stack:
    if stack.status != IN_REVIEW:
        return require_stack(at, stack.stack_id)
    found = layout.find_stack(at.tx, stack.name)
    return journal.move_stack(at, stack, IN_REVIEW, "User Initiated") if found is None else found


async def _prepared(
    here: Here, asked: intake.Asked, stack: Stack, previous: Blueprint | None
) -> tuple[Blueprint | None, list[Change], str | None]:
    """The blueprint and its changes, or why there is nothing to execute."""
    body = await intake.template_text(here, asked, previous)
    try:
        blueprint = await intake.blueprint(here, asked, previous, stack.name)
        check.check_capabilities(template_of(blueprint), blueprint.capabilities)
        changes = await plan.changes(here, stack, blueprint)
        if stack.status != IN_REVIEW and await plan.nothing_changes(here, stack, blueprint, changes):
            return blueprint, changes, NO_CHANGES
    except ValidationError as error:
        if not intake.is_transformed(body):
            raise
        return None, [], error.message
    return blueprint, changes, None


def _require(at: Here, name_or_id: str, stack_name: str | None) -> ChangeSet:
    found = None
    if name_or_id.startswith("arn:"):
        found = next((one for one in layout.all_change_sets(at.tx) if one.change_set_id == name_or_id), None)
    elif stack_name is None:
        raise ValidationError("StackName must be specified if ChangeSetName is not specified as an ARN.")
    else:
        stack = require_stack(at, stack_name)
        found = layout.find_change_set(at.tx, stack.stack_id, name_or_id)
    if found is None:
        raise ChangeSetNotFound(f"ChangeSet [{name_or_id}] does not exist")
    return found


def delete_change_set(here: Here, change_set_name: str, stack_name: str | None = None) -> dict[str, Any]:
    found = _require(here, change_set_name, stack_name)
    layout.delete_change_set(here.tx, found)
    return {}


@reads
def describe_change_set(
    here: Here,
    change_set_name: str,
    stack_name: str | None = None,
    next_token: str | None = None,
    include_property_values: bool = False,
) -> dict[str, Any]:
    return describe.change_set(_require(here, change_set_name, stack_name))


def execute_change_set(
    here: Here,
    change_set_name: str,
    stack_name: str | None = None,
    client_request_token: str | None = None,
    disable_rollback: bool | None = None,
    retain_except_on_create: bool = False,
) -> dict[str, Any]:
    found = _require(here, change_set_name, stack_name)
    if found.execution != "AVAILABLE":
        raise InvalidChangeSetStatus(
            f"ChangeSet [{found.change_set_id}] cannot be executed in its current status of [{found.status}]"
        )
    blueprint = layout.find_change_blueprint(here.tx, found)
    assert blueprint is not None, f"change set {found.change_set_id} has no blueprint"
    stack = require_stack(here, found.stack_id)
    changes: dict[str, Any] = {"change_set_id": found.change_set_id, "disable_rollback": bool(disable_rollback)}
    if found.role_arn is not None:
        changes["role_arn"] = found.role_arn
    for other in layout.change_sets(here.tx, stack.stack_id):  # they were made of a state that passes now
        layout.delete_change_set(here.tx, other)
    layout.put_change_set(here.tx, applied(found, execution="EXECUTE_COMPLETE"))
    if found.kind == "UPDATE":
        require_updatable(stack)
        begin_update(here, stack, blueprint, **changes)
    else:
        _begin_create(here, stack, blueprint, found, changes)
    return {}


def _begin_create(at: Here, stack: Stack, blueprint: Blueprint, found: ChangeSet, changes: dict[str, Any]) -> None:
    on_failure = found.on_failure or ("DO_NOTHING" if changes["disable_rollback"] else "ROLLBACK")
    layout.put_blueprint(at.tx, stack.stack_id, blueprint)
    journal.begin(at, described(stack, blueprint), "CREATE_IN_PROGRESS", on_failure=on_failure, **changes)


@reads
def list_change_sets(here: Here, stack_name: str, next_token: str | None = None) -> dict[str, Any]:
    stack = require_stack(here, stack_name)
    return {"Summaries": [describe.change_set_summary(one) for one in layout.change_sets(here.tx, stack.stack_id)]}
