"""Buckets themselves."""

from typing import Any

from panregion.services import Here, reads
from panregion.services.s3 import describe, layout
from panregion.services.s3.api.configurations import require_private
from panregion.services.s3.errors import (
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    IllegalLocationConstraintException,
    InvalidLocationConstraint,
    NotFound,
    NotImplementedHere,
)
from panregion.services.s3.model import Bucket, check_bucket_name
from panregion.services.s3.parameters import owned

CLASSIC = "us-east-1"
"""The region that has no location constraint, and where making one's bucket again is no error."""


def create_bucket(
    here: Here,
    bucket: str,
    create_bucket_configuration: dict[str, Any] | None = None,
    acl: str | None = None,
    object_ownership: str | None = None,
) -> dict[str, Any]:
    check_bucket_name(bucket)
    require_private(acl)
    _check_location(here.region, create_bucket_configuration or {})
    if layout.find_bucket(here.tx, bucket) is None:
        layout.put_bucket(here.tx, Bucket(bucket, here.now()))
        if object_ownership is not None:
            rules = {"Rules": [{"ObjectOwnership": object_ownership}]}
            layout.put_config(here.tx, bucket, "ownership", rules)
        tags = (create_bucket_configuration or {}).get("Tags")
        if tags:
            layout.put_config(here.tx, bucket, "tagging", tags)
    elif here.region != CLASSIC:
        raise BucketAlreadyOwnedByYou(
            "Your previous request to create the named bucket succeeded and you already own it.", BucketName=bucket
        )
    return {"Location": f"/{bucket}", "BucketArn": f"arn:aws:s3:::{bucket}"}


def _check_location(region: str, configuration: dict[str, Any]) -> None:
    for name in ("Location", "Bucket"):
        if name in configuration:
            raise NotImplementedHere("panregion's s3 has general purpose buckets only, no directory buckets")
    constraint = configuration.get("LocationConstraint")
    if constraint == CLASSIC:
        raise InvalidLocationConstraint("The specified location-constraint is not valid", LocationConstraint=constraint)
    if constraint is None and region != CLASSIC:
        raise IllegalLocationConstraintException(
            "The unspecified location constraint is incompatible for the region specific endpoint this request was "
            "sent to."
        )
    wanted = "eu-west-1" if constraint == "EU" else constraint
    if wanted not in (None, region):
        raise IllegalLocationConstraintException(
            f"The {constraint} location constraint is incompatible for the region specific endpoint this request was "
            "sent to."
        )


@owned
@reads
def head_bucket(here: Here, bucket: str) -> dict[str, Any]:
    if layout.find_bucket(here.tx, bucket) is None:
        raise NotFound("Not Found")
    return {"BucketRegion": here.region, "BucketArn": f"arn:aws:s3:::{bucket}", "AccessPointAlias": False}


@reads
def list_buckets(
    here: Here,
    max_buckets: int = 10_000,
    continuation_token: str | None = None,
    prefix: str = "",
    bucket_region: str | None = None,
) -> dict[str, Any]:
    found = [
        bucket
        for bucket in layout.buckets(here.tx)
        if bucket.name.startswith(prefix)
        and bucket.name > (continuation_token or "")
        and bucket_region in (None, here.region)
    ]
    shown = found[:max_buckets]
    listed = [
        {"Name": bucket.name, "CreationDate": bucket.created, "BucketArn": f"arn:aws:s3:::{bucket.name}"}
        for bucket in shown
    ]
    more = shown[-1].name if len(found) > len(shown) else None
    return {"Buckets": listed, "Owner": describe.owner(here), "ContinuationToken": more, "Prefix": prefix or None}


@owned
def delete_bucket(here: Here, bucket: str) -> dict[str, Any]:
    layout.bucket(here.tx, bucket)
    if next(layout.all_versions(here.tx, bucket), None) is not None:
        raise BucketNotEmpty("The bucket you tried to delete is not empty", BucketName=bucket)
    for upload in list(layout.uploads(here.tx, bucket)):
        layout.end_upload(here, bucket, upload)
    layout.delete_bucket(here.tx, bucket)
    return {}


@owned
@reads
def get_bucket_location(here: Here, bucket: str) -> dict[str, Any]:
    layout.bucket(here.tx, bucket)
    return {"LocationConstraint": None if here.region == CLASSIC else here.region}
