"""Refuses, before anything is created, what the region cannot make: unknown types and properties, capabilities."""

from collections.abc import Iterable, Mapping
from typing import Any

from panregion.services.cloudformation.errors import InsufficientCapabilitiesException, ValidationError
from panregion.services.cloudformation.template import Template
from panregion.services.stack import ResourceType

IAM_NAMES = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::Policy": None,  # its PolicyName is required and names nothing of the account's
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::AccessKey": None,
    "AWS::IAM::UserToGroupAddition": None,
}


def check_types(template: Template, known: Mapping[str, ResourceType]) -> None:
    unknown = {name: resource["Type"] for name, resource in template.resources.items() if resource["Type"] not in known}
    if not unknown:
        return
    where = "; ".join(
        f"{name} is {kind}{_at_line(template, 'Resources', name, 'Type')}" for name, kind in unknown.items()
    )
    raise ValidationError(
        f"Template format error: Unrecognized resource types: [{', '.join(sorted(set(unknown.values())))}]. {where}. "
        f"Types that exist here: {', '.join(sorted(known))}"
    )


def check_properties(template: Template, known: Mapping[str, ResourceType]) -> None:
    for name, resource in template.resources.items():
        properties = resource.get("Properties") or {}
        if len(properties) == 1 and next(iter(properties)).startswith("Fn::"):
            continue
        kind = known[resource["Type"]]
        for unknown in sorted(set(properties) - kind.properties):
            raise ValidationError(
                f"Encountered unsupported property {unknown}. Resource {name}"
                f"{_at_line(template, 'Resources', name, 'Properties', unknown)} is {kind.type_name}, which takes: "
                f"{', '.join(sorted(kind.properties))}"
            )
        for missing in sorted(kind.required - set(properties)):
            raise ValidationError(
                f"Properties validation failed for resource {name} with message: #: required key [{missing}] not found"
                f"{_at_line(template, 'Resources', name)}"
            )


def _at_line(template: Template, *path: str) -> str:
    line = template.line(*path)
    return "" if line is None else f" (line {line})"


def capabilities_needed(template: Template) -> list[str]:
    kinds = {resource["Type"] for resource in template.resources.values()} & set(IAM_NAMES)
    if not kinds:
        return []
    for resource in template.resources.values():
        name = IAM_NAMES.get(resource["Type"])
        if name and name in (resource.get("Properties") or {}):
            return ["CAPABILITY_NAMED_IAM"]
    return ["CAPABILITY_IAM"]


def capability_reason(template: Template) -> str | None:
    kinds = sorted({resource["Type"] for resource in template.resources.values()} & set(IAM_NAMES))
    return f"The following resource(s) require capabilities: [{', '.join(kinds)}]" if kinds else None


def check_capabilities(template: Template, given: Iterable[str], transforms: Iterable[str] = ()) -> None:
    """`transforms` are those that must be agreed to: with CreateStack and UpdateStack, not with change sets."""
    acknowledged = set(given)
    if "CAPABILITY_NAMED_IAM" in acknowledged:
        acknowledged.add("CAPABILITY_IAM")
    needed: list[Any] = capabilities_needed(template) + (["CAPABILITY_AUTO_EXPAND"] if list(transforms) else [])
    missing = [capability for capability in needed if capability not in acknowledged]
    if missing:
        raise InsufficientCapabilitiesException(f"Requires capabilities : [{', '.join(missing)}]")
