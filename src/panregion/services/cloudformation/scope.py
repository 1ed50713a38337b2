"""What the names of one stack's template mean, at one moment: parameters, conditions, resources, exports."""

from collections.abc import Callable, Mapping
from typing import Any

from panregion.services.cloudformation import layout
from panregion.services.cloudformation.errors import ValidationError
from panregion.services.cloudformation.intrinsics import NO_VALUE, Scope, truth
from panregion.services.cloudformation.model import Blueprint, Made, Stack
from panregion.services.cloudformation.template import Template, unresolved
from panregion.services.here import Here

ZONES = "abc"

FindMade = Callable[[str], Made | None]


def pseudo_parameters(here: Here, stack: Stack) -> dict[str, Any]:
    return {
        "AWS::AccountId": here.account_id,
        "AWS::NotificationARNs": stack.notification_arns,
        "AWS::Partition": "aws",
        "AWS::Region": here.region,
        "AWS::StackId": stack.stack_id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
    }


def template_of(blueprint: Blueprint) -> Template:
    return Template(blueprint.body, blueprint.text)


def scope_of(here: Here, stack: Stack, blueprint: Blueprint, find: FindMade) -> Scope:
    """`find` gives what exists of a logical id."""
    template = template_of(blueprint)
    values = {**blueprint.resolved, **pseudo_parameters(here, stack)}
    return Scope(
        values=values,
        mappings=template.block("Mappings"),
        conditions=conditions(template.block("Conditions"), values, template.block("Mappings")),
        resource=lambda name: _physical_id(name, find),
        attribute=lambda name, attribute: _attribute(name, attribute, template, find),
        export=lambda name: _exported(here, name),
        zones=lambda region: [f"{region}{zone}" for zone in ZONES],
    )


def conditions(
    declared: Mapping[str, Any], values: Mapping[str, Any], mappings: Mapping[str, Any]
) -> Callable[[str], bool]:
    """Conditions by name, each evaluated when it is first asked for."""
    known: dict[str, bool] = {}

    def holds(name: str) -> bool:
        if name not in known:
            if name not in declared:
                raise ValidationError(f"Template error: condition {name} is not defined")
            known[name] = truth(declared[name], scope)
        return known[name]

    scope = Scope(
        values=values,
        mappings=mappings,
        conditions=holds,
        zones=lambda region: [f"{region}{zone}" for zone in ZONES],
    )
    return holds


def _physical_id(name: str, find: FindMade) -> str:
    made = find(name)
    if made is None or made.physical_id is None:
        raise unresolved([name], "Resources")
    return made.physical_id


def _attribute(name: str, attribute: str, template: Template, find: FindMade) -> Any:
    made = find(name)
    if made is None:
        raise ValidationError(f"Template error: instance of Fn::GetAtt references undefined resource {name}")
    if attribute in made.attributes:
        return made.attributes[attribute]
    value: Any = made.attributes
    for step in attribute.split("."):
        value = value.get(step, NO_VALUE) if isinstance(value, dict) else NO_VALUE
    if value is NO_VALUE:
        kind = template.resources.get(name, {}).get("Type", name)
        raise ValidationError(f"Requested attribute {attribute} does not exist in schema for {kind} ({name})")
    return value


def _exported(here: Here, name: str) -> str:
    export = here.read(lambda at: layout.find_export(at.tx, name))
    if export is None:
        raise ValidationError(f"No export named {name} found.")
    return export.value
