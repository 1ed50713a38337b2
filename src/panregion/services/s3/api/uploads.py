"""Uploading in parts. A completed object is its parts' blobs in a row: nothing is copied."""

import hashlib
from typing import Any

from panregion.services import Here, reads
from panregion.services.s3 import checksums, conditions, describe, keeping, layout, listing
from panregion.services.s3.api.objects import check_new_object, header_tags, kept_settings
from panregion.services.s3.errors import (
    BadDigest,
    EntityTooSmall,
    InvalidArgument,
    InvalidPart,
    InvalidPartOrder,
    InvalidRequest,
    MalformedXML,
)
from panregion.services.s3.model import PART_BYTES_MIN, PARTS_MAX, Part, Piece, Upload, Version
from panregion.services.s3.parameters import owned, takes_checksums, takes_settings

PAGE_MAX = 1000


@owned
@takes_settings
def create_multipart_upload(
    here: Here,
    bucket: str,
    key: str,
    settings: dict[str, Any],
    metadata: dict[str, str] | None = None,
    tagging: str | None = None,
    acl: str | None = None,
    checksum_algorithm: str | None = None,
    checksum_type: str | None = None,
) -> dict[str, Any]:
    layout.bucket(here.tx, bucket)
    check_new_object(key, metadata or {}, acl)
    checksums.check_type(checksum_algorithm, checksum_type)
    upload = Upload(
        id=here.world.chance.token(64),
        key=key,
        initiated=here.now(),
        settings=kept_settings(settings),
        metadata=metadata or {},
        tags=header_tags(tagging),
        algorithm=checksum_algorithm,
        checksum_type=checksum_type or (checksums.default_type(checksum_algorithm) if checksum_algorithm else None),
    )
    layout.put_upload(here.tx, bucket, upload)
    return {
        "Bucket": bucket,
        "Key": key,
        "UploadId": upload.id,
        "ChecksumAlgorithm": upload.algorithm,
        "ChecksumType": upload.checksum_type,
        **describe.encryption(upload.settings),
    }


def check_part_number(number: int) -> None:
    """Raises InvalidArgument."""
    if not 1 <= number <= PARTS_MAX:
        raise InvalidArgument(
            f"Part number must be an integer between 1 and {PARTS_MAX}, inclusive",
            ArgumentName="partNumber",
            ArgumentValue=str(number),
        )


@owned
@takes_checksums
async def upload_part(
    here: Here,
    bucket: str,
    key: str,
    part_number: int,
    upload_id: str,
    given: dict[str, str],
    body: bytes = b"",
    content_length: int | None = None,  # noqa: ARG001 - the body is here whole
    content_md5: str | None = None,
    checksum_algorithm: str | None = None,
) -> dict[str, Any]:
    check_part_number(part_number)
    upload = here.read(lambda step: layout.upload(step.tx, bucket, key, upload_id))
    etag, digests = await _part_digests(upload, body, given, checksum_algorithm, content_md5)

    def record(step: Here, pieces: tuple[Piece, ...]) -> dict[str, Any]:
        layout.upload(step.tx, bucket, key, upload_id)
        part = Part(number=part_number, etag=etag, pieces=pieces, modified=step.now(), checksums=digests)
        layout.put_part(step, upload_id, part)
        shown = checksums.by_member(digests) if upload.algorithm or given else {}
        return {"ETag": f'"{etag}"', **shown, **describe.encryption(upload.settings)}

    return await keeping.keep(here, body, record)


async def _part_digests(
    upload: Upload, body: bytes, given: dict[str, str], algorithm: str | None, md5: str | None
) -> tuple[str, dict[str, str]]:
    """The part's entity tag, and the upload's checksum of it beside the one that the client sent.

    Raises BadDigest, InvalidDigest, InvalidRequest.
    """
    sent = next((name.removeprefix("Checksum") for name in given), algorithm)
    if upload.algorithm and sent and sent != upload.algorithm:
        raise InvalidRequest(
            f"Checksum Type mismatch occurred, expected checksum Type: {upload.algorithm.lower()}, actual checksum "
            f"Type: {sent.lower()}"
        )
    etag, digests = await keeping.examined(body, given, sent or upload.algorithm, md5)
    if upload.algorithm is None and checksums.DEFAULT not in digests:
        digests |= (await keeping.examined(body, {}, None))[1]
    return etag, digests


@owned
@takes_checksums
def complete_multipart_upload(
    here: Here,
    bucket: str,
    key: str,
    upload_id: str,
    given: dict[str, str],
    multipart_upload: dict[str, Any] | None = None,
    checksum_type: str | None = None,
    mpu_object_size: int | None = None,
    if_match: str | None = None,
    if_none_match: str | None = None,
) -> dict[str, Any]:
    upload = layout.upload(here.tx, bucket, key, upload_id)
    home = layout.bucket(here.tx, bucket)
    parts = _chosen(here, upload, (multipart_upload or {}).get("Parts", []))
    conditions.check_write(layout.current(here.tx, bucket, key), key, if_match, if_none_match)
    if checksum_type not in (None, upload.checksum_type):
        raise InvalidRequest(f"The upload was created with another checksum type: {upload.checksum_type}")
    digests, kind = checksums.of_parts(parts, upload.algorithm, upload.checksum_type)
    for member, value in given.items():
        if digests.get(member.removeprefix("Checksum")) != value:
            raise BadDigest(
                f"The {member.removeprefix('Checksum')} you specified did not match the calculated checksum."
            )
    version = Version(
        key=key,
        id=keeping.new_version_id(here, home),
        modified=here.now(),
        etag=_etag(parts),
        pieces=tuple(piece for part in parts for piece in part.pieces),
        settings=upload.settings,
        metadata=upload.metadata,
        tags=upload.tags,
        checksums=digests,
        checksum_type=kind,
        parts=len(parts),
    )
    if mpu_object_size not in (None, version.size):
        raise InvalidRequest(f"The provided 'x-amz-mp-object-size' header does not match the size {version.size}")
    layout.add_version(here, bucket, version)
    layout.end_upload(here, bucket, upload)
    return {"Location": f"/{bucket}/{key}", "Bucket": bucket, "Key": key, **describe.written(home, version)}


def _chosen(here: Here, upload: Upload, named: list[dict[str, Any]]) -> list[Part]:
    """The parts that make the object. Raises MalformedXML, InvalidPart, InvalidPartOrder, EntityTooSmall."""
    if not named:
        raise MalformedXML("The XML you provided was not well-formed or did not validate against our published schema")
    numbers = [part["PartNumber"] for part in named]
    if numbers != sorted(set(numbers)):
        raise InvalidPartOrder(
            "The list of parts was not in ascending order. The parts list must be specified in order by part number."
        )
    kept = {part.number: part for part in layout.parts(here.tx, upload.id)}
    chosen = []
    for each in named:
        part = kept.get(each["PartNumber"])
        if part is None or part.etag != str(each.get("ETag", "")).strip('"') or not _same_checksums(part, each):
            raise InvalidPart(
                "One or more of the specified parts could not be found. The part may not have been uploaded, or the "
                "specified entity tag may not match the part's entity tag.",
                UploadId=upload.id,
                PartNumber=str(each["PartNumber"]),
                ETag=str(each.get("ETag", "")),
            )
        chosen.append(part)
    for part in chosen[:-1]:
        if part.size < PART_BYTES_MIN:
            raise EntityTooSmall(
                "Your proposed upload is smaller than the minimum allowed size",
                ProposedSize=str(part.size),
                MinSizeAllowed=str(PART_BYTES_MIN),
                PartNumber=str(part.number),
                ETag=part.etag,
            )
    return chosen


def _same_checksums(part: Part, named: dict[str, Any]) -> bool:
    kept = checksums.by_member(part.checksums)
    return all(kept.get(member) == named[member] for member in checksums.MEMBERS if named.get(member) is not None)


def _etag(parts: list[Part]) -> str:
    """The MD5 of the parts' MD5s, with their number."""
    joined = b"".join(bytes.fromhex(part.etag) for part in parts)
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(parts)}"


@owned
def abort_multipart_upload(here: Here, bucket: str, key: str, upload_id: str) -> dict[str, Any]:
    layout.end_upload(here, bucket, layout.upload(here.tx, bucket, key, upload_id))
    return {}


@owned
@reads
def list_parts(
    here: Here, bucket: str, key: str, upload_id: str, max_parts: int = PAGE_MAX, part_number_marker: int = 0
) -> dict[str, Any]:
    upload = layout.upload(here.tx, bucket, key, upload_id)
    limit = min(max_parts, PAGE_MAX)
    following = [part for part in layout.parts(here.tx, upload_id) if part.number > int(part_number_marker)]
    shown = following[:limit]
    return {
        "Bucket": bucket,
        "Key": key,
        "UploadId": upload_id,
        "PartNumberMarker": int(part_number_marker),
        "NextPartNumberMarker": shown[-1].number if shown else 0,
        "MaxParts": limit,
        "IsTruncated": len(following) > len(shown),
        "Parts": [_listed(upload, part) for part in shown],
        "Initiator": describe.owner(here),
        "Owner": describe.owner(here),
        "StorageClass": upload.settings.get("StorageClass", "STANDARD"),
        "ChecksumAlgorithm": upload.algorithm,
        "ChecksumType": upload.checksum_type,
    }


def _listed(upload: Upload, part: Part) -> dict[str, Any]:
    shown = checksums.by_member(part.checksums) if upload.algorithm else {}
    size = part.size
    return {"PartNumber": part.number, "LastModified": part.modified, "ETag": f'"{part.etag}"', "Size": size, **shown}


@owned
@reads
def list_multipart_uploads(
    here: Here,
    bucket: str,
    delimiter: str | None = None,
    encoding_type: str | None = None,
    key_marker: str = "",
    max_uploads: int = PAGE_MAX,
    prefix: str = "",
    upload_id_marker: str | None = None,
) -> dict[str, Any]:
    layout.bucket(here.tx, bucket)
    encode = listing.encoder(encoding_type)
    limit = min(max_uploads, PAGE_MAX)
    if upload_id_marker and key_marker:
        found = _uploads_within(here, bucket, prefix, key_marker, upload_id_marker, limit)
    else:
        found = listing.page(lambda start: layout.uploads(here.tx, bucket, start), prefix, delimiter, key_marker, limit)
    return {
        "Bucket": bucket,
        "KeyMarker": encode(key_marker),
        "UploadIdMarker": upload_id_marker or "",
        "NextKeyMarker": encode(found.last) if found.last is not None else None,
        "NextUploadIdMarker": found.items[-1].id if found.last is not None and found.items else None,
        "Delimiter": delimiter,
        "Prefix": encode(prefix),
        "MaxUploads": limit,
        "IsTruncated": found.last is not None,
        "EncodingType": encoding_type,
        "Uploads": [
            {
                "UploadId": upload.id,
                "Key": encode(upload.key),
                "Initiated": upload.initiated,
                "StorageClass": upload.settings.get("StorageClass", "STANDARD"),
                "Owner": describe.owner(here),
                "Initiator": describe.owner(here),
                "ChecksumAlgorithm": upload.algorithm,
                "ChecksumType": upload.checksum_type,
            }
            for upload in found.items
        ],
        "CommonPrefixes": [{"Prefix": encode(common)} for common in found.prefixes],
    }


def _uploads_within(here: Here, bucket: str, prefix: str, key: str, upload_id: str, limit: int) -> listing.Page[Upload]:
    """The uploads that follow one of several to the same key."""
    following = [
        upload
        for upload in layout.uploads(here.tx, bucket, key)
        if upload.key.startswith(prefix) and (upload.key, upload.id) > (key, upload_id)
    ]
    page: listing.Page[Upload] = listing.Page(following[:limit])
    if len(following) > limit > 0:
        page.last = page.items[-1].key
    return page
