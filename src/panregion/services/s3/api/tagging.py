"""Tags of objects, and the other things that can be asked about one."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.s3 import checksums, keeping, layout
from panregion.services.s3.api.configurations import owner_only
from panregion.services.s3.api.objects import readable
from panregion.services.s3.model import tag_set, tags_of
from panregion.services.s3.parameters import gathers, owned


@owned
@gathers("_digests", ("ContentMD5", "ChecksumAlgorithm"))
def put_object_tagging(
    here: Here, bucket: str, key: str, tagging: dict[str, Any], _digests: dict[str, str], version_id: str | None = None
) -> dict[str, Any]:
    return _set_tags(here, bucket, key, version_id, tags_of(tagging["TagSet"]))


@owned
def delete_object_tagging(here: Here, bucket: str, key: str, version_id: str | None = None) -> dict[str, Any]:
    return _set_tags(here, bucket, key, version_id, {})


def _set_tags(here: Here, bucket: str, key: str, version_id: str | None, tags: dict[str, str]) -> dict[str, Any]:
    home, version = readable(here, bucket, key, version_id)
    layout.replace_version(here, bucket, msgspec.structs.replace(version, tags=tags))
    return {"VersionId": keeping.shown_version_id(home, version.id)}


@owned
@reads
def get_object_tagging(here: Here, bucket: str, key: str, version_id: str | None = None) -> dict[str, Any]:
    home, version = readable(here, bucket, key, version_id)
    return {"VersionId": keeping.shown_version_id(home, version.id), "TagSet": tag_set(version.tags)}


@owned
@reads
def get_object_acl(here: Here, bucket: str, key: str, version_id: str | None = None) -> dict[str, Any]:
    readable(here, bucket, key, version_id)
    return owner_only(here)


@owned
@reads
def get_object_attributes(
    here: Here, bucket: str, key: str, object_attributes: list[str], version_id: str | None = None
) -> dict[str, Any]:
    home, version = readable(here, bucket, key, version_id)
    attributes = {
        "ETag": version.etag,
        "Checksum": {**checksums.by_member(version.checksums), "ChecksumType": version.checksum_type},
        "ObjectParts": {"TotalPartsCount": version.parts} if version.parts else None,
        "StorageClass": version.storage_class,
        "ObjectSize": version.size,
    }
    wanted = {name: attributes[name] for name in object_attributes if name in attributes}
    return {"LastModified": version.modified, "VersionId": keeping.shown_version_id(home, version.id), **wanted}
