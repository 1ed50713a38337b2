"""AWS CloudFormation: stacks. Change sets are in change_sets.py, templates and exports in queries.py.

What creates or updates is asynchronous: a template may have to be fetched, transformed or asked about. Every
change of state is one transaction at the end, which checks again that the stack is still in the state that was seen.
"""

# ruff: noqa: ARG001 - members that clients send and that change nothing here

from typing import Any

from panregion.services.cloudformation import check, intake, journal, layout, plan, reader
from panregion.services.cloudformation.change_sets import (
    create_change_set,
    delete_change_set,
    describe_change_set,
    execute_change_set,
    list_change_sets,
)
from panregion.services.cloudformation.errors import AlreadyExistsException, ValidationError
from panregion.services.cloudformation.model import Blueprint
from panregion.services.cloudformation.outputs import refuse_all_used
from panregion.services.cloudformation.queries import (
    describe_account_limits,
    describe_stack_events,
    describe_stack_resource,
    describe_stack_resources,
    describe_stacks,
    get_stack_policy,
    get_template,
    get_template_summary,
    list_exports,
    list_imports,
    list_stack_resources,
    list_stacks,
    validate_template,
)
from panregion.services.cloudformation.scope import template_of
from panregion.services.cloudformation.stacks import (
    applied,
    begin_update,
    new_stack,
    no_stack,
    previous_blueprint,
    require_stack,
    require_updatable,
)
from panregion.services.cloudformation.template import transforms_of
from panregion.services.here import Here

__all__ = [
    "cancel_update_stack",
    "continue_update_rollback",
    "create_change_set",
    "create_stack",
    "delete_change_set",
    "delete_stack",
    "describe_account_limits",
    "describe_change_set",
    "describe_stack_events",
    "describe_stack_resource",
    "describe_stack_resources",
    "describe_stacks",
    "execute_change_set",
    "get_stack_policy",
    "get_template",
    "get_template_summary",
    "list_change_sets",
    "list_exports",
    "list_imports",
    "list_stack_resources",
    "list_stacks",
    "rollback_stack",
    "set_stack_policy",
    "update_stack",
    "update_termination_protection",
    "validate_template",
]


def cancel_update_stack(here: Here, stack_name: str, client_request_token: str | None = None) -> dict[str, Any]:
    stack = require_stack(here, stack_name)
    if stack.status != "UPDATE_IN_PROGRESS":
        raise ValidationError("CancelUpdateStack cannot be called from current stack status")
    layout.put_stack(here.tx, applied(stack, cancel_requested=True))
    return {}


def continue_update_rollback(
    here: Here,
    stack_name: str,
    resources_to_skip: list[str] | None = None,
    client_request_token: str | None = None,
) -> dict[str, Any]:
    stack = require_stack(here, stack_name)
    if stack.status != "UPDATE_ROLLBACK_FAILED":
        raise ValidationError(
            f"Stack:{stack.stack_id} is in {stack.status} state and can not continue update rollback."
        )
    # The same operation goes on: resources that are back already say so.
    for resource in layout.resources(here.tx, stack.stack_id).values():
        if resource.status == "UPDATE_FAILED":
            layout.put_resource(here.tx, stack.stack_id, applied(resource, done=False))
    journal.move_stack(here, stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated", skip=resources_to_skip or [])
    here.later(journal.ADVANCE, {"stack_id": stack.stack_id, "operation": stack.operation})
    return {}


async def create_stack(
    here: Here,
    stack_name: str,
    template_body: str | None = None,
    template_url: str | None = None,
    parameters: list[dict[str, Any]] | None = None,
    disable_rollback: bool | None = None,
    timeout_in_minutes: int | None = None,
    notification_arns: list[str] | None = None,
    capabilities: list[str] | None = None,
    role_arn: str | None = None,
    on_failure: str | None = None,
    stack_policy_body: str | None = None,
    tags: list[dict[str, str]] | None = None,
    client_request_token: str | None = None,
    enable_termination_protection: bool = False,
    retain_except_on_create: bool = False,
) -> dict[str, Any]:
    intake.check_stack_name(stack_name)
    if disable_rollback is not None and on_failure is not None:
        raise ValidationError("Only one of DisableRollback and OnFailure may be specified.")
    asked = intake.Asked(
        template_body=template_body,
        template_url=template_url,
        parameters=parameters,
        capabilities=capabilities,
        tags=tags,
        notification_arns=notification_arns,
    )
    repeated = here.read(lambda at: _repeated(at, stack_name, client_request_token))
    if repeated is not None:
        return {"StackId": repeated}
    blueprint = await intake.blueprint(here, asked, None, stack_name)
    _check_capabilities(blueprint)

    def step(at: Here) -> dict[str, Any]:
        _refuse_existing(at, stack_name)
        stack = applied(
            new_stack(at, stack_name, blueprint),
            disable_rollback=bool(disable_rollback),
            on_failure=on_failure or ("DO_NOTHING" if disable_rollback else "ROLLBACK"),
            timeout_minutes=timeout_in_minutes,
            role_arn=role_arn,
            policy=stack_policy_body,
            termination_protection=enable_termination_protection,
            retain_except_on_create=retain_except_on_create,
        )
        layout.put_blueprint(at.tx, stack.stack_id, blueprint)
        if client_request_token is not None:
            layout.put_token(at.tx, client_request_token, stack.stack_id)
        journal.begin(at, stack, "CREATE_IN_PROGRESS")
        return {"StackId": stack.stack_id}

    return await here.transact(step)


def _repeated(at: Here, stack_name: str, token: str | None) -> str | None:
    """The stack that the same request made before."""
    stack_id = layout.find_token(at.tx, token) if token else None
    found = layout.find_stack(at.tx, stack_id) if stack_id else None
    return found.stack_id if found is not None and found.name == stack_name else None


def _refuse_existing(at: Here, stack_name: str) -> None:
    if layout.find_stack(at.tx, stack_name) is not None:
        raise AlreadyExistsException(f"Stack [{stack_name}] already exists")


def _check_capabilities(blueprint: Blueprint) -> None:
    declared = transforms_of(reader.read(blueprint.text))
    check.check_capabilities(template_of(blueprint), blueprint.capabilities, declared)


def delete_stack(
    here: Here,
    stack_name: str,
    retain_resources: list[str] | None = None,
    role_arn: str | None = None,
    client_request_token: str | None = None,
    deletion_mode: str = "STANDARD",
) -> dict[str, Any]:
    stack = layout.find_stack(here.tx, stack_name)
    if stack is None or stack.status in ("DELETE_COMPLETE", "DELETE_IN_PROGRESS"):
        return {}
    if stack.termination_protection:
        raise ValidationError(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
    if retain_resources and stack.status != "DELETE_FAILED":
        raise ValidationError(
            "Invalid operation on stack [" + stack.stack_id + "]. RetainResources may only be given in DELETE_FAILED"
        )
    refuse_all_used(here, stack)
    if stack.status in ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"):
        raise ValidationError(f"Stack [{stack.stack_id}] cannot be deleted while in status {stack.status}")
    if layout.find_blueprint(here.tx, stack.stack_id) is None:  # in review: nothing was ever made
        journal.move_stack(here, stack, "DELETE_COMPLETE", "User Initiated", deleted=here.now())
        return {}
    everything = list(layout.resources(here.tx, stack.stack_id)) if deletion_mode == "FORCE_DELETE_STACK" else []
    journal.begin(here, stack, "DELETE_IN_PROGRESS", retain=retain_resources or everything)
    return {}


def rollback_stack(
    here: Here,
    stack_name: str,
    role_arn: str | None = None,
    client_request_token: str | None = None,
    retain_except_on_create: bool = False,
) -> dict[str, Any]:
    """Of a stack that failed and was told to stay as it is."""
    stack = require_stack(here, stack_name)
    if stack.status == "CREATE_FAILED":
        journal.begin(here, stack, "ROLLBACK_IN_PROGRESS")
    elif stack.status == "UPDATE_FAILED":  # the same operation goes on: it knows what it did
        journal.move_stack(here, stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
        here.later(journal.ADVANCE, {"stack_id": stack.stack_id, "operation": stack.operation})
    else:
        raise ValidationError(f"Stack:{stack.stack_id} is in {stack.status} state and can not be rolled back.")
    return {"StackId": stack.stack_id}


def set_stack_policy(
    here: Here, stack_name: str, stack_policy_body: str | None = None, stack_policy_url: str | None = None
) -> dict[str, Any]:
    """Kept and shown; panregion does not hold updates against it."""
    if stack_policy_url is not None:
        raise ValidationError("StackPolicyURL is not supported by panregion: give StackPolicyBody.")
    layout.put_stack(here.tx, applied(require_stack(here, stack_name), policy=stack_policy_body))
    return {}


async def update_stack(
    here: Here,
    stack_name: str,
    template_body: str | None = None,
    template_url: str | None = None,
    use_previous_template: bool = False,
    parameters: list[dict[str, Any]] | None = None,
    capabilities: list[str] | None = None,
    role_arn: str | None = None,
    stack_policy_body: str | None = None,
    notification_arns: list[str] | None = None,
    tags: list[dict[str, str]] | None = None,
    disable_rollback: bool | None = None,
    client_request_token: str | None = None,
) -> dict[str, Any]:
    asked = intake.Asked(
        template_body=template_body,
        template_url=template_url,
        use_previous_template=use_previous_template,
        parameters=parameters,
        capabilities=capabilities,
        tags=tags,
        notification_arns=notification_arns,
    )
    stack = here.read(lambda at: require_stack(at, stack_name))
    require_updatable(stack)
    blueprint = await intake.blueprint(here, asked, previous_blueprint(here, stack), stack.name)
    _check_capabilities(blueprint)
    planned = await plan.changes(here, stack, blueprint)
    if stack.status not in ("UPDATE_FAILED", "CREATE_FAILED") and await plan.nothing_changes(
        here, stack, blueprint, planned
    ):
        raise ValidationError("No updates are to be performed.")

    def step(at: Here) -> dict[str, Any]:
        now = require_stack(at, stack.stack_id)
        require_updatable(now)
        changes: dict[str, Any] = {"disable_rollback": bool(disable_rollback)}
        if stack_policy_body is not None:
            changes["policy"] = stack_policy_body
        if role_arn is not None:
            changes["role_arn"] = role_arn
        begin_update(at, now, blueprint, **changes)
        return {"StackId": stack.stack_id}

    return await here.transact(step)


def update_termination_protection(here: Here, enable_termination_protection: bool, stack_name: str) -> dict[str, Any]:
    stack = require_stack(here, stack_name)
    if stack.status == "DELETE_COMPLETE":
        raise no_stack(stack_name)
    layout.put_stack(here.tx, applied(stack, termination_protection=enable_termination_protection))
    return {"StackId": stack.stack_id}
