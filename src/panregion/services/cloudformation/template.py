"""A template that has been read: its blocks, and the checks that need nothing but the template.

The order of checks is AWS's: the form of each block, then names that lead nowhere, then cycles. What depends on
parameters (conditions, and so which resources exist) is asked of `Template.live`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from panregion.services.cloudformation import reader
from panregion.services.cloudformation.errors import ValidationError
from panregion.services.cloudformation.references import conditions_in, names_in, refuse_cycles

PSEUDO = frozenset(
    f"AWS::{name}"
    for name in (
        "AccountId", "NoValue", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix",
    )
)  # fmt: skip
_BLOCKS = frozenset(
    {
        "AWSTemplateFormatVersion", "Conditions", "Description", "Globals", "Hooks", "Mappings", "Metadata", "Outputs",
        "Parameters", "Resources", "Rules", "Transform",
    }
)  # fmt: skip
_RESOURCE_KEYS = frozenset(
    {
        "Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "Metadata",
        "UpdatePolicy", "CreationPolicy", "Description", "Version",
    }
)  # fmt: skip
_POLICIES = {"Delete", "Retain", "Snapshot", "RetainExceptOnCreate"}
_OUTPUT_KEYS = {"Value", "Description", "Export", "Condition"}
_NAME = re.compile(r"[A-Za-z0-9]+")
_RESOURCES_MAX = 500
TEXT_MAX = 1_000_000


@dataclass(frozen=True)
class Template:
    """The blocks of a template, each a dict that may be empty. Made by `parse`, which checks it."""

    body: Mapping[str, Any]
    text: str

    def block(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.body.get(name) or {}
        return found

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        return self.block("Resources")

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return self.block("Parameters")

    @property
    def outputs(self) -> dict[str, dict[str, Any]]:
        return self.block("Outputs")

    @property
    def transforms(self) -> list[str]:
        return transforms_of(self.body)

    def line(self, *path: str | int) -> int | None:
        return reader.line_of(self.text, path)

    def live(self, taken: Callable[[str], bool]) -> dict[str, dict[str, Any]]:
        """The resources whose condition holds."""
        return {
            name: resource
            for name, resource in self.resources.items()
            if "Condition" not in resource or taken(resource["Condition"])
        }

    def needs(self, taken: Callable[[str], bool]) -> dict[str, set[str]]:
        """For each live resource the live resources that must exist before it."""
        live = self.live(taken)
        missing: list[str] = []
        graph: dict[str, set[str]] = {}
        for name, resource in live.items():
            used = {used for used in names_in(resource.get("Properties"), taken) if used in self.resources}
            missing += [used for used in used if used not in live]
            graph[name] = {used for used in (*used, *depends_on(resource)) if used in live}
        if missing:
            raise unresolved(missing, "Resources")
        return graph


def transforms_of(body: Mapping[str, Any]) -> list[str]:
    declared = body.get("Transform") or []
    names = declared if isinstance(declared, list) else [declared]
    return [str(name.get("Name")) if isinstance(name, dict) else str(name) for name in names]


def depends_on(resource: Mapping[str, Any]) -> list[str]:
    named = resource.get("DependsOn") or []
    return [named] if isinstance(named, str) else list(named)


def unresolved(names: list[str], block: str) -> ValidationError:
    listed = ", ".join(sorted(set(names)))
    return ValidationError(
        f"Template format error: Unresolved resource dependencies [{listed}] in the {block} block of the template"
    )


def parse(text: str, body: Mapping[str, Any] | None = None) -> Template:
    """Read and check. `body` is given when transforms have made it: `text` then only serves to find lines."""
    template = Template(reader.read(text) if body is None else body, text)
    _check_blocks(template)
    for name, resource in template.resources.items():
        _check_resource(name, resource)
    _check_conditions(template)
    _check_names(template)
    refuse_cycles(_all_needs(template))
    return template


def _format(message: str) -> ValidationError:
    return ValidationError(f"Template format error: {message}")


def _check_blocks(template: Template) -> None:
    unknown = [name for name in template.body if name not in _BLOCKS]
    if unknown:
        raise ValidationError(f"Invalid template property or properties [{', '.join(unknown)}]")
    version = template.body.get("AWSTemplateFormatVersion", "2010-09-09")
    if str(version) != "2010-09-09":
        raise _format(f"Template format version {version} is not supported" if version else "Unsupported version")
    for name in ("Conditions", "Mappings", "Outputs", "Parameters", "Resources", "Rules"):
        block = template.body.get(name)
        if block is not None and not isinstance(block, dict):
            raise _format(f"{name} must be an object")
        for key, member in (block or {}).items():
            if name != "Conditions" and not isinstance(member, dict):
                raise _format(f"[/{name}/{key}] '{name}' member must be an object")
    if not template.resources:
        raise _format("At least one Resources member must be defined.")
    if len(template.resources) > _RESOURCES_MAX:
        raise _format(f"Number of resources, {len(template.resources)}, is greater than maximum allowed, "
                      f"{_RESOURCES_MAX}")  # fmt: skip
    for name, output in template.outputs.items():
        _check_output(name, output)
    for name, mapping in template.block("Mappings").items():
        if not all(isinstance(second, dict) for second in mapping.values()):
            raise _format(f"Every Mappings member {name} must be a map of maps")


def _check_output(name: str, output: dict[str, Any]) -> None:
    if not _NAME.fullmatch(name):
        raise _format(f"Output name {name} is non alphanumeric.")
    if "Value" not in output:
        raise _format(f"[/Outputs/{name}] Every Outputs member must contain a Value object")
    unknown = set(output) - _OUTPUT_KEYS
    if unknown:
        raise _format(f"[/Outputs/{name}] Encountered unsupported property {min(unknown)}")
    export = output.get("Export")
    if export is not None and (not isinstance(export, dict) or set(export) != {"Name"}):
        raise _format(f"[/Outputs/{name}/Export] Export must have a Name and nothing else")


def _check_resource(name: str, resource: dict[str, Any]) -> None:
    if not _NAME.fullmatch(name):
        raise _format(f"Resource name {name} is non alphanumeric.")
    if not isinstance(resource.get("Type"), str):
        raise _format(f"[/Resources/{name}] Every Resources object must contain a Type member.")
    unknown = [key for key in resource if key not in _RESOURCE_KEYS]
    if unknown:
        raise ValidationError(f"Invalid template resource property '{unknown[0]}'")
    if not isinstance(resource.get("Properties") or {}, dict):
        raise _format(f"[/Resources/{name}/Properties] Properties must be an object")
    needs = resource.get("DependsOn") or []
    if not isinstance(needs, str | list) or not all(isinstance(need, str) for need in needs):
        raise _format(f"[/Resources/{name}/DependsOn] DependsOn must be a string or list of strings.")
    for key in ("DeletionPolicy", "UpdateReplacePolicy"):
        policy = resource.get(key, "Delete")
        if isinstance(policy, str) and (
            policy not in _POLICIES or (key, policy) == ("UpdateReplacePolicy", "RetainExceptOnCreate")
        ):
            raise _format(f"Unrecognized {key} {policy} for resource {name}")


def _check_conditions(template: Template) -> None:
    known = template.block("Conditions")
    for block in ("Conditions", "Resources", "Outputs"):
        for name, member in template.block(block).items():
            used = list(conditions_in(member.get("Properties") if block == "Resources" else member))
            if block != "Conditions" and "Condition" in member:
                used.append(member["Condition"])
            for condition in used:
                if condition not in known:
                    raise _format(
                        f"Unresolved dependencies [{condition}]. Cannot reference conditions in the {block} block of "
                        f"the template that do not exist ({name})"
                    )
    graph = {name: set(conditions_in(member)) for name, member in known.items()}
    try:
        refuse_cycles(graph)
    except ValidationError as error:
        raise _format(error.message.replace("resources", "conditions")) from None


def _check_names(template: Template) -> None:
    known = PSEUDO | set(template.parameters)
    for block, allowed in (("Conditions", known), ("Rules", known)):
        names = set(names_in(template.block(block))) - allowed
        if names:
            raise _format(f"Unresolved dependencies [{', '.join(sorted(names))}]. Cannot reference resources in the "
                          f"{block} block of the template")  # fmt: skip
    both = known & set(template.resources)
    if both:
        raise _format(f"Duplicate names [{', '.join(sorted(both))}] in the Parameters and Resources blocks")
    known |= set(template.resources)
    missing = []
    for resource in template.resources.values():
        used = {*names_in(resource.get("Properties")), *depends_on(resource)}
        missing += [name for name in used if name not in known]
    if missing:
        raise unresolved(missing, "Resources")
    missing = [name for name in names_in(template.outputs) if name not in known]
    if missing:
        raise unresolved(missing, "Outputs")


def _all_needs(template: Template) -> dict[str, set[str]]:
    return {
        name: {
            used
            for used in (*names_in(resource.get("Properties")), *depends_on(resource))
            if used in template.resources
        }
        for name, resource in template.resources.items()
    }
