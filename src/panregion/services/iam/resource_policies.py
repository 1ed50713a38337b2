"""AWS::IAM::Policy, ManagedPolicy and InstanceProfile as CloudFormation makes them."""

from typing import Any

from panregion.services.here import Here
from panregion.services.iam.resources import POLICY_NAME_MAX, ask, gone, tags_of, whole
from panregion.services.stack import Context, Properties
from panregion.services.stack_calls import is_owner, json_text
from panregion.wire.errors import AwsError

HOLDERS = {"Roles": "Role", "Users": "User", "Groups": "Group"}


async def create_policy(here: Here, properties: Properties, context: Context) -> str:
    """AWS::IAM::Policy: an inline policy of several at once."""
    text = json_text(properties["PolicyDocument"])
    for holders, kind in HOLDERS.items():
        for name in properties.get(holders) or []:
            asked = {f"{kind}Name": name, "PolicyName": properties["PolicyName"], "PolicyDocument": text}
            await ask(here, f"Put{kind}Policy", **asked)
    return context.name(POLICY_NAME_MAX)


async def update_policy(here: Here, physical_id: str, old: Properties, new: Properties, context: Context) -> None:
    await create_policy(here, new, context)
    for holders in HOLDERS:
        left = [name for name in old.get(holders) or [] if name not in (new.get(holders) or [])]
        await delete_policy(here, physical_id, {"PolicyName": old["PolicyName"], holders: left}, context)


async def delete_policy(here: Here, _physical_id: str, properties: Properties, _context: Context) -> None:
    for holders, kind in HOLDERS.items():
        for name in properties.get(holders) or []:
            await gone(here, f"Delete{kind}Policy", **{f"{kind}Name": name}, PolicyName=properties["PolicyName"])


async def create_managed_policy(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("ManagedPolicyName") or context.name(POLICY_NAME_MAX))
    path = properties.get("Path") or "/"
    arn = f"arn:aws:iam::{here.account_id}:policy{path}{name}"
    try:
        await ask(here, "CreatePolicy", PolicyName=name, PolicyDocument=json_text(properties["PolicyDocument"]),
                   Path=path, Description=properties.get("Description"), Tags=tags_of(properties, context))  # fmt: skip
    except AwsError as error:
        if error.code != "EntityAlreadyExists" or not await _is_our_policy(here, arn, name, context):
            raise
    made = _attach(here, arn, "Attach", properties)
    await whole(made, lambda: delete_managed_policy(here, arn, properties, context))
    return arn


async def _is_our_policy(here: Here, arn: str, name: str, context: Context) -> bool:
    if name.endswith(context.suffix):
        return True
    try:
        tags = (await ask(here, "GetPolicy", PolicyArn=arn))["Policy"]["Tags"]
    except AwsError:
        return False
    return is_owner({tag["Key"]: tag["Value"] for tag in tags}, context)


async def _attach(here: Here, arn: str, verb: str, properties: Properties) -> None:
    for holders, kind in HOLDERS.items():
        for name in properties.get(holders) or []:
            do = ask if verb == "Attach" else gone
            await do(here, f"{verb}{kind}Policy", **{f"{kind}Name": name}, PolicyArn=arn)


async def update_managed_policy(here: Here, arn: str, old: Properties, new: Properties, _context: Context) -> None:
    """AWS keeps one version less than the five that are allowed by dropping the oldest."""
    if old["PolicyDocument"] != new["PolicyDocument"]:
        versions = (await ask(here, "ListPolicyVersions", PolicyArn=arn))["Versions"]
        spare = [one["VersionId"] for one in versions if not one["IsDefaultVersion"]]
        if len(versions) >= 5:
            await ask(here, "DeletePolicyVersion", PolicyArn=arn, VersionId=spare[-1])
        text = json_text(new["PolicyDocument"])
        await ask(here, "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)
    await _attach(here, arn, "Attach", new)
    for holders in HOLDERS:
        left = [name for name in old.get(holders) or [] if name not in (new.get(holders) or [])]
        await _attach(here, arn, "Detach", {holders: left})


async def delete_managed_policy(here: Here, arn: str, _properties: Properties, _context: Context) -> None:
    try:
        held = await ask(here, "ListEntitiesForPolicy", PolicyArn=arn)
        versions = (await ask(here, "ListPolicyVersions", PolicyArn=arn))["Versions"]
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return
        raise
    for kind in HOLDERS.values():
        for one in held[f"Policy{kind}s"]:
            await gone(here, f"Detach{kind}Policy", **{f"{kind}Name": one[f"{kind}Name"]}, PolicyArn=arn)
    for version in versions:
        if not version["IsDefaultVersion"]:
            await gone(here, "DeletePolicyVersion", PolicyArn=arn, VersionId=version["VersionId"])
    await gone(here, "DeletePolicy", PolicyArn=arn)


async def managed_policy_attributes(here: Here, arn: str, _properties: Properties) -> dict[str, Any]:
    policy = (await ask(here, "GetPolicy", PolicyArn=arn))["Policy"]
    return {"PolicyArn": arn, "PolicyId": policy["PolicyId"], "DefaultVersionId": policy["DefaultVersionId"]}


async def create_profile(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("InstanceProfileName") or context.name(POLICY_NAME_MAX))
    try:
        await ask(here, "CreateInstanceProfile", InstanceProfileName=name, Path=properties.get("Path"))
    except AwsError as error:
        if error.code != "EntityAlreadyExists" or not name.endswith(context.suffix):
            raise
    made = _fill_profile(here, name, properties)
    await whole(made, lambda: delete_profile(here, name, properties, context))
    return name


async def _fill_profile(here: Here, name: str, properties: Properties) -> None:
    for role in properties["Roles"]:
        await ask(here, "AddRoleToInstanceProfile", InstanceProfileName=name, RoleName=role)


async def delete_profile(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    try:
        profile = (await ask(here, "GetInstanceProfile", InstanceProfileName=name))["InstanceProfile"]
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return
        raise
    for role in profile["Roles"]:
        await gone(here, "RemoveRoleFromInstanceProfile", InstanceProfileName=name, RoleName=role["RoleName"])
    await gone(here, "DeleteInstanceProfile", InstanceProfileName=name)


async def update_profile(here: Here, name: str, old: Properties, new: Properties, _context: Context) -> None:
    for role in old["Roles"]:
        await gone(here, "RemoveRoleFromInstanceProfile", InstanceProfileName=name, RoleName=role)
    await _fill_profile(here, name, new)


async def profile_attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": (await ask(here, "GetInstanceProfile", InstanceProfileName=name))["InstanceProfile"]["Arn"]}
