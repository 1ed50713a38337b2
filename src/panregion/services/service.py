"""What a service is to the region that runs it: operations, and perhaps a data plane, work and resource types."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol, TypeVar

from panregion.services.here import Here
from panregion.services.stack import ResourceType
from panregion.store import Transaction
from panregion.world import Handler, Request, Response

Function = TypeVar("Function", bound=Callable[..., Any])

WorkHandler = Callable[[Here, dict[str, Any]], Awaitable[None]]
"""Carries out one piece of work. At least once: it must be idempotent. Raising means: again later."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """What a service has going in a region: how to stop it, and perhaps paths below /_panregion/ and figures."""

    stop: Callable[[], Awaitable[None]]
    routes: Mapping[str, Handler] = field(default_factory=dict)
    """Path below /_panregion/ -> its handler."""
    health: Callable[[], dict[str, Any]] = dict
    """Figures for /_panregion/health."""


StartHook = Callable[[Here], Awaitable[Running]]
"""Called once when the region starts, before it serves. What operations need of it goes into `here.running`."""


class Plane(Protocol):
    """A data plane: takes the HTTP requests of the application's users."""

    def matches(self, here: Here, request: Request) -> bool:
        """Whether this request is for us. Called for every request that names no AWS service: cheap."""

    async def handle(self, here: Here, request: Request) -> Response:
        """Answer it. `here` has no transaction."""


Shortcut = Callable[[Here, bytes], bytes | None]
"""From a JSON request's body to its answer's, for an operation that only reads; None: ask the operation itself."""

StepShortcut = Callable[[Here, bytes], Callable[[Transaction], bytes] | None]
"""As a Shortcut, for an operation that writes: from a JSON request's body to what is to be done in a transaction."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """One AWS service in one region. `name` is botocore's name of it.

    `internal` holds operations that AWS does not have and other regions call as `panregion:Name`. `shortcuts` and
    `steps` are by the operation's name, for the few that are asked more often than all others.
    """

    name: str
    api: ModuleType
    internal: ModuleType | None = None
    shortcuts: Mapping[str, Shortcut] = field(default_factory=dict)
    steps: Mapping[str, StepShortcut] = field(default_factory=dict)
    plane: Plane | None = None
    work: Mapping[str, WorkHandler] = field(default_factory=dict)
    resources: Mapping[str, ResourceType] = field(default_factory=dict)
    start: StartHook | None = None


def reads(operation: Function) -> Function:
    """Mark a plain operation that never writes: it runs at once, on what is committed."""
    operation.__dict__["reads"] = True
    return operation


def is_read(operation: Callable[..., Any]) -> bool:
    """Whether the operation was marked by `reads`."""
    return "reads" in operation.__dict__
