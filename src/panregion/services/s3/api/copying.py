"""Copying: the copy shares the bytes of its source, and has settings of its own or the source's."""

from datetime import datetime
from typing import Any
from urllib.parse import unquote

from panregion.services import Here
from panregion.services.s3 import checksums, conditions, describe, keeping, layout
from panregion.services.s3.api.objects import check_new_object, header_tags, kept_settings, readable
from panregion.services.s3.api.uploads import check_part_number
from panregion.services.s3.errors import InvalidArgument, InvalidRequest, NotModified
from panregion.services.s3.model import Bucket, Part, Piece, Version
from panregion.services.s3.parameters import gathers, owned, takes_settings

SOURCE_CONDITIONS = (
    "CopySourceIfMatch",
    "CopySourceIfNoneMatch",
    "CopySourceIfModifiedSince",
    "CopySourceIfUnmodifiedSince",
)
takes_source_conditions = gathers("only_if", SOURCE_CONDITIONS)


@owned
@takes_settings
@takes_source_conditions
async def copy_object(
    here: Here,
    bucket: str,
    key: str,
    copy_source: str,
    settings: dict[str, Any],
    only_if: dict[str, Any],
    metadata: dict[str, str] | None = None,
    metadata_directive: str = "COPY",
    tagging: str | None = None,
    tagging_directive: str = "COPY",
    acl: str | None = None,
    checksum_algorithm: str | None = None,
    if_match: str | None = None,
    if_none_match: str | None = None,
) -> dict[str, Any]:
    here.read(lambda step: layout.bucket(step.tx, bucket))
    check_new_object(key, metadata or {}, acl)
    home, source = here.read(lambda step: _source(step, copy_source, only_if))
    changes = metadata_directive == "REPLACE" or tagging_directive == "REPLACE" or bool(settings)
    if (home.name, source.key) == (bucket, key) and not changes and "versionId=" not in copy_source:
        raise InvalidRequest(
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes."
        )
    digests = await _digests(here, source, checksum_algorithm)

    def record(step: Here) -> dict[str, Any]:
        target = layout.bucket(step.tx, bucket)
        layout.version(step.tx, home.name, source.key, source.id)  # its bytes must still be there to be shared
        conditions.check_write(layout.current(step.tx, bucket, key), key, if_match, if_none_match)
        copy = Version(
            key=key,
            id=keeping.new_version_id(step, target),
            modified=step.now(),
            pieces=source.pieces,
            settings=_settings(source, settings, metadata_directive),
            metadata=(metadata or {}) if metadata_directive == "REPLACE" else source.metadata,
            tags=header_tags(tagging) if tagging_directive == "REPLACE" else source.tags,
            **digests,
        )
        layout.add_version(step, bucket, copy)
        answer = describe.written(target, copy)
        digest = {name: answer.pop(name) for name in list(answer) if name.startswith(("ETag", "Checksum"))}
        source_version = keeping.shown_version_id(home, source.id)
        return {**answer, "CopySourceVersionId": source_version, "CopyObjectResult": _result(copy.modified, digest)}

    return await here.transact(record)


async def _digests(here: Here, source: Version, algorithm: str | None) -> dict[str, Any]:
    """Entity tag and checksum of the copy: as of an object that was put whole."""
    same = source.parts == 0 and (algorithm is None or algorithm in source.checksums)
    if same:
        return {"etag": source.etag, "checksums": source.checksums}
    data = await keeping.blobs(here).read(source.slices(0, source.size))
    etag, found = await keeping.examined(data, {}, algorithm or next(iter(source.checksums), None))
    return {"etag": etag, "checksums": found}


def _settings(source: Version, settings: dict[str, Any], directive: str) -> dict[str, Any]:
    """Headers follow the directive; storage class, encryption and redirect are the request's in any case."""
    kept = kept_settings(settings)
    if directive == "REPLACE":
        return kept
    own = {"StorageClass", "ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled", "WebsiteRedirectLocation"}
    inherited = {name: value for name, value in source.settings.items() if name not in own}
    return inherited | {name: value for name, value in kept.items() if name in own}


def _source(here: Here, copy_source: str, only_if: dict[str, Any]) -> tuple[Bucket, Version]:
    """The version to copy from. Raises InvalidArgument, NoSuchBucket, NoSuchKey, PreconditionFailed."""
    path, _, query = copy_source.partition("?versionId=")
    bucket, slash, key = unquote(path).removeprefix("/").partition("/")
    if not slash or not key or bucket.startswith("arn:"):
        raise InvalidArgument(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            ArgumentName="x-amz-copy-source",
            ArgumentValue=copy_source,
        )
    home, version = readable(here, bucket, key, query or None)
    try:
        conditions.check_read(version, *(only_if.get(name) for name in SOURCE_CONDITIONS))
    except NotModified as error:
        raise conditions.failed("x-amz-copy-source-If-None-Match") from error
    return home, version


def _result(modified: float, digest: dict[str, Any]) -> dict[str, Any]:
    return {"LastModified": modified, **digest}


@owned
@takes_source_conditions
async def upload_part_copy(
    here: Here,
    bucket: str,
    copy_source: str,
    key: str,
    part_number: int,
    upload_id: str,
    only_if: dict[str, datetime | str],
    copy_source_range: str | None = None,
) -> dict[str, Any]:
    check_part_number(part_number)
    upload = here.read(lambda step: layout.upload(step.tx, bucket, key, upload_id))
    home, source = here.read(lambda step: _source(step, copy_source, only_if))
    start, end = conditions.byte_range(copy_source_range, source.size) or (0, source.size)
    data = await keeping.blobs(here).read(source.slices(start, end))
    etag, digests = await keeping.examined(data, {}, upload.algorithm)

    def record(step: Here, pieces: tuple[Piece, ...]) -> dict[str, Any]:
        layout.upload(step.tx, bucket, key, upload_id)
        part = Part(
            number=part_number,
            etag=etag,
            pieces=pieces,
            modified=step.now(),
            checksums=digests,
        )
        layout.put_part(step, upload_id, part)
        shown = checksums.by_member(digests) if upload.algorithm else {}
        return {
            "CopySourceVersionId": keeping.shown_version_id(home, source.id),
            "CopyPartResult": _result(part.modified, {"ETag": f'"{part.etag}"', **shown}),
            **describe.encryption(upload.settings),
        }

    return await keeping.keep(here, data, record)
