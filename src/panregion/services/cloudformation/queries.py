"""What can be asked: stacks, their resources and events, templates, exports."""

# ruff: noqa: ARG001 - members that clients send and that change nothing here

from typing import Any, TypeVar

from panregion.services.cloudformation import check, describe, intake, layout, parameters, reader
from panregion.services.cloudformation.errors import ChangeSetNotFound, ValidationError
from panregion.services.cloudformation.model import Blueprint, Stack
from panregion.services.cloudformation.stacks import require_stack
from panregion.services.cloudformation.template import Template, parse, transforms_of
from panregion.services.here import Here
from panregion.services.service import reads

_PAGE = 100
_Item = TypeVar("_Item")


def _page(items: list[_Item], next_token: str | None, size: int = _PAGE) -> tuple[list[_Item], str | None]:
    """One page, and the token of the next: a position, counted from the end that does not move."""
    start = int(next_token) if next_token and next_token.isdigit() else 0
    if next_token and not next_token.isdigit():
        raise ValidationError("The specified NextToken is not valid")
    more = start + size < len(items)
    return items[start : start + size], str(start + size) if more else None


@reads
def describe_account_limits(here: Here, next_token: str | None = None) -> dict[str, Any]:
    limits = {"StackLimit": 2000, "StackOutputsLimit": 200, "ConcurrentResourcesLimit": 2500}
    return {"AccountLimits": [{"Name": name, "Value": value} for name, value in limits.items()]}


@reads
def describe_stack_events(here: Here, stack_name: str, next_token: str | None = None) -> dict[str, Any]:
    stack = _require(here, stack_name)
    page, token = _page(layout.events(here.tx, stack.stack_id), next_token)
    return describe.present({"StackEvents": [describe.event(one, stack) for one in page], "NextToken": token})


def _require(here: Here, stack_name: str) -> Stack:
    found = layout.find_stack(here.tx, stack_name)
    if found is None:
        raise ValidationError(f"Stack [{stack_name}] does not exist")
    return found


@reads
def describe_stack_resource(here: Here, stack_name: str, logical_resource_id: str) -> dict[str, Any]:
    stack = _require_for_resource(here, stack_name)
    found = layout.find_resource(here.tx, stack.stack_id, logical_resource_id)
    if found is None:
        raise ValidationError(f"Resource {logical_resource_id} does not exist for stack {stack.name}")
    return {"StackResourceDetail": describe.resource(found, stack, detail=True)}


def _require_for_resource(here: Here, stack_name: str) -> Stack:
    found = layout.find_stack(here.tx, stack_name)
    if found is None:
        raise ValidationError(f"Stack '{stack_name}' does not exist")
    return found


@reads
def describe_stack_resources(
    here: Here,
    stack_name: str | None = None,
    logical_resource_id: str | None = None,
    physical_resource_id: str | None = None,
) -> dict[str, Any]:
    if stack_name is None and physical_resource_id is None:
        raise ValidationError("One of StackName or PhysicalResourceId must be given")
    stacks = [require_stack(here, stack_name)] if stack_name else list(layout.stacks(here.tx))
    found = [(stack, one) for stack in stacks for one in layout.resources(here.tx, stack.stack_id).values()]
    if physical_resource_id is not None:
        owners = {stack.stack_id for stack, one in found if one.made.physical_id == physical_resource_id}
        found = [(stack, one) for stack, one in found if stack.stack_id in owners]
        if not found:
            raise ValidationError(f"Stack for {physical_resource_id} does not exist")
    if logical_resource_id is not None:
        found = [(stack, one) for stack, one in found if one.logical_id == logical_resource_id]
    return {"StackResources": [describe.resource(one, stack) for stack, one in found]}


@reads
def describe_stacks(here: Here, stack_name: str | None = None, next_token: str | None = None) -> dict[str, Any]:
    if stack_name is not None:
        return {"Stacks": [describe.stack(require_stack(here, stack_name))]}
    alive = [stack for stack in layout.stacks(here.tx) if stack.status != "DELETE_COMPLETE"]
    page, token = _page(sorted(alive, key=lambda stack: -stack.created), next_token)
    return describe.present({"Stacks": [describe.stack(one) for one in page], "NextToken": token})


@reads
def get_stack_policy(here: Here, stack_name: str) -> dict[str, Any]:
    return describe.present({"StackPolicyBody": require_stack(here, stack_name).policy})


@reads
def get_template(
    here: Here,
    stack_name: str | None = None,
    change_set_name: str | None = None,
    template_stage: str = "Original",
) -> dict[str, Any]:
    blueprint = _blueprint(here, stack_name, change_set_name)
    stages = ["Original", "Processed"]
    if template_stage == "Original":
        return {"TemplateBody": blueprint.text, "StagesAvailable": stages}
    if not transforms_of(reader.read(blueprint.text)):
        return {"TemplateBody": blueprint.text, "StagesAvailable": stages}
    return {"TemplateBody": parameters.as_json(blueprint.body), "StagesAvailable": stages}


def _blueprint(here: Here, stack_name: str | None, change_set_name: str | None) -> Blueprint:
    found: Blueprint | None
    if change_set_name is not None:
        for one in layout.all_change_sets(here.tx):
            if change_set_name in (one.change_set_id, one.name) and stack_name in (None, one.stack_name, one.stack_id):
                found = layout.find_change_blueprint(here.tx, one)
                if found is not None:
                    return found
        raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist")
    if stack_name is None:
        raise ValidationError("Either StackName or ChangeSetName must be specified.")
    found = layout.find_blueprint(here.tx, require_stack(here, stack_name).stack_id)
    if found is None:
        raise ValidationError(f"Template for stack {stack_name} does not exist: it is in review")
    return found


async def get_template_summary(
    here: Here,
    template_body: str | None = None,
    template_url: str | None = None,
    stack_name: str | None = None,
    template_summary_config: dict[str, Any] | None = None,
) -> dict[str, Any]:
    if stack_name is not None:
        text = here.read(lambda at: _blueprint(at, stack_name, None)).text
    else:
        asked = intake.Asked(template_body=template_body, template_url=template_url)
        text = await intake.template_text(here, asked, None)
    body = reader.read(text)
    template = Template(body, text)
    resources = template.resources
    return describe.present(
        {
            **_validated(template),
            "Parameters": [
                describe.present(
                    {
                        "ParameterKey": name,
                        "DefaultValue": _default(declaration),
                        "ParameterType": declaration.get("Type"),
                        "NoEcho": parameters.hidden(declaration),
                        "Description": declaration.get("Description"),
                        "ParameterConstraints": {
                            "AllowedValues": [parameters.as_text(one) for one in declaration["AllowedValues"]]
                        }
                        if "AllowedValues" in declaration
                        else {},
                    }
                )
                for name, declaration in template.parameters.items()
            ],
            "ResourceTypes": sorted({resource["Type"] for resource in resources.values() if "Type" in resource}),
            "Version": str(body.get("AWSTemplateFormatVersion", "2010-09-09")),
            "Metadata": parameters.as_json(body["Metadata"]) if "Metadata" in body else None,
            "ResourceIdentifierSummaries": [],
        }
    )


def _default(declaration: dict[str, Any]) -> str | None:
    return parameters.as_text(declaration["Default"]) if "Default" in declaration else None


def _validated(template: Template) -> dict[str, Any]:
    """What ValidateTemplate and GetTemplateSummary have in common."""
    transforms = template.transforms
    needed = check.capabilities_needed(template)
    reason = check.capability_reason(template)
    if transforms:
        needed = [*needed, "CAPABILITY_AUTO_EXPAND"]
        reason = f"The following transform(s) require capabilities: [{', '.join(transforms)}]"
    return {
        "Description": template.body.get("Description"),
        "Capabilities": needed,
        "CapabilitiesReason": reason,
        "DeclaredTransforms": transforms,
    }


@reads
def list_exports(here: Here, next_token: str | None = None) -> dict[str, Any]:
    page, token = _page(layout.exports(here.tx), next_token)
    found = [{"ExportingStackId": one.stack_id, "Name": one.name, "Value": one.value} for one in page]
    return describe.present({"Exports": found, "NextToken": token})


@reads
def list_imports(here: Here, export_name: str, next_token: str | None = None) -> dict[str, Any]:
    names = sorted(layout.importers(here.tx, export_name).values())
    if not names:
        raise ValidationError(f"Export '{export_name}' is not imported by any stack.")
    page, token = _page(names, next_token)
    return describe.present({"Imports": page, "NextToken": token})


@reads
def list_stack_resources(here: Here, stack_name: str, next_token: str | None = None) -> dict[str, Any]:
    stack = require_stack(here, stack_name)
    page, token = _page(list(layout.resources(here.tx, stack.stack_id).values()), next_token)
    found = [describe.resource_summary(one) for one in page]
    return describe.present({"StackResourceSummaries": found, "NextToken": token})


@reads
def list_stacks(
    here: Here, next_token: str | None = None, stack_status_filter: list[str] | None = None
) -> dict[str, Any]:
    wanted = [
        stack for stack in layout.stacks(here.tx) if not stack_status_filter or stack.status in stack_status_filter
    ]
    page, token = _page(sorted(wanted, key=lambda stack: -stack.created), next_token)
    found = [describe.stack_summary(one, one.description) for one in page]
    return describe.present({"StackSummaries": found, "NextToken": token})


async def validate_template(
    here: Here, template_body: str | None = None, template_url: str | None = None
) -> dict[str, Any]:
    asked = intake.Asked(template_body=template_body, template_url=template_url)
    text = await intake.template_text(here, asked, None)
    body = reader.read(text)
    template = Template(body, text) if transforms_of(body) else parse(text)
    return describe.present(
        {
            **_validated(template),
            "Parameters": [
                describe.present(
                    {
                        "ParameterKey": name,
                        "DefaultValue": _default(declaration),
                        "NoEcho": parameters.hidden(declaration),
                        "Description": declaration.get("Description"),
                    }
                )
                for name, declaration in template.parameters.items()
            ],
        }
    )
