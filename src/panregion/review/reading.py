"""From template files to an Application: transforms, parameters, conditions and functions worked out per region.

Nothing runs and nothing is asked but the SAM translator, in its child process. What only a deployment could know stays
a mark (symbols.py): a resource's id, a parameter without a value, an export of another stack.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panregion.review.application import Application, Objectives, Resource, Stack
from panregion.review.local_files import without_local_files
from panregion.review.symbols import UNKNOWN, mark
from panregion.services.cloudformation import foreach, parameters, reader, sam
from panregion.services.cloudformation.errors import ValidationError
from panregion.services.cloudformation.intrinsics import NO_VALUE, Scope, evaluate, function_of
from panregion.services.cloudformation.references import names_in
from panregion.services.cloudformation.scope import ZONES, conditions
from panregion.services.cloudformation.template import PSEUDO, Template, parse, transforms_of
from panregion.world import WorldSettings


@dataclass(frozen=True)
class Asked:
    """A template file, and where it is deployed."""

    path: Path
    regions: tuple[str, ...]
    stack: str
    parameters: Mapping[str, str]


async def read_application(settings: WorldSettings, asked: Sequence[Asked], objectives: Objectives) -> Application:
    """Every template in every region that it is for. Raises ValidationError, and OSError for a file."""
    wanted = [(one, region) for one in asked for region in one.regions]
    stacks = await asyncio.gather(*(_stack(settings, one, region) for one, region in wanted))
    return Application(
        stacks=tuple(stacks),
        regions=settings.regions,
        account_id=settings.account_id,
        objectives=objectives,
        health_check_scale=settings.time.health_check_scale,
    )


async def _stack(settings: WorldSettings, asked: Asked, region: str) -> Stack:
    text = asked.path.read_text()
    body = reader.read(text)
    declared = body.get("Parameters") or {}
    if not isinstance(declared, dict):
        raise ValidationError("Template format error: Parameters must be an object")
    values, unknown = _values(declared, asked.parameters)
    body = await _transformed(body, values, asked.path.parent, region, settings.account_id)
    template = parse(text, body)
    stack = Stack(asked.path, region, template, unknown=unknown)
    scope = _scope(template, {**values, **_pseudo_parameters(settings, asked.stack, region)})
    for name, resource in template.live(scope.conditions).items():
        properties = evaluated(resource.get("Properties") or {}, scope)
        known = properties if isinstance(properties, dict) else {}
        stack.resources[name] = Resource(name, resource["Type"], known, stack)
    return stack


def _values(declared: Mapping[str, Any], given: Mapping[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Parameters with a value, and marks for the others; the names of those."""
    known = {name: one for name, one in declared.items() if _has_value(name, one, given)}
    texts = parameters.resolve(known, {name: value for name, value in given.items() if name in declared})
    values = {name: parameters.typed(known[name], text) for name, text in texts.items()}
    unknown = tuple(name for name in declared if name not in known)
    return {**values, **{name: mark(UNKNOWN + name) for name in unknown}}, unknown


def _has_value(name: str, declaration: Any, given: Mapping[str, str]) -> bool:
    if not isinstance(declaration, dict):
        raise ValidationError(f"Template format error: [/Parameters/{name}] 'Parameters' member must be an object")
    if not isinstance(declaration.get("Type"), str):
        raise ValidationError(
            f"Template format error: [/Parameters/{name}] Every Parameters object must contain a Type member."
        )
    if parameters.SSM_VALUE.fullmatch(declaration["Type"]):
        return False  # its value is in a parameter store that nobody asks here
    return name in given or "Default" in declaration


async def _transformed(
    body: dict[str, Any], values: Mapping[str, Any], folder: Path, region: str, account_id: str
) -> dict[str, Any]:
    for name in transforms_of(body):
        if name == foreach.TRANSFORM:
            body = foreach.expand(body, {"AWS::Region": region, "AWS::AccountId": account_id, **values})
        elif name == sam.TRANSFORM:
            body = await sam.translate_once(without_local_files(body, folder), values, region, account_id)
        else:
            raise ValidationError(f"Transform {name}: only AWS can run macros, so what it makes cannot be reviewed")
    return {key: value for key, value in body.items() if key != "Transform"}


def _pseudo_parameters(settings: WorldSettings, stack: str, region: str) -> dict[str, Any]:
    return {
        **{name: mark(UNKNOWN + name) for name in PSEUDO},
        "AWS::AccountId": settings.account_id,
        "AWS::NotificationARNs": [],
        "AWS::Partition": "aws",
        "AWS::Region": region,
        "AWS::StackName": stack,
        "AWS::URLSuffix": "amazonaws.com",
    }


def _scope(template: Template, values: Mapping[str, Any]) -> Scope:
    mappings = template.block("Mappings")
    return Scope(
        values=values,
        mappings=mappings,
        conditions=conditions(template.block("Conditions"), values, mappings),
        resource=mark,
        attribute=lambda name, attribute: mark(f"{name}.{attribute}"),
        export=lambda _name: mark(UNKNOWN + "an export"),
        zones=lambda region: [f"{region}{zone}" for zone in ZONES],
    )


def evaluated(value: Any, scope: Scope) -> Any:
    """The value with its functions replaced; where one cannot be worked out, marks for all that it names."""
    if isinstance(value, list):
        return _without_nothing(evaluated(item, scope) for item in value)
    if not isinstance(value, dict):
        return value
    try:
        call = function_of(value)
        if call is None:
            pairs = ((key, evaluated(item, scope)) for key, item in value.items())
            return {key: item for key, item in pairs if item is not NO_VALUE}
        if call[0] == "Fn::If":
            return evaluated(_taken(call[1], scope.conditions), scope)
        return evaluate(value, scope)
    except ValidationError:
        return "".join(mark(name) for name in names_in(value)) or mark(UNKNOWN)


def _without_nothing(items: Any) -> list[Any]:
    return [item for item in items if item is not NO_VALUE]


def _taken(argument: Any, holds: Callable[[str], bool]) -> Any:
    match argument:
        case [str(name), yes, no]:
            return yes if holds(name) else no
    raise ValidationError("Template error: Fn::If requires a list argument with the first element being a condition")
