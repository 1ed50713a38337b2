"""Finding stacks, and what create, update and change sets share about them."""

from typing import Any, TypeVar

import msgspec

from panregion.services.cloudformation import describe, journal, layout
from panregion.services.cloudformation.errors import ValidationError
from panregion.services.cloudformation.model import UPDATABLE, Blueprint, Frozen, Stack
from panregion.services.here import Here

_Value = TypeVar("_Value", bound=Frozen)


def applied(value: _Value, **changes: Any) -> _Value:
    """The value with changes."""
    return msgspec.structs.replace(value, **changes)


def no_stack(name: str) -> ValidationError:
    return ValidationError(f"Stack with id {name} does not exist")


def require_stack(at: Here, name_or_id: str) -> Stack:
    found = layout.find_stack(at.tx, name_or_id)
    if found is None:
        raise no_stack(name_or_id)
    return found


def require_updatable(stack: Stack) -> None:
    if stack.status == "DELETE_COMPLETE":
        raise no_stack(stack.name)
    if stack.status not in UPDATABLE:
        raise ValidationError(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")


def previous_blueprint(here: Here, stack: Stack) -> Blueprint | None:
    return here.read(lambda at: layout.find_blueprint(at.tx, stack.stack_id))


def new_stack(at: Here, name: str, blueprint: Blueprint | None, status: str = "") -> Stack:
    """A stack that is not yet kept."""
    stack_id = at.arn("cloudformation", f"stack/{name}/{at.world.chance.uuid()}")
    stack = Stack(stack_id=stack_id, name=name, status=status, created=at.now(), operation="")
    return stack if blueprint is None else described(stack, blueprint)


def described(stack: Stack, blueprint: Blueprint) -> Stack:
    """The stack with what DescribeStacks shows of its blueprint."""
    shown, looked_up = describe.shown_parameters(blueprint)
    return applied(
        stack,
        description=blueprint.body.get("Description"),
        parameters=shown,
        resolved_parameters=looked_up,
        capabilities=blueprint.capabilities,
        tags=blueprint.tags,
        notification_arns=blueprint.notification_arns,
    )


def begin_update(at: Here, stack: Stack, blueprint: Blueprint, **changes: Any) -> None:
    layout.put_blueprint(at.tx, stack.stack_id, blueprint, layout.NEXT)
    journal.begin(at, described(stack, blueprint), "UPDATE_IN_PROGRESS", updated=at.now(), skip=[], **changes)
