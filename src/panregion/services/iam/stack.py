"""AWS::IAM::*. A creation that is repeated finds what it made: by the name's suffix, or by the owner in the tags."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.stack import Context, Properties, ResourceType
from panregion.wire.errors import AwsError

_NAME_MAX = 64
_POLICY_NAME_MAX = 128


def document(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _tags(properties: Properties, context: Context) -> list[dict[str, str]]:
    own = {tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags") or []}
    owner = {
        "aws:cloudformation:stack-name": context.stack_name,
        "aws:cloudformation:stack-id": context.stack_id,
        "aws:cloudformation:logical-id": context.logical_id,
    }
    return [{"Key": key, "Value": value} for key, value in {**context.tags, **own, **owner}.items()]


async def _iam(here: Here, operation: str, **params: Any) -> dict[str, Any]:
    given = {name: value for name, value in params.items() if value is not None}
    return await here.request("iam", operation, given)


async def _gone(here: Here, operation: str, **params: Any) -> None:
    """Delete; what is gone is fine."""
    try:
        await _iam(here, operation, **params)
    except AwsError as error:
        if error.code != "NoSuchEntity":
            raise


async def _is_ours(here: Here, kind: str, name: str, context: Context) -> bool:
    """Whether an earlier attempt of the same step made it. An explicit name may be somebody else's."""
    if name.endswith(context.suffix):
        return True
    found = (await _iam(here, f"List{kind}Tags", **{f"{kind}Name": name}))["Tags"]
    held = {tag["Key"]: tag["Value"] for tag in found}
    return (
        held.get("aws:cloudformation:stack-id") == context.stack_id
        and held.get("aws:cloudformation:logical-id") == context.logical_id
    )


async def _create_entity(here: Here, kind: str, name: str, context: Context, **asked: Any) -> None:
    try:
        await _iam(here, f"Create{kind}", **{f"{kind}Name": name}, **asked)
    except AwsError as error:
        if error.code != "EntityAlreadyExists" or (kind == "Group" and not name.endswith(context.suffix)):
            raise
        if kind != "Group" and not await _is_ours(here, kind, name, context):
            raise


async def _whole(making: Awaitable[None], unmake: Callable[[], Awaitable[None]]) -> None:
    """The rest of a creation, or nothing of it: a resource that failed to be created leaves nothing behind."""
    try:
        await making
    except AwsError:
        await unmake()
        raise


async def _set_policies(here: Here, kind: str, name: str, properties: Properties) -> None:
    """Inline and attached policies as the properties have them, whatever was there before."""
    who = {f"{kind}Name": name}
    inline = {one["PolicyName"]: document(one["PolicyDocument"]) for one in properties.get("Policies") or []}
    attached = list(properties.get("ManagedPolicyArns") or [])
    for policy_name, text in inline.items():
        await _iam(here, f"Put{kind}Policy", **who, PolicyName=policy_name, PolicyDocument=text)
    for arn in attached:
        await _iam(here, f"Attach{kind}Policy", **who, PolicyArn=arn)


async def _drop_policies(here: Here, kind: str, name: str, old: Properties, new: Properties) -> None:
    """What the old properties had and the new have not; policies that others put there stay."""
    who = {f"{kind}Name": name}
    kept = {one["PolicyName"] for one in new.get("Policies") or []}
    for one in old.get("Policies") or []:
        if one["PolicyName"] not in kept:
            await _gone(here, f"Delete{kind}Policy", **who, PolicyName=one["PolicyName"])
    for arn in old.get("ManagedPolicyArns") or []:
        if arn not in (new.get("ManagedPolicyArns") or []):
            await _gone(here, f"Detach{kind}Policy", **who, PolicyArn=arn)


async def _delete_entity(here: Here, kind: str, name: str) -> None:
    """With its policies, also those that were attached by hand."""
    who = {f"{kind}Name": name}
    try:
        inline = (await _iam(here, f"List{kind}Policies", **who))["PolicyNames"]
        attached = (await _iam(here, f"ListAttached{kind}Policies", **who))["AttachedPolicies"]
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return
        raise
    for policy_name in inline:
        await _gone(here, f"Delete{kind}Policy", **who, PolicyName=policy_name)
    for policy in attached:
        await _gone(here, f"Detach{kind}Policy", **who, PolicyArn=policy["PolicyArn"])
    await _gone(here, f"Delete{kind}", **who)


async def create_role(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("RoleName") or context.name(_NAME_MAX))
    await _create_entity(
        here, "Role", name, context,
        AssumeRolePolicyDocument=document(properties["AssumeRolePolicyDocument"]),
        Path=properties.get("Path"),
        Description=properties.get("Description"),
        MaxSessionDuration=properties.get("MaxSessionDuration"),
        PermissionsBoundary=properties.get("PermissionsBoundary"),
        Tags=_tags(properties, context),
    )  # fmt: skip
    await _whole(_set_policies(here, "Role", name, properties), lambda: _delete_entity(here, "Role", name))
    return name


async def update_role(here: Here, name: str, old: Properties, new: Properties, context: Context) -> None:
    await _iam(here, "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=document(new["AssumeRolePolicyDocument"]))
    await _iam(here, "UpdateRole", RoleName=name, Description=new.get("Description") or "",
               MaxSessionDuration=new.get("MaxSessionDuration") or 3600)  # fmt: skip
    if new.get("PermissionsBoundary"):
        await _iam(here, "PutRolePermissionsBoundary", RoleName=name, PermissionsBoundary=new["PermissionsBoundary"])
    elif old.get("PermissionsBoundary"):
        await _iam(here, "DeleteRolePermissionsBoundary", RoleName=name)
    await _set_policies(here, "Role", name, new)
    await _drop_policies(here, "Role", name, old, new)
    await _retag(here, "Role", name, old, new, context)


async def _retag(here: Here, kind: str, name: str, old: Properties, new: Properties, context: Context) -> None:
    dropped = {tag["Key"] for tag in old.get("Tags") or []} - {tag["Key"] for tag in new.get("Tags") or []}
    if dropped:
        await _iam(here, f"Untag{kind}", **{f"{kind}Name": name}, TagKeys=sorted(dropped))
    await _iam(here, f"Tag{kind}", **{f"{kind}Name": name}, Tags=_tags(new, context))


async def delete_role(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    await _delete_entity(here, "Role", name)


async def role_attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    role = (await _iam(here, "GetRole", RoleName=name))["Role"]
    return {"Arn": role["Arn"], "RoleId": role["RoleId"]}


async def create_user(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("UserName") or context.name(_NAME_MAX))
    await _create_entity(here, "User", name, context, Path=properties.get("Path"), Tags=_tags(properties, context))
    await _whole(_fill_user(here, name, properties), lambda: delete_user(here, name, properties, context))
    return name


async def _fill_user(here: Here, name: str, properties: Properties) -> None:
    await _set_policies(here, "User", name, properties)
    for group in properties.get("Groups") or []:
        await _iam(here, "AddUserToGroup", UserName=name, GroupName=group)


async def update_user(here: Here, name: str, old: Properties, new: Properties, context: Context) -> None:
    await _fill_user(here, name, new)
    await _drop_policies(here, "User", name, old, new)
    for group in set(old.get("Groups") or []) - set(new.get("Groups") or []):
        await _gone(here, "RemoveUserFromGroup", UserName=name, GroupName=group)
    await _retag(here, "User", name, old, new, context)


async def delete_user(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    try:
        groups = (await _iam(here, "ListGroupsForUser", UserName=name))["Groups"]
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return
        raise
    for group in groups:
        await _gone(here, "RemoveUserFromGroup", UserName=name, GroupName=group["GroupName"])
    await _delete_entity(here, "User", name)


async def user_attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": (await _iam(here, "GetUser", UserName=name))["User"]["Arn"]}


async def create_group(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("GroupName") or context.name(_NAME_MAX))
    await _create_entity(here, "Group", name, context, Path=properties.get("Path"))
    await _whole(_set_policies(here, "Group", name, properties), lambda: _delete_entity(here, "Group", name))
    return name


async def update_group(here: Here, name: str, old: Properties, new: Properties, _context: Context) -> None:
    await _set_policies(here, "Group", name, new)
    await _drop_policies(here, "Group", name, old, new)


async def delete_group(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    await _delete_entity(here, "Group", name)


async def group_attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": (await _iam(here, "GetGroup", GroupName=name))["Group"]["Arn"]}


_HOLDERS = {"Roles": "Role", "Users": "User", "Groups": "Group"}


async def create_policy(here: Here, properties: Properties, context: Context) -> str:
    """AWS::IAM::Policy: an inline policy of several at once."""
    text = document(properties["PolicyDocument"])
    for holders, kind in _HOLDERS.items():
        for name in properties.get(holders) or []:
            asked = {f"{kind}Name": name, "PolicyName": properties["PolicyName"], "PolicyDocument": text}
            await _iam(here, f"Put{kind}Policy", **asked)
    return context.name(_POLICY_NAME_MAX)


async def update_policy(here: Here, physical_id: str, old: Properties, new: Properties, context: Context) -> None:
    await create_policy(here, new, context)
    for holders in _HOLDERS:
        left = [name for name in old.get(holders) or [] if name not in (new.get(holders) or [])]
        await delete_policy(here, physical_id, {"PolicyName": old["PolicyName"], holders: left}, context)


async def delete_policy(here: Here, _physical_id: str, properties: Properties, _context: Context) -> None:
    for holders, kind in _HOLDERS.items():
        for name in properties.get(holders) or []:
            await _gone(here, f"Delete{kind}Policy", **{f"{kind}Name": name}, PolicyName=properties["PolicyName"])


async def create_managed_policy(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("ManagedPolicyName") or context.name(_POLICY_NAME_MAX))
    path = properties.get("Path") or "/"
    arn = f"arn:aws:iam::{here.account_id}:policy{path}{name}"
    try:
        await _iam(here, "CreatePolicy", PolicyName=name, PolicyDocument=document(properties["PolicyDocument"]),
                   Path=path, Description=properties.get("Description"), Tags=_tags(properties, context))  # fmt: skip
    except AwsError as error:
        if error.code != "EntityAlreadyExists" or not await _is_our_policy(here, arn, name, context):
            raise
    made = _attach(here, arn, "Attach", properties)
    await _whole(made, lambda: delete_managed_policy(here, arn, properties, context))
    return arn


async def _is_our_policy(here: Here, arn: str, name: str, context: Context) -> bool:
    if name.endswith(context.suffix):
        return True
    try:
        tags = (await _iam(here, "GetPolicy", PolicyArn=arn))["Policy"]["Tags"]
    except AwsError:
        return False
    held = {tag["Key"]: tag["Value"] for tag in tags}
    return (held.get("aws:cloudformation:stack-id"), held.get("aws:cloudformation:logical-id")) == (
        context.stack_id,
        context.logical_id,
    )


async def _attach(here: Here, arn: str, verb: str, properties: Properties) -> None:
    for holders, kind in _HOLDERS.items():
        for name in properties.get(holders) or []:
            do = _iam if verb == "Attach" else _gone
            await do(here, f"{verb}{kind}Policy", **{f"{kind}Name": name}, PolicyArn=arn)


async def update_managed_policy(here: Here, arn: str, old: Properties, new: Properties, _context: Context) -> None:
    """AWS keeps one version less than the five that are allowed by dropping the oldest."""
    if old["PolicyDocument"] != new["PolicyDocument"]:
        versions = (await _iam(here, "ListPolicyVersions", PolicyArn=arn))["Versions"]
        spare = [one["VersionId"] for one in versions if not one["IsDefaultVersion"]]
        if len(versions) >= 5:
            await _iam(here, "DeletePolicyVersion", PolicyArn=arn, VersionId=spare[-1])
        text = document(new["PolicyDocument"])
        await _iam(here, "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)
    await _attach(here, arn, "Attach", new)
    for holders in _HOLDERS:
        left = [name for name in old.get(holders) or [] if name not in (new.get(holders) or [])]
        await _attach(here, arn, "Detach", {holders: left})


async def delete_managed_policy(here: Here, arn: str, _properties: Properties, _context: Context) -> None:
    try:
        held = await _iam(here, "ListEntitiesForPolicy", PolicyArn=arn)
        versions = (await _iam(here, "ListPolicyVersions", PolicyArn=arn))["Versions"]
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return
        raise
    for kind in _HOLDERS.values():
        for one in held[f"Policy{kind}s"]:
            await _gone(here, f"Detach{kind}Policy", **{f"{kind}Name": one[f"{kind}Name"]}, PolicyArn=arn)
    for version in versions:
        if not version["IsDefaultVersion"]:
            await _gone(here, "DeletePolicyVersion", PolicyArn=arn, VersionId=version["VersionId"])
    await _gone(here, "DeletePolicy", PolicyArn=arn)


async def managed_policy_attributes(here: Here, arn: str, _properties: Properties) -> dict[str, Any]:
    policy = (await _iam(here, "GetPolicy", PolicyArn=arn))["Policy"]
    return {"PolicyArn": arn, "PolicyId": policy["PolicyId"], "DefaultVersionId": policy["DefaultVersionId"]}


async def create_profile(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("InstanceProfileName") or context.name(_POLICY_NAME_MAX))
    try:
        await _iam(here, "CreateInstanceProfile", InstanceProfileName=name, Path=properties.get("Path"))
    except AwsError as error:
        if error.code != "EntityAlreadyExists" or not name.endswith(context.suffix):
            raise
    made = _fill_profile(here, name, properties)
    await _whole(made, lambda: delete_profile(here, name, properties, context))
    return name


async def _fill_profile(here: Here, name: str, properties: Properties) -> None:
    for role in properties["Roles"]:
        await _iam(here, "AddRoleToInstanceProfile", InstanceProfileName=name, RoleName=role)


async def delete_profile(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    try:
        profile = (await _iam(here, "GetInstanceProfile", InstanceProfileName=name))["InstanceProfile"]
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return
        raise
    for role in profile["Roles"]:
        await _gone(here, "RemoveRoleFromInstanceProfile", InstanceProfileName=name, RoleName=role["RoleName"])
    await _gone(here, "DeleteInstanceProfile", InstanceProfileName=name)


async def update_profile(here: Here, name: str, old: Properties, new: Properties, _context: Context) -> None:
    for role in old["Roles"]:
        await _gone(here, "RemoveRoleFromInstanceProfile", InstanceProfileName=name, RoleName=role)
    await _fill_profile(here, name, new)


async def profile_attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": (await _iam(here, "GetInstanceProfile", InstanceProfileName=name))["InstanceProfile"]["Arn"]}


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
            properties=frozenset({"PolicyName", "PolicyDocument", *_HOLDERS}),
            required=frozenset({"PolicyName", "PolicyDocument"}),
            replaces_on=frozenset({"PolicyName"}),
            create=create_policy,
            update=update_policy,
            delete=delete_policy,
        ),
        ResourceType(
            type_name="AWS::IAM::ManagedPolicy",
            properties=frozenset({"ManagedPolicyName", "PolicyDocument", "Path", "Description", "Tags", *_HOLDERS}),
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
