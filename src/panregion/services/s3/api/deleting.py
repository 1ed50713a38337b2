"""Deleting objects: for good, or by a marker where the bucket keeps versions."""

from typing import Any

from panregion.services import Here
from panregion.services.s3 import conditions, keeping, layout
from panregion.services.s3.errors import MalformedXML
from panregion.services.s3.model import NULL_VERSION, Bucket, Version
from panregion.services.s3.parameters import gathers, owned
from panregion.wire import AwsError

DELETES_MAX = 1000


@owned
def delete_object(
    here: Here, bucket: str, key: str, version_id: str | None = None, if_match: str | None = None
) -> dict[str, Any]:
    home = layout.bucket(here.tx, bucket)
    if if_match is not None:
        conditions.check_write(layout.current(here.tx, bucket, key), key, if_match, None)
    return _delete(here, home, key, version_id)


def _delete(here: Here, home: Bucket, key: str, version_id: str | None) -> dict[str, Any]:
    if version_id is not None:
        gone = layout.remove_version(here, home.name, key, version_id)
        return {"VersionId": version_id, "DeleteMarker": gone.is_delete_marker or None if gone else None}
    if home.versioning is None:
        layout.remove_version(here, home.name, key, NULL_VERSION)
        return {}
    marker = Version(key=key, id=keeping.new_version_id(here, home), modified=here.now(), is_delete_marker=True)
    layout.add_version(here, home.name, marker)
    return {"VersionId": marker.id, "DeleteMarker": True}


@owned
@gathers("_digests", ("ChecksumAlgorithm",))
def delete_objects(here: Here, bucket: str, delete: dict[str, Any], _digests: dict[str, str]) -> dict[str, Any]:
    home = layout.bucket(here.tx, bucket)
    named = delete["Objects"]
    if not 1 <= len(named) <= DELETES_MAX:
        raise MalformedXML("The XML you provided was not well-formed or did not validate against our published schema")
    deleted, errors = [], []
    for each in named:
        key, version_id = each["Key"], each.get("VersionId")
        try:
            if "ETag" in each:
                conditions.check_write(layout.current(here.tx, bucket, key), key, each["ETag"], None)
            result = _delete(here, home, key, version_id)
        except AwsError as error:
            errors.append({"Key": key, "VersionId": version_id, "Code": error.code, "Message": error.message})
        else:
            deleted.append(_described(key, version_id, result))
    return {"Deleted": [] if delete.get("Quiet") else deleted, "Errors": errors}


def _described(key: str, version_id: str | None, result: dict[str, Any]) -> dict[str, Any]:
    marker = result.get("DeleteMarker")
    return {
        "Key": key,
        "VersionId": version_id,
        "DeleteMarker": marker,
        "DeleteMarkerVersionId": result.get("VersionId") if marker else None,
    }
