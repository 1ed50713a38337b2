"""Roles, service-linked ones too, and instance profiles."""

# ruff: noqa: ARG001 - PermissionsBoundary of lists and the like change nothing

from typing import Any

from panregion.services.here import Here
from panregion.services.iam import entities, layout
from panregion.services.iam.entities import replaced
from panregion.services.iam.errors import (
    DeleteConflictException,
    EntityAlreadyExistsException,
    InvalidInputException,
    LimitExceededException,
    NoSuchEntityException,
)
from panregion.services.iam.model import Entity, Profile, check_document, encoded, present, tag_list, tag_map
from panregion.services.service import reads

_SERVICE_PATH = "/aws-service-role/"
_SERVICE_TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"%s"},"Action":"sts:AssumeRole"}]}'
)


def describe_role(here: Here, role: Entity, *, brief: bool = False) -> dict[str, Any]:
    boundary = role.boundary and {
        "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
        "PermissionsBoundaryArn": role.boundary,
    }
    return present(
        {
            **entities.described(here, role),
            "AssumeRolePolicyDocument": encoded(role.trust),
            "Description": role.description,
            "MaxSessionDuration": role.max_session_s,
            "PermissionsBoundary": None if brief else boundary,
            "Tags": None if brief or not role.tags else tag_list(role.tags),
            "RoleLastUsed": None if brief else {},
        }
    )


def add_role_to_instance_profile(here: Here, instance_profile_name: str, role_name: str) -> None:
    profile = require_profile(here, instance_profile_name)
    role = layout.require(here.tx, "role", role_name)
    if profile.role == role.name:
        return
    if profile.role is not None:
        raise LimitExceededException("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    layout.put_profile(here.tx, replaced(profile, role=role.name))


def attach_role_policy(here: Here, role_name: str, policy_arn: str) -> None:
    entities.attach(here, "role", role_name, policy_arn)


def create_instance_profile(
    here: Here, instance_profile_name: str, path: str | None = None, tags: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    if layout.find_profile(here.tx, instance_profile_name) is not None:
        raise EntityAlreadyExistsException(f"Instance Profile {instance_profile_name} already exists.")
    profile = Profile(
        name=instance_profile_name,
        id=entities.new_id(here, "AIPA"),
        path=path or "/",
        created=here.now(),
        tags=tag_map(tags),
    )
    layout.put_profile(here.tx, profile)
    return {"InstanceProfile": describe_profile(here, profile)}


def create_role(
    here: Here,
    role_name: str,
    assume_role_policy_document: str,
    path: str | None = None,
    description: str | None = None,
    max_session_duration: int | None = None,
    permissions_boundary: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    check_document(assume_role_policy_document)
    role = entities.create(
        here,
        "role",
        role_name,
        path,
        tags,
        trust=assume_role_policy_document,
        description=description,
        max_session_s=max_session_duration,
        boundary=permissions_boundary,
    )
    return {"Role": describe_role(here, role)}


def create_service_linked_role(
    here: Here, aws_service_name: str, description: str | None = None, custom_suffix: str | None = None
) -> dict[str, Any]:
    service = aws_service_name.split(".")[0]
    suffix = f"_{custom_suffix}" if custom_suffix else ""
    name = f"AWSServiceRoleFor{service.replace('-', ' ').title().replace(' ', '')}{suffix}"
    if layout.find(here.tx, "role", name) is not None:
        raise InvalidInputException(
            f"Service role name {name} has been taken in this account, please try a different suffix."
        )
    path = f"{_SERVICE_PATH}{aws_service_name}/"
    role = entities.create(
        here, "role", name, path, None, trust=_SERVICE_TRUST % aws_service_name, description=description
    )
    return {"Role": describe_role(here, role)}


def delete_instance_profile(here: Here, instance_profile_name: str) -> None:
    profile = require_profile(here, instance_profile_name)
    if profile.role is not None:
        raise DeleteConflictException("Cannot delete entity, must remove roles from instance profile first.")
    layout.delete_profile(here.tx, profile)


def delete_role(here: Here, role_name: str) -> None:
    role = layout.require(here.tx, "role", role_name)
    if any(profile.role == role.name for profile in layout.profiles(here.tx)):
        raise DeleteConflictException("Cannot delete entity, must remove roles from instance profile first.")
    entities.delete(here, "role", role_name)


def delete_role_permissions_boundary(here: Here, role_name: str) -> None:
    layout.put(here.tx, replaced(layout.require(here.tx, "role", role_name), boundary=None))


def delete_role_policy(here: Here, role_name: str, policy_name: str) -> None:
    entities.delete_inline(here, "role", role_name, policy_name)


def delete_service_linked_role(here: Here, role_name: str) -> dict[str, str]:
    role = layout.require(here.tx, "role", role_name)
    layout.delete(here.tx, role)
    service = role.path.removeprefix(_SERVICE_PATH).strip("/")
    return {"DeletionTaskId": f"task/aws-service-role/{service}/{role.name}/{here.world.chance.uuid()}"}


def detach_role_policy(here: Here, role_name: str, policy_arn: str) -> None:
    entities.detach(here, "role", role_name, policy_arn)


@reads
def get_instance_profile(here: Here, instance_profile_name: str) -> dict[str, Any]:
    return {"InstanceProfile": describe_profile(here, require_profile(here, instance_profile_name))}


@reads
def get_role(here: Here, role_name: str) -> dict[str, Any]:
    return {"Role": describe_role(here, layout.require(here.tx, "role", role_name))}


@reads
def get_role_policy(here: Here, role_name: str, policy_name: str) -> dict[str, str]:
    return entities.get_inline(here, "role", role_name, policy_name)


@reads
def get_service_linked_role_deletion_status(here: Here, deletion_task_id: str) -> dict[str, str]:
    return {"Status": "SUCCEEDED"}  # it is deleted before its task is named


@reads
def list_attached_role_policies(
    here: Here,
    role_name: str,
    path_prefix: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, Any]:
    return entities.list_attached(here, "role", role_name, max_items, marker)


@reads
def list_instance_profiles(
    here: Here, path_prefix: str | None = None, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    found = [one for one in layout.profiles(here.tx) if one.path.startswith(path_prefix or "/")]
    page, more = entities.page(found, max_items, marker)
    return {"InstanceProfiles": [describe_profile(here, one) for one in page], **more}


@reads
def list_instance_profiles_for_role(
    here: Here, role_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    role = layout.require(here.tx, "role", role_name)
    found = [one for one in layout.profiles(here.tx) if one.role == role.name]
    page, more = entities.page(found, max_items, marker)
    return {"InstanceProfiles": [describe_profile(here, one) for one in page], **more}


@reads
def list_role_policies(
    here: Here, role_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    return entities.list_inline(here, "role", role_name, max_items, marker)


@reads
def list_role_tags(
    here: Here, role_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    return entities.list_tags(here, "role", role_name, max_items, marker)


@reads
def list_roles(
    here: Here, path_prefix: str | None = None, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    page, more = entities.page(entities.listed(here, "role", path_prefix), max_items, marker)
    return {"Roles": [describe_role(here, one, brief=True) for one in page], **more}


def put_role_permissions_boundary(here: Here, role_name: str, permissions_boundary: str) -> None:
    layout.put(here.tx, replaced(layout.require(here.tx, "role", role_name), boundary=permissions_boundary))


def put_role_policy(here: Here, role_name: str, policy_name: str, policy_document: str) -> None:
    entities.put_inline(here, "role", role_name, policy_name, policy_document)


def remove_role_from_instance_profile(here: Here, instance_profile_name: str, role_name: str) -> None:
    profile = require_profile(here, instance_profile_name)
    if profile.role != layout.require(here.tx, "role", role_name).name:
        raise NoSuchEntityException(f"The role {role_name} is not in the instance profile.")
    layout.put_profile(here.tx, replaced(profile, role=None))


def tag_role(here: Here, role_name: str, tags: list[dict[str, str]]) -> None:
    entities.tag(here, "role", role_name, tags)


def untag_role(here: Here, role_name: str, tag_keys: list[str]) -> None:
    entities.untag(here, "role", role_name, tag_keys)


def update_assume_role_policy(here: Here, role_name: str, policy_document: str) -> None:
    check_document(policy_document)
    layout.put(here.tx, replaced(layout.require(here.tx, "role", role_name), trust=policy_document))


def update_role(
    here: Here, role_name: str, description: str | None = None, max_session_duration: int | None = None
) -> dict[str, Any]:
    role = layout.require(here.tx, "role", role_name)
    changes = present({"description": description, "max_session_s": max_session_duration})
    layout.put(here.tx, replaced(role, **changes))
    return {}


def require_profile(here: Here, name: str) -> Profile:
    found = layout.find_profile(here.tx, name)
    if found is None:
        raise NoSuchEntityException(f"Instance Profile {name} cannot be found.")
    return found


def describe_profile(here: Here, profile: Profile) -> dict[str, Any]:
    role = layout.find(here.tx, "role", profile.role) if profile.role else None
    return {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": f"arn:aws:iam::{here.account_id}:instance-profile{profile.path}{profile.name}",
        "CreateDate": profile.created,
        "Roles": [describe_role(here, role, brief=True)] if role else [],
        "Tags": tag_list(profile.tags),
    }
