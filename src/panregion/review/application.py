"""What is reviewed: every resource that the templates make in each region, with its properties evaluated.

Properties come from a file that somebody wrote, and a mark may stand where a number ought to be. So they are only
read through `at`, `text`, `number`, `maps` and `flag`, which give None or nothing for what is not of that form.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from panregion.services.cloudformation.template import Template


@dataclass(frozen=True)
class Objectives:
    """What was promised: recovery time and recovery point in seconds, None where nothing was."""

    rto_s: float | None = None
    rpo_s: float | None = None


@dataclass(frozen=True, eq=False)
class Resource:
    """One resource in one region."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    stack: "Stack"

    @property
    def region(self) -> str:
        return self.stack.region

    def at(self, *path: str) -> Any:
        """The value there, None where it is not."""
        return at(self.properties, *path)

    def text(self, *path: str) -> str | None:
        """The text there; a number is text, too, as CloudFormation has it."""
        return as_text(self.at(*path))

    def number(self, *path: str) -> float | None:
        return as_number(self.at(*path))

    def maps(self, *path: str) -> list[dict[str, Any]]:
        """The maps in the list there, or the one map."""
        return as_maps(self.at(*path))

    def __repr__(self) -> str:
        return f"{self.logical_id}@{self.region}"


@dataclass(frozen=True, eq=False)
class Stack:
    """A template in a region: what it makes there."""

    path: Path
    region: str
    template: Template
    resources: dict[str, Resource] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    """Parameters without a value."""


@dataclass(frozen=True, eq=False)
class Application:
    """All stacks in all regions, and the world that they are for."""

    stacks: tuple[Stack, ...]
    regions: tuple[str, ...]
    """The world's, the first one first."""
    account_id: str = "000000000000"
    objectives: Objectives = Objectives()
    health_check_scale: float = 1.0

    @cached_property
    def resources(self) -> list[Resource]:
        return [resource for stack in self.stacks for resource in stack.resources.values()]

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Every resource of these CloudFormation types, in the order of stacks and templates."""
        return (resource for resource in self.resources if resource.type in types)

    def home(self, preferred: str) -> str:
        """Where a global service's control plane is: on AWS `preferred`, in a world without it the first region."""
        return preferred if preferred in self.regions else self.regions[0]


def at(value: Any, *path: str) -> Any:
    for step in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def as_text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value)


def as_number(value: Any) -> float | None:
    """A finite number, also where it is written as text."""
    text = as_text(value)
    try:
        number = float(text) if text is not None else None
    except ValueError:
        return None
    return number if number is not None and abs(number) < 1e15 else None


def as_maps(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_texts(value: Any) -> list[str]:
    """The texts in the list, or the one text."""
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def is_true(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.lower() == "true")
