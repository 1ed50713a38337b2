"""Listing objects and their versions."""

import base64
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.s3 import describe, layout, listing
from panregion.services.s3.errors import InvalidArgument
from panregion.services.s3.model import Version
from panregion.services.s3.parameters import owned

PAGE_MAX = 1000


@owned
@reads
def list_objects(
    here: Here,
    bucket: str,
    delimiter: str | None = None,
    encoding_type: str | None = None,
    marker: str = "",
    max_keys: int = PAGE_MAX,
    prefix: str = "",
) -> dict[str, Any]:
    page = _page(here, bucket, prefix, delimiter, marker, max_keys)
    encode = listing.encoder(encoding_type)
    return {
        **_listing(bucket, prefix, delimiter, encoding_type, max_keys, page),
        "Contents": [
            {"Key": encode(found.key), **describe.listed(found), "Owner": describe.owner(here)} for found in page.items
        ],
        "Marker": encode(marker),
        "NextMarker": encode(page.last) if page.last is not None and delimiter else None,
    }


@owned
@reads
def list_objects_v2(
    here: Here,
    bucket: str,
    delimiter: str | None = None,
    encoding_type: str | None = None,
    max_keys: int = PAGE_MAX,
    prefix: str = "",
    continuation_token: str | None = None,
    fetch_owner: bool = False,
    start_after: str = "",
) -> dict[str, Any]:
    after = start_after if continuation_token is None else _after(continuation_token)
    page = _page(here, bucket, prefix, delimiter, after, max_keys)
    encode = listing.encoder(encoding_type)
    owner = {"Owner": describe.owner(here)} if fetch_owner else {}
    return {
        **_listing(bucket, prefix, delimiter, encoding_type, max_keys, page),
        "Contents": [{"Key": encode(found.key), **describe.listed(found), **owner} for found in page.items],
        "KeyCount": len(page.items) + len(page.prefixes),
        "ContinuationToken": continuation_token,
        "NextContinuationToken": None if page.last is None else _token(page.last),
        "StartAfter": encode(start_after) or None,
    }


def _page(
    here: Here, bucket: str, prefix: str, delimiter: str | None, after: str, max_keys: int
) -> listing.Page[Version]:
    layout.bucket(here.tx, bucket)
    if max_keys < 0:
        raise InvalidArgument("Argument maxKeys must be an integer between 0 and 2147483647", ArgumentName="maxKeys")
    limit = min(max_keys, PAGE_MAX)
    return listing.page(lambda start: layout.objects(here.tx, bucket, start), prefix, delimiter, after, limit)


def _listing(
    bucket: str,
    prefix: str,
    delimiter: str | None,
    encoding_type: str | None,
    max_keys: int,
    page: listing.Page[Any],
) -> dict[str, Any]:
    """What every listing says."""
    encode = listing.encoder(encoding_type)
    return {
        "Name": bucket,
        "Prefix": encode(prefix),
        "Delimiter": encode(delimiter) if delimiter else None,
        "MaxKeys": min(max_keys, PAGE_MAX),
        "EncodingType": encoding_type,
        "IsTruncated": page.last is not None,
        "CommonPrefixes": [{"Prefix": encode(common)} for common in page.prefixes],
    }


def _token(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode()


def _after(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except ValueError as error:
        raise InvalidArgument(
            "The continuation token provided is incorrect", ArgumentName="continuation-token"
        ) from error


class _Shown(msgspec.Struct, frozen=True):
    """A version among those of its key."""

    version: Version
    is_latest: bool

    @property
    def key(self) -> str:
        return self.version.key


@owned
@reads
def list_object_versions(
    here: Here,
    bucket: str,
    delimiter: str | None = None,
    encoding_type: str | None = None,
    key_marker: str = "",
    max_keys: int = PAGE_MAX,
    prefix: str = "",
    version_id_marker: str | None = None,
) -> dict[str, Any]:
    if version_id_marker and not key_marker:
        raise InvalidArgument("A version-id marker cannot be specified without a key marker.")
    layout.bucket(here.tx, bucket)
    encode = listing.encoder(encoding_type)
    pages = _VersionPages(here, bucket, key_marker, version_id_marker)
    page = listing.page(pages.seek, prefix, delimiter, pages.after, min(max_keys, PAGE_MAX))
    last = page.items[-1].version if page.last is not None and page.items and page.items[-1].key == page.last else None
    return {
        **_listing(bucket, prefix, delimiter, encoding_type, max_keys, page),
        "KeyMarker": encode(key_marker),
        "VersionIdMarker": version_id_marker or "",
        "NextKeyMarker": None if page.last is None else encode(page.last),
        "NextVersionIdMarker": last.id if last else None,
        "Versions": [
            {"Key": encode(shown.key), **describe.listed(shown.version), **_of_version(here, shown)}
            for shown in page.items
            if not shown.version.is_delete_marker
        ],
        "DeleteMarkers": [
            {"Key": encode(shown.key), "LastModified": shown.version.modified, **_of_version(here, shown)}
            for shown in page.items
            if shown.version.is_delete_marker
        ],
    }


def _of_version(here: Here, shown: _Shown) -> dict[str, Any]:
    return {"VersionId": shown.version.id, "IsLatest": shown.is_latest, "Owner": describe.owner(here)}


class _VersionPages:
    """Versions from where the markers point: after a key, or after one version of a key."""

    def __init__(self, here: Here, bucket: str, key_marker: str, version_id_marker: str | None) -> None:
        self._here = here
        self._bucket = bucket
        self._key = key_marker if version_id_marker else None
        self._passed = version_id_marker
        # A page begins after a key; to begin within one, it must begin after the last string before it.
        self.after = key_marker if not version_id_marker else key_marker[:-1]

    def seek(self, start: str) -> Iterator[_Shown]:
        if self._key is not None:
            start = max(start, self._key)
        versions = layout.all_versions(self._here.tx, self._bucket, start)
        for key, group in groupby(versions, lambda version: version.key):
            shown = [_Shown(version, i == 0) for i, version in enumerate(group)]
            if key == self._key:
                ids = [each.version.id for each in shown]
                shown = shown[ids.index(self._passed) + 1 :] if self._passed in ids else []
            yield from shown
