"""AWS::IAM::*: roles, users and groups, and the table of all types.

A creation that is repeated finds what it made: by the name's suffix, or by the owner in the tags.
"""

from typing import Any

from panregion.services.here import Here
from panregion.services.iam.resource_policies import (
    HOLDERS,
    create_managed_policy,
    create_policy,
    create_profile,
    delete_managed_policy,
    delete_policy,
    delete_profile,
    managed_policy_attributes,
    profile_attributes,
    update_managed_policy,
    update_policy,
    update_profile,
)
from panregion.services.iam.resources import NAME_MAX, ask, gone, is_ours, tags_of, whole
from panregion.services.stack import Context, Properties, ResourceType
from panregion.services.stack_calls import json_text
from panregion.wire.errors import AwsError


async def _create_entity(here: Here, kind: str, name: str, context: Context, **asked: Any) -> None:
    try:
        await ask(here, f"Create{kind}", **{f"{kind}Name": name}, **asked)
    except AwsError as error:
        if error.code != "EntityAlreadyExists" or (kind == "Group" and not name.endswith(context.suffix)):
            raise
        if kind != "Group" and not await is_ours(here, kind, name, context):
            raise


async def _set_policies(here: Here, kind: str, name: str, properties: Properties) -> None:
    """Inline and attached policies as the properties have them, whatever was there before."""
    who = {f"{kind}Name": name}
    inline = {one["PolicyName"]: json_text(one["PolicyDocument"]) for one in properties.get("Policies") or []}
    attached = list(properties.get("ManagedPolicyArns") or [])
    for policy_name, text in inline.items():
        await ask(here, f"Put{kind}Policy", **who, PolicyName=policy_name, PolicyDocument=text)
    for arn in attached:
        await ask(here, f"Attach{kind}Policy", **who, PolicyArn=arn)


async def _drop_policies(here: Here, kind: str, name: str, old: Properties, new: Properties) -> None:
    """What the old properties had and the new have not; policies that others put there stay."""
    who = {f"{kind}Name": name}
    kept = {one["PolicyName"] for one in new.get("Policies") or []}
    for one in old.get("Policies") or []:
        if one["PolicyName"] not in kept:
            await gone(here, f"Delete{kind}Policy", **who, PolicyName=one["PolicyName"])
    for arn in old.get("ManagedPolicyArns") or []:
        if arn not in (new.get("ManagedPolicyArns") or []):
            await gone(here, f"Detach{kind}Policy", **who, PolicyArn=arn)


async def _delete_entity(here: Here, kind: str, name: str) -> None:
    """With its policies, also those that were attached by hand."""
    who = {f"{kind}Name": name}
    try:
        inline = (await ask(here, f"List{kind}Policies", **who))["PolicyNames"]
        attached = (await ask(here, f"ListAttached{kind}Policies", **who))["AttachedPolicies"]
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return
        raise
    for policy_name in inline:
        await gone(here, f"Delete{kind}Policy", **who, PolicyName=policy_name)
    for policy in attached:
        await gone(here, f"Detach{kind}Policy", **who, PolicyArn=policy["PolicyArn"])
    await gone(here, f"Delete{kind}", **who)


async def create_role(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("RoleName") or context.name(NAME_MAX))
    await _create_entity(
        here, "Role", name, context,
        AssumeRolePolicyDocument=json_text(properties["AssumeRolePolicyDocument"]),
        Path=properties.get("Path"),
        Description=properties.get("Description"),
        MaxSessionDuration=properties.get("MaxSessionDuration"),
        PermissionsBoundary=properties.get("PermissionsBoundary"),
        Tags=tags_of(properties, context),
    )  # fmt: skip
    await whole(_set_policies(here, "Role", name, properties), lambda: _delete_entity(here, "Role", name))
    return name


async def update_role(here: Here, name: str, old: Properties, new: Properties, context: Context) -> None:
    await ask(here, "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=json_text(new["AssumeRolePolicyDocument"]))
    await ask(here, "UpdateRole", RoleName=name, Description=new.get("Description") or "",
               MaxSessionDuration=new.get("MaxSessionDuration") or 3600)  # fmt: skip
    if new.get("PermissionsBoundary"):
        await ask(here, "PutRolePermissionsBoundary", RoleName=name, PermissionsBoundary=new["PermissionsBoundary"])
    elif old.get("PermissionsBoundary"):
        await ask(here, "DeleteRolePermissionsBoundary", RoleName=name)
    await _set_policies(here, "Role", name, new)
    await _drop_policies(here, "Role", name, old, new)
    await _retag(here, "Role", name, old, new, context)


async def _retag(here: Here, kind: str, name: str, old: Properties, new: Properties, context: Context) -> None:
    dropped = {tag["Key"] for tag in old.get("Tags") or []} - {tag["Key"] for tag in new.get("Tags") or []}
    if dropped:
        await ask(here, f"Untag{kind}", **{f"{kind}Name": name}, TagKeys=sorted(dropped))
    await ask(here, f"Tag{kind}", **{f"{kind}Name": name}, Tags=tags_of(new, context))


async def delete_role(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    await _delete_entity(here, "Role", name)


async def role_attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    role = (await ask(here, "GetRole", RoleName=name))["Role"]
    return {"Arn": role["Arn"], "RoleId": role["RoleId"]}


async def create_user(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("UserName") or context.name(NAME_MAX))
    await _create_entity(here, "User", name, context, Path=properties.get("Path"), Tags=tags_of(properties, context))
    await whole(_fill_user(here, name, properties), lambda: delete_user(here, name, properties, context))
    return name


async def _fill_user(here: Here, name: str, properties: Properties) -> None:
    await _set_policies(here, "User", name, properties)
    for group in properties.get("Groups") or []:
        await ask(here, "AddUserToGroup", UserName=name, GroupName=group)


async def update_user(here: Here, name: str, old: Properties, new: Properties, context: Context) -> None:
    await _fill_user(here, name, new)
    await _drop_policies(here, "User", name, old, new)
    for group in set(old.get("Groups") or []) - set(new.get("Groups") or []):
        await gone(here, "RemoveUserFromGroup", UserName=name, GroupName=group)
    await _retag(here, "User", name, old, new, context)


async def delete_user(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    try:
        groups = (await ask(here, "ListGroupsForUser", UserName=name))["Groups"]
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return
        raise
    for group in groups:
        await gone(here, "RemoveUserFromGroup", UserName=name, GroupName=group["GroupName"])
    await _delete_entity(here, "User", name)


async def user_attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": (await ask(here, "GetUser", UserName=name))["User"]["Arn"]}


async def create_group(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("GroupName") or context.name(NAME_MAX))
    await _create_entity(here, "Group", name, context, Path=properties.get("Path"))
    await whole(_set_policies(here, "Group", name, properties), lambda: _delete_entity(here, "Group", name))
    return name


async def update_group(here: Here, name: str, old: Properties, new: Properties, _context: Context) -> None:
    await _set_policies(here, "Group", name, new)
    await _drop_policies(here, "Group", name, old, new)


async def delete_group(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    await _delete_entity(here, "Group", name)


async def group_attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": (await ask(here, "GetGroup", GroupName=name))["Group"]["Arn"]}


RESOURCES = {
    kind.type_name: kind
    for kind in (
        ResourceType(
            type_name="AWS::IAM::Role",
            properties=frozenset(
                {
                    "AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration", "Path",
                    "PermissionsBoundary", "Policies", "RoleName", "Tags",
                }
            ),
            required=frozenset({"AssumeRolePolicyDocument"}),
            replaces_on=frozenset({"RoleName", "Path"}),
            create=create_role,
            update=update_role,
            delete=delete_role,
            attributes=role_attributes,
        ),
        ResourceType(
            type_name="AWS::IAM::Policy",
            properties=frozenset({"PolicyName", "PolicyDocument", *HOLDERS}),
            required=frozenset({"PolicyName", "PolicyDocument"}),
            replaces_on=frozenset({"PolicyName"}),
            create=create_policy,
            update=update_policy,
            delete=delete_policy,
        ),
        ResourceType(
            type_name="AWS::IAM::ManagedPolicy",
            properties=frozenset({"ManagedPolicyName", "PolicyDocument", "Path", "Description", "Tags", *HOLDERS}),
            required=frozenset({"PolicyDocument"}),
            replaces_on=frozenset({"ManagedPolicyName", "Path", "Description"}),
            create=create_managed_policy,
            update=update_managed_policy,
            delete=delete_managed_policy,
            attributes=managed_policy_attributes,
        ),
        ResourceType(
            type_name="AWS::IAM::InstanceProfile",
            properties=frozenset({"InstanceProfileName", "Path", "Roles"}),
            required=frozenset({"Roles"}),
            replaces_on=frozenset({"InstanceProfileName", "Path"}),
            create=create_profile,
            update=update_profile,
            delete=delete_profile,
            attributes=profile_attributes,
        ),
        ResourceType(
            type_name="AWS::IAM::User",
            properties=frozenset({"UserName", "Path", "Groups", "ManagedPolicyArns", "Policies", "Tags"}),
            replaces_on=frozenset({"UserName", "Path"}),
            create=create_user,
            update=update_user,
            delete=delete_user,
            attributes=user_attributes,
        ),
        ResourceType(
            type_name="AWS::IAM::Group",
            properties=frozenset({"GroupName", "Path", "ManagedPolicyArns", "Policies"}),
            replaces_on=frozenset({"GroupName", "Path"}),
            create=create_group,
            update=update_group,
            delete=delete_group,
            attributes=group_attributes,
        ),
    )
}  # fmt: skip
