"""Stacks, resources, events and change sets as the API shows them."""

from collections.abc import Mapping
from typing import Any

from panregion.services.cloudformation import parameters
from panregion.services.cloudformation.model import Blueprint, Change, ChangeSet, Event, Resource, Stack


def present(members: Mapping[str, Any]) -> dict[str, Any]:
    """Without the members that are not there."""
    return {name: value for name, value in members.items() if value is not None}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def shown_parameters(blueprint: Blueprint) -> tuple[dict[str, str], dict[str, str]]:
    """(values, values that SSM parameters stood for), NoEcho ones masked."""
    declared = blueprint.body.get("Parameters") or {}
    shown = {
        name: parameters.MASK if parameters.hidden(declared[name]) else value
        for name, value in blueprint.parameters.items()
    }
    looked_up = {
        name: parameters.as_text(blueprint.resolved[name])
        for name in shown
        if parameters.SSM_VALUE.fullmatch(declared[name]["Type"])
    }
    return shown, looked_up


def parameter_list(shown: Mapping[str, str], looked_up: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        present({"ParameterKey": name, "ParameterValue": value, "ResolvedValue": looked_up.get(name)})
        for name, value in shown.items()
    ]


def stack(found: Stack) -> dict[str, Any]:
    return present(
        {
            "StackId": found.stack_id,
            "StackName": found.name,
            "ChangeSetId": found.change_set_id,
            "Description": found.description,
            "Parameters": parameter_list(found.parameters, found.resolved_parameters),
            "CreationTime": found.created,
            "DeletionTime": found.deleted,
            "LastUpdatedTime": found.updated,
            "RollbackConfiguration": {},
            "StackStatus": found.status,
            "StackStatusReason": found.reason,
            "DisableRollback": found.disable_rollback,
            "NotificationARNs": found.notification_arns,
            "TimeoutInMinutes": found.timeout_minutes,
            "Capabilities": found.capabilities,
            "Outputs": [
                present(
                    {
                        "OutputKey": output.key,
                        "OutputValue": output.value,
                        "Description": output.description,
                        "ExportName": output.export,
                    }
                )
                for output in found.outputs
            ],
            "RoleARN": found.role_arn,
            "Tags": tag_list(found.tags),
            "EnableTerminationProtection": found.termination_protection,
            "ParentId": found.parent_id,
            "RootId": found.root_id,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        }
    )


def stack_summary(found: Stack, template_description: str | None) -> dict[str, Any]:
    return present(
        {
            "StackId": found.stack_id,
            "StackName": found.name,
            "TemplateDescription": template_description,
            "CreationTime": found.created,
            "LastUpdatedTime": found.updated,
            "DeletionTime": found.deleted,
            "StackStatus": found.status,
            "StackStatusReason": found.reason,
            "ParentId": found.parent_id,
            "RootId": found.root_id,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        }
    )


def event(found: Event, of: Stack) -> dict[str, Any]:
    return present(
        {
            "StackId": of.stack_id,
            "EventId": found.event_id,
            "StackName": of.name,
            "LogicalResourceId": found.logical_id,
            "PhysicalResourceId": found.physical_id,
            "ResourceType": found.type,
            "Timestamp": found.at,
            "ResourceStatus": found.status,
            "ResourceStatusReason": found.reason,
            "ResourceProperties": found.properties,
        }
    )


def resource(found: Resource, of: Stack, *, detail: bool = False) -> dict[str, Any]:
    moment = "LastUpdatedTimestamp" if detail else "Timestamp"
    return present({"StackName": of.name, "StackId": of.stack_id, **_resource(found), moment: found.updated})


def resource_summary(found: Resource) -> dict[str, Any]:
    return present({**_resource(found), "LastUpdatedTimestamp": found.updated})


def _resource(found: Resource) -> dict[str, Any]:
    return {
        "LogicalResourceId": found.logical_id,
        "PhysicalResourceId": found.made.physical_id,
        "ResourceType": found.type,
        "ResourceStatus": found.status,
        "ResourceStatusReason": found.reason,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }


def change_set_summary(found: ChangeSet) -> dict[str, Any]:
    return present(
        {
            "StackId": found.stack_id,
            "StackName": found.stack_name,
            "ChangeSetId": found.change_set_id,
            "ChangeSetName": found.name,
            "ExecutionStatus": found.execution,
            "Status": found.status,
            "StatusReason": found.reason,
            "CreationTime": found.created,
            "Description": found.description,
            "IncludeNestedStacks": found.include_nested,
        }
    )


def change_set(found: ChangeSet) -> dict[str, Any]:
    return {
        **change_set_summary(found),
        "Parameters": parameter_list(found.shown_parameters, found.resolved_parameters),
        "NotificationARNs": found.notification_arns,
        "Capabilities": found.capabilities,
        "Tags": tag_list(found.tags),
        "Changes": [{"Type": "Resource", "ResourceChange": _change(change)} for change in found.changes],
    }


def _change(found: Change) -> dict[str, Any]:
    return present(
        {
            "Action": found.action,
            "LogicalResourceId": found.logical_id,
            "PhysicalResourceId": found.physical_id,
            "ResourceType": found.type,
            "Replacement": found.replacement,
            "PolicyAction": found.policy_action,
            "Scope": found.scope,
            "Details": [
                {
                    "Target": present(
                        {
                            "Attribute": detail.attribute,
                            "Name": detail.name,
                            "RequiresRecreation": detail.recreation,
                        }
                    ),
                    "Evaluation": detail.evaluation,
                    "ChangeSource": detail.source,
                }
                for detail in found.details
            ],
        }
    )
