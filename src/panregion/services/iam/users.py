"""Users, groups and access keys. A key that is made here is accepted as any other is."""

# ruff: noqa: ARG001 - path prefixes of single users change nothing

from typing import Any

from panregion.services.here import Here
from panregion.services.iam import entities, layout
from panregion.services.iam.entities import ID_ALPHABET, replaced
from panregion.services.iam.errors import DeleteConflictException, LimitExceededException, NoSuchEntityException
from panregion.services.iam.model import AccessKey, Entity, present, tag_list
from panregion.services.service import reads

_KEYS_MAX = 2
_SECRET_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+"


def _describe_user(here: Here, user: Entity) -> dict[str, Any]:
    return present({**entities.described(here, user), "Tags": tag_list(user.tags) or None})


def add_user_to_group(here: Here, group_name: str, user_name: str) -> None:
    group = layout.require(here.tx, "group", group_name)
    user = layout.require(here.tx, "user", user_name)
    if group.name not in user.groups:
        layout.put(here.tx, replaced(user, groups=[*user.groups, group.name]))


def attach_group_policy(here: Here, group_name: str, policy_arn: str) -> None:
    entities.attach(here, "group", group_name, policy_arn)


def attach_user_policy(here: Here, user_name: str, policy_arn: str) -> None:
    entities.attach(here, "user", user_name, policy_arn)


def create_access_key(here: Here, user_name: str) -> dict[str, Any]:
    user = layout.require(here.tx, "user", user_name)
    if len(layout.keys(here.tx, user.name)) >= _KEYS_MAX:
        raise LimitExceededException(f"Cannot exceed quota for AccessKeysPerUser: {_KEYS_MAX}")
    key = AccessKey(
        id="AKIA" + here.world.chance.token(16, ID_ALPHABET),
        secret=here.world.chance.token(40, _SECRET_ALPHABET),
        user=user.name,
        created=here.now(),
    )
    layout.put_key(here.tx, key)
    return {"AccessKey": {**_describe_key(key), "SecretAccessKey": key.secret}}


def _describe_key(key: AccessKey) -> dict[str, Any]:
    return {"UserName": key.user, "AccessKeyId": key.id, "Status": key.status, "CreateDate": key.created}


def create_group(here: Here, group_name: str, path: str | None = None) -> dict[str, Any]:
    return {"Group": entities.described(here, entities.create(here, "group", group_name, path, None))}


def create_user(
    here: Here,
    user_name: str,
    path: str | None = None,
    permissions_boundary: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    user = entities.create(here, "user", user_name, path, tags, boundary=permissions_boundary)
    return {"User": _describe_user(here, user)}


def delete_access_key(here: Here, access_key_id: str, user_name: str) -> None:
    layout.delete_key(here.tx, _require_key(here, user_name, access_key_id))


def _require_key(here: Here, user_name: str, key_id: str) -> AccessKey:
    for key in layout.keys(here.tx, layout.require(here.tx, "user", user_name).name):
        if key.id == key_id:
            return key
    raise NoSuchEntityException(f"The Access Key with id {key_id} cannot be found.")


def delete_group(here: Here, group_name: str) -> None:
    group = layout.require(here.tx, "group", group_name)
    if any(group.name in user.groups for user in layout.entities(here.tx, "user")):
        raise DeleteConflictException("Cannot delete entity, must remove users from group first.")
    entities.delete(here, "group", group_name)


def delete_group_policy(here: Here, group_name: str, policy_name: str) -> None:
    entities.delete_inline(here, "group", group_name, policy_name)


def delete_user(here: Here, user_name: str) -> None:
    user = layout.require(here.tx, "user", user_name)
    if user.groups:
        raise DeleteConflictException("Cannot delete entity, must remove users from group first.")
    if layout.keys(here.tx, user.name):
        raise DeleteConflictException("Cannot delete entity, must delete access keys first.")
    entities.delete(here, "user", user_name)


def delete_user_policy(here: Here, user_name: str, policy_name: str) -> None:
    entities.delete_inline(here, "user", user_name, policy_name)


def detach_group_policy(here: Here, group_name: str, policy_arn: str) -> None:
    entities.detach(here, "group", group_name, policy_arn)


def detach_user_policy(here: Here, user_name: str, policy_arn: str) -> None:
    entities.detach(here, "user", user_name, policy_arn)


@reads
def get_group(here: Here, group_name: str) -> dict[str, Any]:
    group = layout.require(here.tx, "group", group_name)
    users = [user for user in layout.entities(here.tx, "user") if group.name in user.groups]
    return {
        "Group": entities.described(here, group),
        "Users": [_describe_user(here, user) for user in users],
        "IsTruncated": False,
    }


@reads
def get_group_policy(here: Here, group_name: str, policy_name: str) -> dict[str, str]:
    return entities.get_inline(here, "group", group_name, policy_name)


@reads
def get_user(here: Here, user_name: str | None = None) -> dict[str, Any]:
    if user_name is None:  # the caller: the account's root
        account = here.account_id
        root = {"UserId": account, "Arn": f"arn:aws:iam::{account}:root", "Path": "/", "UserName": "root"}
        return {"User": {**root, "CreateDate": 0}}
    return {"User": _describe_user(here, layout.require(here.tx, "user", user_name))}


@reads
def get_user_policy(here: Here, user_name: str, policy_name: str) -> dict[str, str]:
    return entities.get_inline(here, "user", user_name, policy_name)


@reads
def list_access_keys(
    here: Here, user_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    user = layout.require(here.tx, "user", user_name)
    page, more = entities.page(layout.keys(here.tx, user.name), max_items, marker)
    return {"AccessKeyMetadata": [_describe_key(key) for key in page], **more}


@reads
def list_attached_group_policies(
    here: Here,
    group_name: str,
    path_prefix: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, Any]:
    return entities.list_attached(here, "group", group_name, max_items, marker)


@reads
def list_attached_user_policies(
    here: Here,
    user_name: str,
    path_prefix: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, Any]:
    return entities.list_attached(here, "user", user_name, max_items, marker)


@reads
def list_group_policies(
    here: Here, group_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    return entities.list_inline(here, "group", group_name, max_items, marker)


@reads
def list_groups(
    here: Here, path_prefix: str | None = None, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    page, more = entities.page(entities.listed(here, "group", path_prefix), max_items, marker)
    return {"Groups": [entities.described(here, one) for one in page], **more}


@reads
def list_groups_for_user(
    here: Here, user_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    names = layout.require(here.tx, "user", user_name).groups
    page, more = entities.page(names, max_items, marker)
    groups = [layout.require(here.tx, "group", name) for name in page]
    return {"Groups": [entities.described(here, group) for group in groups], **more}


@reads
def list_user_policies(
    here: Here, user_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    return entities.list_inline(here, "user", user_name, max_items, marker)


@reads
def list_user_tags(
    here: Here, user_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    return entities.list_tags(here, "user", user_name, max_items, marker)


@reads
def list_users(
    here: Here, path_prefix: str | None = None, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    page, more = entities.page(entities.listed(here, "user", path_prefix), max_items, marker)
    return {"Users": [_describe_user(here, one) for one in page], **more}


def put_group_policy(here: Here, group_name: str, policy_name: str, policy_document: str) -> None:
    entities.put_inline(here, "group", group_name, policy_name, policy_document)


def put_user_policy(here: Here, user_name: str, policy_name: str, policy_document: str) -> None:
    entities.put_inline(here, "user", user_name, policy_name, policy_document)


def remove_user_from_group(here: Here, group_name: str, user_name: str) -> None:
    group = layout.require(here.tx, "group", group_name)
    user = layout.require(here.tx, "user", user_name)
    layout.put(here.tx, replaced(user, groups=[name for name in user.groups if name != group.name]))


def tag_user(here: Here, user_name: str, tags: list[dict[str, str]]) -> None:
    entities.tag(here, "user", user_name, tags)


def untag_user(here: Here, user_name: str, tag_keys: list[str]) -> None:
    entities.untag(here, "user", user_name, tag_keys)


def update_access_key(here: Here, access_key_id: str, status: str, user_name: str) -> None:
    layout.put_key(here.tx, replaced(_require_key(here, user_name, access_key_id), status=status))
