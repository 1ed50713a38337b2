"""What resource types see of the region: requests whose scalars are of the type that the operation wants.

CloudFormation is loose about scalars (a parameter is always text, `Port: 80` may be meant for a text property) and
converts by the resource's schema. Here the conversion is by the operation's model, at the moment of the request.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from panregion.services.cloudformation.parameters import as_text
from panregion.services.here import Here, Params
from panregion.services.stack import ResourceType
from panregion.wire.errors import UnknownOperationException
from panregion.wire.model import Shape, service_model
from panregion.world import HttpClient

_NUMBERS = {"integer": int, "long": int, "float": float, "double": float}


@dataclass(frozen=True)
class _Coercing:
    """A Dispatch that converts and passes on."""

    inner: Any

    @property
    def resource_types(self) -> Mapping[str, ResourceType]:
        return self.inner.resource_types  # type: ignore[no-any-return]

    def call(self, here: Here, service: str, operation: str, params: Params) -> Params:
        return self.inner.call(here, service, operation, convert(service, operation, params))  # type: ignore[no-any-return]

    async def request(self, here: Here, service: str, operation: str, params: Params) -> Params:
        return await self.inner.request(here, service, operation, convert(service, operation, params))  # type: ignore[no-any-return]

    async def request_elsewhere(self, here: Here, service: str, operation: str, params: Params, region: str) -> Params:
        converted = convert(service, operation, params)
        return await self.inner.request_elsewhere(here, service, operation, converted, region)  # type: ignore[no-any-return]

    def client(self, site: str) -> HttpClient:
        return self.inner.client(site)  # type: ignore[no-any-return]


def coerced(here: Here) -> Here:
    return replace(here, dispatch=_Coercing(here.dispatch))


def convert(service: str, operation: str, params: Params) -> Params:
    """`params` with scalars as the operation's model has them; what the model does not know stays as it is."""
    try:
        shape = service_model(service).operation(operation).input
    except UnknownOperationException:
        return params
    return params if shape is None else as_shape(params, shape)


def as_shape(value: Any, shape: Shape) -> Any:
    if shape.type == "structure" and isinstance(value, dict):
        return {name: as_shape(item, shape.members[name]) if name in shape.members else item
                for name, item in value.items()}  # fmt: skip
    if shape.type == "list" and isinstance(value, list):
        return [as_shape(item, shape.member) for item in value]
    if shape.type == "map" and isinstance(value, dict):
        return {name: as_shape(item, shape.value) for name, item in value.items()}
    return _scalar(value, shape.type)


def _scalar(value: Any, kind: str) -> Any:
    if kind == "string" and isinstance(value, bool | int | float):
        return as_text(value)
    if not isinstance(value, str):
        return value
    if kind == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind in _NUMBERS:
        try:
            return _NUMBERS[kind](value)
        except ValueError:
            return value
    return value
