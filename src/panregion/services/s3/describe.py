"""What a version looks like in replies."""

from typing import Any

from panregion.services import Here
from panregion.services.s3 import checksums, keeping
from panregion.services.s3.model import Bucket, Version


def owner(here: Here) -> dict[str, str]:
    """The region's account, as S3 shows owners: a name and a canonical id of 64 hexadecimal digits."""
    return {"DisplayName": "panregion", "ID": here.account_id.rjust(64, "0")}


def encryption(settings: dict[str, Any]) -> dict[str, Any]:
    """AWS encrypts every object, with keys of its own unless told otherwise."""
    named: dict[str, Any] = {name: settings[name] for name in ("SSEKMSKeyId", "BucketKeyEnabled") if name in settings}
    return {"ServerSideEncryption": settings.get("ServerSideEncryption", "AES256"), **named}


def written(bucket: Bucket, version: Version) -> dict[str, Any]:
    """What a write answers."""
    return {
        "ETag": version.quoted_etag,
        "VersionId": keeping.shown_version_id(bucket, version.id),
        "ChecksumType": version.checksum_type,
        **checksums.by_member(version.checksums),
        **encryption(version.settings),
    }


def head(bucket: Bucket, version: Version, *, with_checksums: bool) -> dict[str, Any]:
    """What reading an object tells beside its bytes."""
    settings = {
        name: value for name, value in version.settings.items() if (name, value) != ("StorageClass", "STANDARD")
    }
    described = {
        "AcceptRanges": "bytes",
        "LastModified": version.modified,
        "ContentLength": version.size,
        "ETag": version.quoted_etag,
        "ContentType": "binary/octet-stream",
        "VersionId": keeping.shown_version_id(bucket, version.id),
        "Metadata": version.metadata,
        "TagCount": len(version.tags) or None,
        **settings,
        **encryption(version.settings),
    }
    if with_checksums:
        described |= checksums.by_member(version.checksums) | {"ChecksumType": version.checksum_type}
    return described


def listed(version: Version) -> dict[str, Any]:
    """One object in a listing; its key is the caller's, who knows how keys are encoded."""
    return {
        "LastModified": version.modified,
        "ETag": version.quoted_etag,
        "ChecksumAlgorithm": list(version.checksums),
        "ChecksumType": version.checksum_type,
        "Size": version.size,
        "StorageClass": version.storage_class,
    }
