"""Every change of a stack's state, each one transaction: the record, its event, and the work that goes on from it."""

from typing import Any

import msgspec

from panregion.services.cloudformation import layout
from panregion.services.cloudformation.model import BUSY, Event, Made, Resource, Stack
from panregion.services.here import Here

ADVANCE = "cloudformation.advance"
STACK_TYPE = "AWS::CloudFormation::Stack"


def move_stack(here: Here, stack: Stack, status: str, reason: str | None = None, **changes: Any) -> Stack:
    """The stack in its next state, with the event; goes on being worked on if the state says so."""
    moved = msgspec.structs.replace(stack, status=status, reason=reason, **changes)
    layout.put_stack(here.tx, moved)
    layout.add_event(
        here.tx,
        stack.stack_id,
        Event(
            event_id=here.world.chance.uuid(),
            logical_id=stack.name,
            physical_id=stack.stack_id,
            type=STACK_TYPE,
            status=status,
            at=here.now(),
            reason=reason,
        ),
    )
    return moved


def begin(here: Here, stack: Stack, status: str, reason: str | None = "User Initiated", **changes: Any) -> Stack:
    """A new operation on a stack: what worked on an earlier one stops."""
    assert status in BUSY
    operation = here.world.chance.uuid()
    moved = move_stack(here, stack, status, reason, operation=operation, cancel_requested=False, **changes)
    here.later(ADVANCE, {"stack_id": stack.stack_id, "operation": operation})
    return moved


def move_resource(
    here: Here, stack_id: str, resource: Resource, status: str, reason: str | None = None, **changes: Any
) -> Resource:
    """The resource in its next state, with the event."""
    moved = msgspec.structs.replace(resource, status=status, reason=reason, updated=here.now(), **changes)
    layout.put_resource(here.tx, stack_id, moved)
    add_event(here, stack_id, moved.logical_id, moved.type, moved.made, status, reason)
    return moved


def add_event(
    here: Here, stack_id: str, logical_id: str, kind: str, made: Made, status: str, reason: str | None = None
) -> None:
    layout.add_event(
        here.tx,
        stack_id,
        Event(
            event_id=f"{logical_id}-{status}-{here.world.chance.uuid()}",
            logical_id=logical_id,
            physical_id=made.physical_id or "",
            type=kind,
            status=status,
            at=here.now(),
            reason=reason,
            properties=msgspec.json.encode(made.properties).decode(),
        ),
    )
