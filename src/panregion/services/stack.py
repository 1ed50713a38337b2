"""What a service gives to CloudFormation: resource types, as operations on properties."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from panregion.services.here import Here

Properties = dict[str, Any]

NAME_SUFFIX_LENGTH = 12
NAME_SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, kw_only=True)
class Context:
    """Whose resource it is. `suffix` is drawn once per resource and kept, so that a repeated step finds its own."""

    stack_name: str
    stack_id: str
    logical_id: str
    suffix: str
    tags: dict[str, str] = field(default_factory=dict)

    def name(self, max_length: int = 64) -> str:
        """A physical name in CloudFormation's form, Stack-LogicalId-SUFFIX, shortened as it does."""
        room = max_length - len(self.suffix) - 2
        stack = self.stack_name[: max(room // 2, room - len(self.logical_id))]
        return f"{stack}-{self.logical_id[: room - len(stack)]}-{self.suffix}"


Create = Callable[[Here, Properties, Context], Awaitable[str]]
Delete = Callable[[Here, str, Properties, Context], Awaitable[None]]
Update = Callable[[Here, str, Properties, Properties, Context], Awaitable[str | None]]
Attributes = Callable[[Here, str, Properties], Awaitable[dict[str, Any]]]


async def no_attributes(_here: Here, _physical_id: str, _properties: Properties) -> dict[str, Any]:
    """For types of which Fn::GetAtt gives nothing."""
    return {}


ReplacesIf = Callable[[Properties, Properties], frozenset[str]]


def _nothing_else(_old: Properties, _new: Properties) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One CloudFormation resource type.

    `properties` are the names it accepts; a change of one in `replaces_on`, or any change when `update` is
    None, replaces the resource; `replaces_if` names those of which only some changes do. `create` returns the
    physical id (what Ref gives) once the resource is ready; a repeated `create` with the same context must return
    the same resource. `delete` of what is gone is fine. `update` returns the physical id if it changed.
    """

    type_name: str
    properties: frozenset[str]
    create: Create
    delete: Delete
    update: Update | None = None
    attributes: Attributes = no_attributes
    replaces_on: frozenset[str] = frozenset()
    replaces_if: ReplacesIf = _nothing_else
    required: frozenset[str] = frozenset()
