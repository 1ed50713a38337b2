"""What is configured for a bucket: each kind is kept as it was put, and got back so.

Acted upon: versioning. Kept, and not acted upon: policy, encryption, CORS, lifecycle, ownership, public access
block. Refused where acting on it is the point: notifications, access control lists.
"""

import json
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.s3 import describe, layout
from panregion.services.s3.errors import (
    AccessControlListNotSupported,
    MalformedPolicy,
    MalformedXML,
    NoSuchBucketPolicy,
    NoSuchCORSConfiguration,
    NoSuchLifecycleConfiguration,
    NoSuchPublicAccessBlockConfiguration,
    NoSuchTagSet,
    NotImplementedHere,
    OwnershipControlsNotFoundError,
)
from panregion.services.s3.model import tags_of
from panregion.services.s3.parameters import gathers, owned

BUCKET_TAGS_MAX = 50
PUBLIC_ACCESS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
DEFAULT_ENCRYPTION = {
    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]
}
REMOVED: dict[str, Any] = {"removed": True}
"""Stands for a default that was deleted: such a bucket has none, unlike one that never had it put."""

_digests = gathers("_digests", ("ContentMD5", "ChecksumAlgorithm"))


def require_private(acl: str | None) -> None:
    """New buckets have no access control lists, on AWS too. Raises AccessControlListNotSupported."""
    if acl not in (None, "private", "bucket-owner-full-control"):
        raise AccessControlListNotSupported("The bucket does not allow ACLs")


@owned
@_digests
def put_bucket_versioning(
    here: Here, bucket: str, versioning_configuration: dict[str, Any], _digests: dict[str, str]
) -> dict[str, Any]:
    found = layout.bucket(here.tx, bucket)
    if versioning_configuration.get("MFADelete") == "Enabled":
        raise NotImplementedHere("panregion's s3 does not support MFA delete")
    status = versioning_configuration.get("Status")
    if status is None:
        raise MalformedXML("The XML you provided was not well-formed or did not validate against our published schema")
    layout.put_bucket(here.tx, msgspec.structs.replace(found, versioning=status))
    return {}


@owned
@reads
def get_bucket_versioning(here: Here, bucket: str) -> dict[str, Any]:
    return {"Status": layout.bucket(here.tx, bucket).versioning}


@owned
@_digests
def put_bucket_policy(
    here: Here,
    bucket: str,
    policy: str,
    _digests: dict[str, str],
    confirm_remove_self_bucket_access: bool = False,  # noqa: ARG001 - policies are kept, not enforced
) -> dict[str, Any]:
    try:
        document = json.loads(policy)
    except ValueError as error:
        raise MalformedPolicy("Policies must be valid JSON and the first byte must be '{'") from error
    if not isinstance(document, dict) or "Statement" not in document:
        raise MalformedPolicy("Missing required field Statement")
    layout.put_config(here.tx, bucket, "policy", policy)
    return {}


@owned
@reads
def get_bucket_policy(here: Here, bucket: str) -> dict[str, Any]:
    policy = layout.config(here.tx, bucket, "policy")
    if policy is None:
        raise NoSuchBucketPolicy("The bucket policy does not exist", BucketName=bucket)
    return {"Policy": policy}


@owned
def delete_bucket_policy(here: Here, bucket: str) -> dict[str, Any]:
    layout.delete_config(here.tx, bucket, "policy")
    return {}


@owned
@_digests
def put_bucket_tagging(here: Here, bucket: str, tagging: dict[str, Any], _digests: dict[str, str]) -> dict[str, Any]:
    tags_of(tagging["TagSet"], BUCKET_TAGS_MAX)
    layout.put_config(here.tx, bucket, "tagging", tagging["TagSet"])
    return {}


@owned
@reads
def get_bucket_tagging(here: Here, bucket: str) -> dict[str, Any]:
    tags = layout.config(here.tx, bucket, "tagging")
    if not tags:
        raise NoSuchTagSet("The TagSet does not exist", BucketName=bucket)
    return {"TagSet": tags}


@owned
def delete_bucket_tagging(here: Here, bucket: str) -> dict[str, Any]:
    layout.delete_config(here.tx, bucket, "tagging")
    return {}


@owned
@_digests
def put_bucket_encryption(
    here: Here, bucket: str, server_side_encryption_configuration: dict[str, Any], _digests: dict[str, str]
) -> dict[str, Any]:
    layout.put_config(here.tx, bucket, "encryption", server_side_encryption_configuration)
    return {}


@owned
@reads
def get_bucket_encryption(here: Here, bucket: str) -> dict[str, Any]:
    put = layout.config(here.tx, bucket, "encryption")
    return {"ServerSideEncryptionConfiguration": put or DEFAULT_ENCRYPTION}


@owned
def delete_bucket_encryption(here: Here, bucket: str) -> dict[str, Any]:
    layout.delete_config(here.tx, bucket, "encryption")
    return {}


@owned
@_digests
def put_public_access_block(
    here: Here, bucket: str, public_access_block_configuration: dict[str, Any], _digests: dict[str, str]
) -> dict[str, Any]:
    kept = {name: bool(public_access_block_configuration.get(name)) for name in PUBLIC_ACCESS}
    layout.put_config(here.tx, bucket, "public-access", kept)
    return {}


@owned
@reads
def get_public_access_block(here: Here, bucket: str) -> dict[str, Any]:
    put = layout.config(here.tx, bucket, "public-access")
    if put == REMOVED:
        raise NoSuchPublicAccessBlockConfiguration("The public access block configuration was not found")
    return {"PublicAccessBlockConfiguration": put or dict.fromkeys(PUBLIC_ACCESS, True)}


@owned
def delete_public_access_block(here: Here, bucket: str) -> dict[str, Any]:
    layout.put_config(here.tx, bucket, "public-access", REMOVED)
    return {}


@owned
@_digests
def put_bucket_ownership_controls(
    here: Here, bucket: str, ownership_controls: dict[str, Any], _digests: dict[str, str]
) -> dict[str, Any]:
    layout.put_config(here.tx, bucket, "ownership", ownership_controls)
    return {}


@owned
@reads
def get_bucket_ownership_controls(here: Here, bucket: str) -> dict[str, Any]:
    put = layout.config(here.tx, bucket, "ownership")
    if put == REMOVED:
        raise OwnershipControlsNotFoundError("The bucket ownership controls were not found", BucketName=bucket)
    return {"OwnershipControls": put or {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}


@owned
def delete_bucket_ownership_controls(here: Here, bucket: str) -> dict[str, Any]:
    layout.put_config(here.tx, bucket, "ownership", REMOVED)
    return {}


@owned
@_digests
def put_bucket_cors(
    here: Here, bucket: str, cors_configuration: dict[str, Any], _digests: dict[str, str]
) -> dict[str, Any]:
    layout.put_config(here.tx, bucket, "cors", cors_configuration["CORSRules"])
    return {}


@owned
@reads
def get_bucket_cors(here: Here, bucket: str) -> dict[str, Any]:
    rules = layout.config(here.tx, bucket, "cors")
    if rules is None:
        raise NoSuchCORSConfiguration("The CORS configuration does not exist", BucketName=bucket)
    return {"CORSRules": rules}


@owned
def delete_bucket_cors(here: Here, bucket: str) -> dict[str, Any]:
    layout.delete_config(here.tx, bucket, "cors")
    return {}


@owned
@_digests
def put_bucket_lifecycle_configuration(
    here: Here,
    bucket: str,
    _digests: dict[str, str],
    lifecycle_configuration: dict[str, Any] | None = None,
    transition_default_minimum_object_size: str = "all_storage_classes_128K",
) -> dict[str, Any]:
    kept = {
        "Rules": (lifecycle_configuration or {}).get("Rules", []),
        "TransitionDefaultMinimumObjectSize": transition_default_minimum_object_size,
    }
    layout.put_config(here.tx, bucket, "lifecycle", kept)
    return {"TransitionDefaultMinimumObjectSize": transition_default_minimum_object_size}


@owned
@reads
def get_bucket_lifecycle_configuration(here: Here, bucket: str) -> dict[str, Any]:
    kept: dict[str, Any] | None = layout.config(here.tx, bucket, "lifecycle")
    if kept is None:
        raise NoSuchLifecycleConfiguration("The lifecycle configuration does not exist", BucketName=bucket)
    return kept


@owned
def delete_bucket_lifecycle(here: Here, bucket: str) -> dict[str, Any]:
    layout.delete_config(here.tx, bucket, "lifecycle")
    return {}


@owned
def put_bucket_notification_configuration(
    here: Here,
    bucket: str,
    notification_configuration: dict[str, Any],
    skip_destination_validation: bool = False,  # noqa: ARG001 - there is no destination to validate
) -> dict[str, Any]:
    layout.bucket(here.tx, bucket)
    kinds = [kind for kind, value in notification_configuration.items() if value or kind.startswith("EventBridge")]
    if kinds:
        raise NotImplementedHere(f"panregion's s3 sends no event notifications yet: {', '.join(kinds)}")
    return {}


@owned
@reads
def get_bucket_notification_configuration(here: Here, bucket: str) -> dict[str, Any]:
    layout.bucket(here.tx, bucket)
    return {}


@owned
@reads
def get_bucket_acl(here: Here, bucket: str) -> dict[str, Any]:
    layout.bucket(here.tx, bucket)
    return owner_only(here)


def owner_only(here: Here) -> dict[str, Any]:
    """The access control list of whatever has none."""
    owner = describe.owner(here)
    return {"Owner": owner, "Grants": [{"Grantee": {**owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]}


@owned
@_digests
def put_bucket_acl(here: Here, bucket: str, _digests: dict[str, str], acl: str | None = None) -> dict[str, Any]:
    layout.bucket(here.tx, bucket)
    require_private(acl)
    return {}


@owned
@reads
def get_bucket_logging(here: Here, bucket: str) -> dict[str, Any]:
    layout.bucket(here.tx, bucket)
    return {}


@owned
@reads
def get_bucket_accelerate_configuration(here: Here, bucket: str) -> dict[str, Any]:
    layout.bucket(here.tx, bucket)
    return {}


@owned
@reads
def get_bucket_request_payment(here: Here, bucket: str) -> dict[str, Any]:
    layout.bucket(here.tx, bucket)
    return {"Payer": "BucketOwner"}
