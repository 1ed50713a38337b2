"""S3 for CloudFormation: buckets and their policies."""

import json
from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.stack_calls import owner_tags, tag_list, tags_of, truth
from panregion.wire import AwsError

Properties = dict[str, Any]

BUCKET_NAME_MAX = 63
ABSENT = frozenset({"NoSuchBucket", "404", "NoSuchBucketPolicy"})


def _versioning(value: Any) -> Properties:
    return {"VersioningConfiguration": value}


def _encryption(value: Any) -> Properties:
    rules = [
        _renamed(rule, {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"})
        for rule in value["ServerSideEncryptionConfiguration"]
    ]
    return {"ServerSideEncryptionConfiguration": {"Rules": rules}}


def _cors(value: Any) -> Properties:
    names = {"Id": "ID", "MaxAge": "MaxAgeSeconds", "ExposedHeaders": "ExposeHeaders"}
    rules = [_renamed(rule, names) for rule in value["CorsRules"]]
    for rule in rules:
        if "MaxAgeSeconds" in rule:
            rule["MaxAgeSeconds"] = int(rule["MaxAgeSeconds"])
    return {"CORSConfiguration": {"CORSRules": rules}}


def _renamed(value: Properties, names: dict[str, str]) -> Properties:
    return {names.get(name, name): inner for name, inner in value.items()}


def _public_access(value: Any) -> Properties:
    return {"PublicAccessBlockConfiguration": {name: truth(on) for name, on in value.items()}}


def _website(value: Any) -> Properties:
    said: Properties = {}
    if "IndexDocument" in value:
        said["IndexDocument"] = {"Suffix": str(value["IndexDocument"])}
    if "ErrorDocument" in value:
        said["ErrorDocument"] = {"Key": str(value["ErrorDocument"])}
    if "RedirectAllRequestsTo" in value:
        said["RedirectAllRequestsTo"] = value["RedirectAllRequestsTo"]
    if "RoutingRules" in value:
        said["RoutingRules"] = [_routing_rule(rule) for rule in value["RoutingRules"]]
    return {"WebsiteConfiguration": said}


def _routing_rule(rule: Properties) -> Properties:
    """Codes are text to the operation, and often numbers in templates."""
    named = _renamed(rule, {"RedirectRule": "Redirect", "RoutingRuleCondition": "Condition"})
    return {part: {name: str(value) for name, value in inner.items()} for part, inner in named.items()}


CONFIGURATIONS: dict[str, tuple[str, str | None, Any]] = {
    "VersioningConfiguration": ("PutBucketVersioning", None, _versioning),
    "BucketEncryption": ("PutBucketEncryption", "DeleteBucketEncryption", _encryption),
    "CorsConfiguration": ("PutBucketCors", "DeleteBucketCors", _cors),
    "WebsiteConfiguration": ("PutBucketWebsite", "DeleteBucketWebsite", _website),
    "PublicAccessBlockConfiguration": ("PutPublicAccessBlock", "DeletePublicAccessBlock", _public_access),
    "OwnershipControls": (
        "PutBucketOwnershipControls",
        "DeleteBucketOwnershipControls",
        lambda value: {"OwnershipControls": value},
    ),
}
"""What a template may configure: the operation that sets it, the one that removes it, and how it is said there."""


async def create_bucket(here: Here, properties: Properties, context: Context) -> str:
    name = properties.get("BucketName") or context.name(BUCKET_NAME_MAX).lower()
    where = {} if here.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": here.region}}
    try:
        await here.request("s3", "CreateBucket", {"Bucket": name, **where})
    except AwsError as error:
        if error.code != "BucketAlreadyOwnedByYou" or not await _is_ours(here, name, context):
            raise
    await _configure(here, name, {}, properties, context)
    return str(name)


async def _is_ours(here: Here, name: str, context: Context) -> bool:
    """Whether an earlier attempt at this resource made the bucket: it carries the stack's tags."""
    try:
        tags = (await here.request("s3", "GetBucketTagging", {"Bucket": name}))["TagSet"]
    except AwsError:
        return False
    return {"Key": "aws:cloudformation:stack-id", "Value": context.stack_id} in tags


async def _configure(here: Here, name: str, old: Properties, new: Properties, context: Context) -> None:
    """Bring the bucket from the old properties to the new ones."""
    tagging = {"TagSet": tag_list(tags_of(new, context) | owner_tags(context))}
    await here.request("s3", "PutBucketTagging", {"Bucket": name, "Tagging": tagging})
    for kind, (put, remove, said) in CONFIGURATIONS.items():
        if kind in new and new[kind] != old.get(kind):
            await here.request("s3", put, {"Bucket": name, **said(new[kind])})
        elif kind in old and kind not in new and remove is not None:
            await here.request("s3", remove, {"Bucket": name})
        elif kind in old and kind not in new:
            suspended = {"VersioningConfiguration": {"Status": "Suspended"}}
            await here.request("s3", put, {"Bucket": name, **suspended})


async def update_bucket(here: Here, name: str, old: Properties, new: Properties, context: Context) -> None:
    await _configure(here, name, old, new, context)


async def delete_bucket(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    try:
        await here.request("s3", "DeleteBucket", {"Bucket": name})
    except AwsError as error:
        if error.code not in ABSENT:
            raise


async def bucket_attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    return {
        "Arn": f"arn:aws:s3:::{name}",
        "DomainName": f"{name}.s3.amazonaws.com",
        "DualStackDomainName": f"{name}.s3.dualstack.{here.region}.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.{here.region}.amazonaws.com",
        "WebsiteURL": f"http://{name}.s3-website-{here.region}.amazonaws.com",
    }


async def create_policy(here: Here, properties: Properties, _context: Context) -> str:
    bucket = str(properties["Bucket"])
    document = properties["PolicyDocument"]
    policy = document if isinstance(document, str) else json.dumps(document)
    await here.request("s3", "PutBucketPolicy", {"Bucket": bucket, "Policy": policy})
    return bucket


async def update_policy(here: Here, _id: str, _old: Properties, new: Properties, context: Context) -> None:
    await create_policy(here, new, context)


async def delete_policy(here: Here, bucket: str, _properties: Properties, _context: Context) -> None:
    try:
        await here.request("s3", "DeleteBucketPolicy", {"Bucket": bucket})
    except AwsError as error:
        if error.code not in ABSENT:
            raise


RESOURCES = {
    kind.type_name: kind
    for kind in (
        ResourceType(
            type_name="AWS::S3::Bucket",
            properties=frozenset({"BucketName", "Tags", *CONFIGURATIONS}),
            create=create_bucket,
            update=update_bucket,
            delete=delete_bucket,
            attributes=bucket_attributes,
            replaces_on=frozenset({"BucketName"}),
        ),
        ResourceType(
            type_name="AWS::S3::BucketPolicy",
            properties=frozenset({"Bucket", "PolicyDocument"}),
            required=frozenset({"Bucket", "PolicyDocument"}),
            create=create_policy,
            update=update_policy,
            delete=delete_policy,
            replaces_on=frozenset({"Bucket"}),
        ),
    )
}
