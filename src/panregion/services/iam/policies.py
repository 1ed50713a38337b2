"""Managed policies: the account's own, with their versions. AWS's own are known by name and have no document here."""

# ruff: noqa: ARG001 - PolicyUsageFilter changes nothing

from typing import Any

from panregion.services.here import Here
from panregion.services.iam import entities, layout
from panregion.services.iam.entities import AWS_POLICY, replaced
from panregion.services.iam.errors import (
    DeleteConflictException,
    EntityAlreadyExistsException,
    LimitExceededException,
    NoSuchEntityException,
)
from panregion.services.iam.model import (
    VERSIONS_MAX,
    Policy,
    PolicyVersion,
    check_document,
    encoded,
    present,
    tag_list,
    tag_map,
)
from panregion.services.service import reads


def _require(here: Here, arn: str) -> Policy:
    found = layout.find_policy(here.tx, arn)
    if found is None:
        raise NoSuchEntityException(f"Policy {arn} was not found.")
    return found


def _users(here: Here, arn: str) -> int:
    return sum(
        arn in entity.attached for kind in ("role", "user", "group") for entity in layout.entities(here.tx, kind)
    )


def _described(here: Here, policy: Policy, *, brief: bool = False) -> dict[str, Any]:
    return present(
        {
            "PolicyName": policy.name,
            "PolicyId": policy.id,
            "Arn": policy.arn,
            "Path": policy.path,
            "DefaultVersionId": policy.default,
            "AttachmentCount": _users(here, policy.arn),
            "PermissionsBoundaryUsageCount": 0,
            "IsAttachable": True,
            "Description": None if brief else policy.description,
            "CreateDate": policy.created,
            "UpdateDate": policy.updated,
            "Tags": None if brief else tag_list(policy.tags),
        }
    )


def _version(policy: Policy, version: PolicyVersion, *, document: bool = True) -> dict[str, Any]:
    return present(
        {
            "Document": encoded(version.document) if document else None,
            "VersionId": version.id,
            "IsDefaultVersion": version.id == policy.default,
            "CreateDate": version.created,
        }
    )


def create_policy(
    here: Here,
    policy_name: str,
    policy_document: str,
    path: str | None = None,
    description: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    check_document(policy_document)
    arn = f"arn:aws:iam::{here.account_id}:policy{path or '/'}{policy_name}"
    if any(one.name.lower() == policy_name.lower() for one in layout.policies(here.tx)):
        raise EntityAlreadyExistsException(
            f"A policy called {policy_name} already exists. Duplicate names are not allowed."
        )
    now = here.now()
    policy = Policy(
        arn=arn,
        name=policy_name,
        id=entities.new_id(here, "ANPA"),
        path=path or "/",
        created=now,
        updated=now,
        versions=[PolicyVersion(id="v1", document=policy_document, created=now)],
        description=description,
        tags=tag_map(tags),
    )
    layout.put_policy(here.tx, policy)
    return {"Policy": _described(here, policy)}


def create_policy_version(
    here: Here, policy_arn: str, policy_document: str, set_as_default: bool = False
) -> dict[str, Any]:
    check_document(policy_document)
    policy = _require(here, policy_arn)
    if len(policy.versions) >= VERSIONS_MAX:
        raise LimitExceededException(
            f"A managed policy can have up to {VERSIONS_MAX} versions. Before you create a new version, you must "
            "delete an existing version."
        )
    version = PolicyVersion(id=f"v{policy.serial + 1}", document=policy_document, created=here.now())
    policy = replaced(
        policy,
        versions=[*policy.versions, version],
        serial=policy.serial + 1,
        updated=here.now(),
        default=version.id if set_as_default else policy.default,
    )
    layout.put_policy(here.tx, policy)
    return {"PolicyVersion": _version(policy, version, document=False)}


def delete_policy(here: Here, policy_arn: str) -> None:
    policy = _require(here, policy_arn)
    if _users(here, policy_arn):
        raise DeleteConflictException("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise DeleteConflictException(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy."
        )
    layout.delete_policy(here.tx, policy)


def delete_policy_version(here: Here, policy_arn: str, version_id: str) -> None:
    policy = _require(here, policy_arn)
    _find_version(policy, version_id)
    if version_id == policy.default:
        raise DeleteConflictException("Cannot delete the default version of a policy.")
    kept = [one for one in policy.versions if one.id != version_id]
    layout.put_policy(here.tx, replaced(policy, versions=kept))


def _find_version(policy: Policy, version_id: str) -> PolicyVersion:
    for version in policy.versions:
        if version.id == version_id:
            return version
    raise NoSuchEntityException(f"Policy {policy.arn} version {version_id} does not exist or is not attachable.")


@reads
def get_policy(here: Here, policy_arn: str) -> dict[str, Any]:
    return {"Policy": _described(here, _require(here, policy_arn))}


@reads
def get_policy_version(here: Here, policy_arn: str, version_id: str) -> dict[str, Any]:
    policy = _require(here, policy_arn)
    return {"PolicyVersion": _version(policy, _find_version(policy, version_id))}


@reads
def list_entities_for_policy(
    here: Here, policy_arn: str, entity_filter: str | None = None, path_prefix: str | None = None
) -> dict[str, Any]:
    if not policy_arn.startswith(AWS_POLICY):
        _require(here, policy_arn)
    answer: dict[str, Any] = {"IsTruncated": False}
    for kind in ("role", "user", "group"):
        title = kind.title()
        answer[f"Policy{title}s"] = [
            {f"{title}Name": one.name, f"{title}Id": one.id}
            for one in entities.listed(here, kind, path_prefix)
            if policy_arn in one.attached and entity_filter in (None, title)
        ]
    return answer


@reads
def list_policies(
    here: Here,
    scope: str = "All",
    only_attached: bool = False,
    path_prefix: str | None = None,
    policy_usage_filter: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, Any]:
    """The account's own. AWS's, of which there are some 1,400, are accepted everywhere and listed nowhere."""
    found = [] if scope == "AWS" else [
        one for one in layout.policies(here.tx)
        if one.path.startswith(path_prefix or "/") and (not only_attached or _users(here, one.arn))
    ]  # fmt: skip
    page, more = entities.page(found, max_items, marker)
    return {"Policies": [_described(here, one, brief=True) for one in page], **more}


@reads
def list_policy_versions(
    here: Here, policy_arn: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    policy = _require(here, policy_arn)
    page, more = entities.page(policy.versions[::-1], max_items, marker)
    return {"Versions": [_version(policy, one, document=False) for one in page], **more}


def set_default_policy_version(here: Here, policy_arn: str, version_id: str) -> None:
    policy = _require(here, policy_arn)
    layout.put_policy(here.tx, replaced(policy, default=_find_version(policy, version_id).id))
