"""Writing and reading whole objects."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from panregion.services import Here
from panregion.services.s3 import conditions, describe, keeping, layout
from panregion.services.s3.api.configurations import require_private
from panregion.services.s3.errors import (
    EntityTooLarge,
    InvalidArgument,
    InvalidPartNumber,
    InvalidRedirectLocation,
    InvalidRequest,
    MethodNotAllowed,
    NoSuchKey,
    NotFound,
)
from panregion.services.s3.model import Bucket, Piece, Version, check_key, check_metadata, tags_of
from panregion.services.s3.parameters import gathers, owned, takes_checksums, takes_settings

PUT_BYTES_MAX = 5 * 1024**3
STREAMED_FROM_BYTES = 1024 * 1024

RESPONSE_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
    "ResponseExpires": "Expires",
}
READ_CONDITIONS = ("IfMatch", "IfNoneMatch", "IfModifiedSince", "IfUnmodifiedSince")

takes_overrides = gathers("overrides", RESPONSE_OVERRIDES)
takes_read_conditions = gathers("only_if", READ_CONDITIONS)


@owned
@takes_settings
@takes_checksums
async def put_object(
    here: Here,
    bucket: str,
    key: str,
    settings: dict[str, Any],
    given: dict[str, str],
    body: bytes = b"",
    metadata: dict[str, str] | None = None,
    tagging: str | None = None,
    acl: str | None = None,
    content_length: int | None = None,  # noqa: ARG001 - the body is here whole
    content_md5: str | None = None,
    checksum_algorithm: str | None = None,
    if_match: str | None = None,
    if_none_match: str | None = None,
) -> dict[str, Any]:
    here.read(lambda step: layout.bucket(step.tx, bucket))
    check_new_object(key, metadata or {}, acl)
    if len(body) > PUT_BYTES_MAX:
        raise EntityTooLarge("Your proposed upload exceeds the maximum allowed size", MaxSizeAllowed=str(PUT_BYTES_MAX))
    etag, verified = await keeping.examined(body, given, checksum_algorithm, content_md5)

    def record(step: Here, pieces: tuple[Piece, ...]) -> dict[str, Any]:
        home = layout.bucket(step.tx, bucket)
        conditions.check_write(layout.current(step.tx, bucket, key), key, if_match, if_none_match)
        version = Version(
            key=key,
            id=keeping.new_version_id(step, home),
            modified=step.now(),
            etag=etag,
            pieces=pieces,
            settings=kept_settings(settings),
            metadata=metadata or {},
            tags=header_tags(tagging),
            checksums=verified,
        )
        layout.add_version(step, bucket, version)
        return {**describe.written(home, version), "Size": None}

    return await keeping.keep(here, body, record)


def check_new_object(key: str, metadata: dict[str, str], acl: str | None) -> None:
    """What can be refused before any byte is kept."""
    check_key(key)
    check_metadata(metadata)
    require_private(acl)


def kept_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings in the form in which they are stored. Raises InvalidArgument, InvalidRedirectLocation."""
    if not settings.get("WebsiteRedirectLocation", "/").startswith(("/", "http://", "https://")):
        raise InvalidRedirectLocation(
            "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."
        )
    kept: dict[str, Any] = {
        name: value.timestamp() if isinstance(value, datetime) else value for name, value in settings.items()
    }
    if "ContentEncoding" in kept:
        own = [part.strip() for part in kept["ContentEncoding"].split(",")]
        kept["ContentEncoding"] = ",".join(part for part in own if part != "aws-chunked")  # that was of the transfer
        if not kept["ContentEncoding"]:
            del kept["ContentEncoding"]
    if "SSEKMSKeyId" in kept and kept.get("ServerSideEncryption") not in ("aws:kms", "aws:kms:dsse"):
        raise InvalidArgument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-"
            "encryption : aws:kms"
        )
    return kept


def header_tags(tagging: str | None) -> dict[str, str]:
    """Tags as the x-amz-tagging header carries them, in the form of a query. Raises InvalidTag, InvalidArgument."""
    try:
        pairs = parse_qsl(tagging or "", keep_blank_values=True, strict_parsing=bool(tagging))
    except ValueError as error:
        raise InvalidArgument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
            "parameters without tag name duplicates."
        ) from error
    return tags_of([{"Key": name, "Value": value} for name, value in pairs])


@owned
@takes_overrides
@takes_read_conditions
async def get_object(
    here: Here,
    bucket: str,
    key: str,
    overrides: dict[str, Any],
    only_if: dict[str, Any],
    range: str | None = None,
    version_id: str | None = None,
    part_number: int | None = None,
    checksum_mode: str | None = None,
) -> dict[str, Any]:
    home, version = here.read(lambda step: readable(step, bucket, key, version_id))
    _check_conditions(version, only_if)
    described, (start, end) = _selected(home, version, range, part_number, overrides, checksum_mode)
    slices = version.slices(start, end)
    body: bytes | AsyncIterator[bytes]
    if end - start < STREAMED_FROM_BYTES:
        body = await keeping.blobs(here).read(slices)
    else:
        body = keeping.blobs(here).stream(slices)
    return {**described, "Body": body}


@owned
@takes_overrides
@takes_read_conditions
async def head_object(
    here: Here,
    bucket: str,
    key: str,
    overrides: dict[str, Any],
    only_if: dict[str, Any],
    range: str | None = None,
    version_id: str | None = None,
    part_number: int | None = None,
    checksum_mode: str | None = None,
) -> dict[str, Any]:
    try:
        home, version = here.read(lambda step: readable(step, bucket, key, version_id))
    except NoSuchKey as error:
        raise NotFound("Not Found") from error
    _check_conditions(version, only_if)
    described, _ = _selected(home, version, range, part_number, overrides, checksum_mode)
    return described


def readable(here: Here, bucket: str, key: str, version_id: str | None) -> tuple[Bucket, Version]:
    """The bucket and the version that a reader gets. Raises NoSuchBucket, NoSuchKey, MethodNotAllowed."""
    home = layout.bucket(here.tx, bucket)
    version = layout.version(here.tx, bucket, key, version_id)
    if version.is_delete_marker and version_id is not None:
        raise MethodNotAllowed(
            "The specified method is not allowed against this resource.", Method="GET", ResourceType="DeleteMarker"
        )
    if version.is_delete_marker:
        raise NoSuchKey("The specified key does not exist.", Key=key)
    return home, version


def _check_conditions(version: Version, only_if: dict[str, Any]) -> None:
    conditions.check_read(version, *(only_if.get(name) for name in READ_CONDITIONS))


def _selected(
    home: Bucket,
    version: Version,
    range_header: str | None,
    part_number: int | None,
    overrides: dict[str, Any],
    checksum_mode: str | None,
) -> tuple[dict[str, Any], tuple[int, int]]:
    """What to tell of the version, and which of its bytes are asked for."""
    if range_header is not None and part_number is not None:
        raise InvalidRequest("Cannot specify both Range header and partNumber query parameter")
    asked = conditions.byte_range(range_header, version.size)
    if part_number is not None and version.parts:
        if part_number > version.parts:
            raise InvalidPartNumber("The requested partnumber is not satisfiable", PartNumberRequested=str(part_number))
        asked = version.part_range(part_number)
    elif part_number is not None and part_number != 1:
        raise InvalidPartNumber("The requested partnumber is not satisfiable", PartNumberRequested=str(part_number))
    described = describe.head(home, version, with_checksums=checksum_mode == "ENABLED" and asked is None)
    described |= {RESPONSE_OVERRIDES[name]: value for name, value in overrides.items()}
    if part_number is not None:
        described["PartsCount"] = version.parts or None
    if asked is None:
        return described, (0, version.size)
    start, end = asked
    described |= {"ContentLength": end - start, "ContentRange": f"bytes {start}-{end - 1}/{version.size}"}
    return described, asked
