"""Finding services and operations by name, importing each service when it is first needed."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore import xform_name

from panregion.region.table import TABLE, Entry
from panregion.services import ResourceType, Service, is_read
from panregion.services.waiting import Foresight, foresight_of
from panregion.wire import REQUIRED, Argument, AwsError, UnknownOperationException

INTERNAL = "panregion:"
"""Before the name of an operation that AWS does not have, which regions ask of each other."""


class NotImplementedByPanregion(AwsError):
    """AWS has it, this world does not; the message names it."""

    status = 501
    code = "NotImplemented"


@dataclass(frozen=True)
class Operation:
    """One operation, ready to be run: the function, and how AWS's parameter names become its own."""

    service: str
    name: str
    function: Callable[..., Any]
    waits: bool
    """It is asynchronous: it waits on the world and has no transaction of its own."""
    reads: bool
    """It never writes."""
    parameters: Mapping[str, Any]
    """Names and defaults (inspect.Parameter.empty: none) of what the function takes beside `here`."""
    foresees: Foresight | None = None

    @classmethod
    def of(cls, service: str, name: str, function: Callable[..., Any]) -> "Operation":
        parameters = list(inspect.signature(function).parameters.values())[1:]
        waits = inspect.iscoroutinefunction(function)
        defaults = {parameter.name: parameter.default for parameter in parameters}
        return cls(service, name, function, waits, is_read(function), defaults, foresight_of(function))

    def argument(self, member: str) -> Argument | None:
        """What the function calls one of AWS's parameters, and its default; None where it does not take it."""
        name = _snake(member)
        if name not in self.parameters:
            return None
        default = self.parameters[name]
        return Argument(name, REQUIRED if default is inspect.Parameter.empty else default)

    def arguments(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """AWS's parameters under the function's names. Raises NotImplementedByPanregion for one it does not take."""
        arguments = {}
        for member, value in params.items():
            name = _snake(member)
            if name not in self.parameters:
                raise NotImplementedByPanregion(
                    f"panregion's {self.service} {self.name} does not support the parameter {member}"
                )
            arguments[name] = value
        return arguments


class Catalogue:
    """All services of a region, by name."""

    def __init__(self, table: Mapping[str, Entry] = TABLE) -> None:
        self._table = table
        self._services: dict[str, Service] = {}
        self._operations: dict[tuple[str, str], Operation] = {}

    @property
    def names(self) -> list[str]:
        return sorted(self._table)

    def entry(self, name: str) -> Entry | None:
        return self._table.get(name)

    def require(self, name: str) -> Entry:
        """The service's line. Raises NotImplementedByPanregion, which names the services that exist."""
        entry = self._table.get(name)
        if entry is None:
            listed = ", ".join(self.names)
            raise NotImplementedByPanregion(f"panregion does not have the service {name}; it has {listed}")
        return entry

    def service(self, name: str) -> Service:
        """The service of that name. Raises NotImplementedByPanregion."""
        found = self._services.get(name)
        if found is None:
            found = self._services[name] = importlib.import_module(self.require(name).module).SERVICE
        return found

    def operation(self, service: str, name: str) -> Operation:
        """The operation of that name. Raises NotImplementedByPanregion, UnknownOperationException."""
        found = self._operations.get((service, name))
        if found is None:
            found = self._operations[service, name] = self._find(service, name)
        return found

    def _find(self, service: str, name: str) -> Operation:
        home = self.service(service)
        module = home.internal if name.startswith(INTERNAL) else home.api
        function = getattr(module, xform_name(name.removeprefix(INTERNAL)), None)
        if function is None and name.startswith(INTERNAL):
            raise UnknownOperationException(f"{service} has no internal operation {name}")
        if function is None:
            raise NotImplementedByPanregion(f"panregion's {service} does not have the operation {name}")
        return Operation.of(service, name, function)

    def having(self, kind: str) -> list[Service]:
        """The services whose table line has `plane`, `start` or `stack`."""
        return [self.service(name) for name, entry in self._table.items() if getattr(entry, kind)]

    @cached_property
    def resource_types(self) -> dict[str, ResourceType]:
        """CloudFormation's resource types, by type name."""
        return {name: kind for service in self.having("stack") for name, kind in service.resources.items()}


_SNAKE: dict[str, str] = {}


def _snake(member: str) -> str:
    name = _SNAKE.get(member)
    if name is None:
        name = _SNAKE[member] = xform_name(member)
    return name
