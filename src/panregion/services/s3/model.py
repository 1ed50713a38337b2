"""What S3 keeps: buckets, versions of objects, uploads under way. Frozen values; no clock, no store, no disk."""

import re
from typing import Any

import msgspec

from panregion.services.s3.errors import InvalidArgument, InvalidBucketName, InvalidTag, KeyTooLongError

NULL_VERSION = "null"
KEY_BYTES_MAX = 1024
PART_BYTES_MIN = 5 * 1024**2
PARTS_MAX = 10_000
TAGS_MAX = 10
METADATA_BYTES_MAX = 2048

_BUCKET_NAME = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!-s3alias)(?<!--ol-s3)")
_IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")


class Bucket(msgspec.Struct, frozen=True):
    """A bucket; `versioning` is None until it has been set, and never becomes None again."""

    name: str
    created: float
    versioning: str | None = None


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """A blob on disk and its length. An object is one piece or, if uploaded in parts, several."""

    blob: str
    size: int


class Version(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of an object, or a delete marker.

    `settings` are the members that a reader gets back as they were given (ContentType, StorageClass, ...), by
    AWS's names. `checksums` are base64 by algorithm; `parts` is 0 for an object that was not uploaded in parts.
    """

    key: str
    id: str = NULL_VERSION
    modified: float
    etag: str = ""
    pieces: tuple[Piece, ...] = ()
    settings: dict[str, Any] = {}
    metadata: dict[str, str] = {}
    tags: dict[str, str] = {}
    checksums: dict[str, str] = {}
    checksum_type: str = "FULL_OBJECT"
    parts: int = 0
    is_delete_marker: bool = False

    @property
    def size(self) -> int:
        return sum(piece.size for piece in self.pieces)

    @property
    def quoted_etag(self) -> str:
        return f'"{self.etag}"'

    @property
    def storage_class(self) -> str:
        return str(self.settings.get("StorageClass", "STANDARD"))

    def slices(self, start: int, end: int) -> list[tuple[str, int, int]]:
        """Where the bytes from start to end lie: (blob, start, end)."""
        found = []
        at = 0
        for piece in self.pieces:
            low, high = max(start - at, 0), min(end - at, piece.size)
            if low < high:
                found.append((piece.blob, low, high))
            at += piece.size
        return found

    def part_range(self, number: int) -> tuple[int, int]:
        """The bytes of one part."""
        start = sum(piece.size for piece in self.pieces[: number - 1])
        return start, start + self.pieces[number - 1].size


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload in parts that has been neither completed nor aborted."""

    id: str
    key: str
    initiated: float
    settings: dict[str, Any]
    metadata: dict[str, str]
    tags: dict[str, str]
    algorithm: str | None
    checksum_type: str | None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of an upload."""

    number: int
    etag: str
    pieces: tuple[Piece, ...]
    """One blob, or none if the part is empty."""
    modified: float
    checksums: dict[str, str]

    @property
    def size(self) -> int:
        return sum(piece.size for piece in self.pieces)


def check_bucket_name(name: str) -> None:
    """Raises InvalidBucketName."""
    if not _BUCKET_NAME.fullmatch(name) or ".." in name or _IP_ADDRESS.fullmatch(name):
        raise InvalidBucketName("The specified bucket is not valid.", BucketName=name)


def check_key(key: str) -> None:
    """Raises KeyTooLongError."""
    size = len(key.encode("utf-8", "surrogatepass"))
    if size > KEY_BYTES_MAX:
        raise KeyTooLongError("Your key is too long", Size=str(size), MaxSizeAllowed=str(KEY_BYTES_MAX))


def tags_of(tag_set: list[dict[str, str]], limit: int = TAGS_MAX) -> dict[str, str]:
    """Tags by key. Raises InvalidTag."""
    tags: dict[str, str] = {}
    for tag in tag_set:
        key, value = tag["Key"], tag["Value"]
        if not 1 <= len(key) <= 128:
            raise InvalidTag("The TagKey you have provided is invalid", TagKey=key)
        if len(value) > 256:
            raise InvalidTag("The TagValue you have provided is invalid", TagValue=value)
        if key in tags:
            raise InvalidTag("Cannot provide multiple Tags with the same key", TagKey=key)
        tags[key] = value
    if len(tags) > limit:
        raise InvalidTag(f"Object tags cannot be greater than {limit}")
    return tags


def tag_set(tags: dict[str, str]) -> list[dict[str, str]]:
    """Tags as AWS lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def check_metadata(metadata: dict[str, str]) -> None:
    """Raises InvalidArgument for more than AWS takes."""
    size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size > METADATA_BYTES_MAX:
        raise InvalidArgument("Your metadata headers exceed the maximum allowed metadata size")
