"""Where S3 keeps things.

    ("s3", "bucket", name)                      -> Bucket
    ("s3", "config", bucket, kind)              -> what PutBucket<Kind> was given, msgpack
    ("s3", "object", bucket, key, -sequence)    -> Version; the newest of a key comes first
    ("s3", "upload", bucket, key, upload id)    -> Upload
    ("s3", "part", upload id, number)           -> Part
    ("s3", "blob", name)                        -> how many versions and parts refer to it, as decimal text
    ("s3", "sequence")                          -> the last sequence number given out

Keys are text whose packed form sorts by UTF-8, as S3 lists them. A blob is a file that was durable before anything
referred to it; copies share it. When the last reference goes, work is left to remove the file after a while
(whoever is reading it may finish), and files that nothing refers to are swept when the region starts.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.s3.errors import NoSuchBucket, NoSuchKey, NoSuchUpload, NoSuchVersion
from panregion.services.s3.model import NULL_VERSION, Bucket, Part, Piece, Upload, Version
from panregion.store import Transaction

DROP = "s3.drop"
READERS_GRACE_S = 60.0
WEBSITE = "website"

_encode = msgspec.msgpack.Encoder().encode
_bucket = msgspec.msgpack.Decoder(Bucket).decode
_version = msgspec.msgpack.Decoder(Version).decode
_upload = msgspec.msgpack.Decoder(Upload).decode
_part = msgspec.msgpack.Decoder(Part).decode


def buckets(tx: Transaction) -> Iterator[Bucket]:
    return map(_bucket, tx.values(("s3", "bucket")))


def find_bucket(tx: Transaction, name: str) -> Bucket | None:
    raw = tx.get(("s3", "bucket", name))
    return None if raw is None else _bucket(raw)


def bucket(tx: Transaction, name: str) -> Bucket:
    """Raises NoSuchBucket."""
    found = find_bucket(tx, name)
    if found is None:
        raise NoSuchBucket("The specified bucket does not exist", BucketName=name)
    return found


def put_bucket(tx: Transaction, value: Bucket) -> None:
    tx.put(("s3", "bucket", value.name), _encode(value))


def delete_bucket(tx: Transaction, name: str) -> None:
    for key, _ in list(tx.prefix(("s3", "config", name))):
        tx.delete(key)
    tx.delete(("s3", "bucket", name))


def config(tx: Transaction, name: str, kind: str) -> Any:
    """What was put; None if nothing was. Raises NoSuchBucket."""
    bucket(tx, name)
    raw = tx.get(("s3", "config", name, kind))
    return None if raw is None else msgspec.msgpack.decode(raw)


def website(tx: Transaction, name: str) -> dict[str, Any] | None:
    """The website configuration of a bucket; None where there is none, or no such bucket."""
    raw = tx.get(("s3", "config", name, WEBSITE))
    return None if raw is None else msgspec.msgpack.decode(raw, type=dict[str, Any])


def put_config(tx: Transaction, name: str, kind: str, value: Any) -> None:
    bucket(tx, name)
    tx.put(("s3", "config", name, kind), _encode(value))


def delete_config(tx: Transaction, name: str, kind: str) -> None:
    bucket(tx, name)
    tx.delete(("s3", "config", name, kind))


def all_versions(tx: Transaction, name: str, start: str = "") -> Iterator[Version]:
    """Every version of the keys from `start` on, the newest of each key first."""
    return (_version(raw) for _, raw in tx.range(("s3", "object", name, start), ("s3", "object", name + "\0")))


def newest(tx: Transaction, name: str, start: str = "") -> Iterator[Version]:
    """The newest version of each key from `start` on, delete markers included."""
    last: str | None = None
    for found in all_versions(tx, name, start):
        if found.key != last:
            last = found.key
            yield found


def objects(tx: Transaction, name: str, start: str = "") -> Iterator[Version]:
    """The objects that a reader sees, from `start` on."""
    return (found for found in newest(tx, name, start) if not found.is_delete_marker)


def current(tx: Transaction, name: str, key: str) -> Version | None:
    """The newest version; None if there is none or it is a delete marker."""
    found = next((_version(raw) for raw in tx.values(("s3", "object", name, key))), None)
    return None if found is None or found.is_delete_marker else found


def version(tx: Transaction, name: str, key: str, version_id: str | None) -> Version:
    """The version of that id, or the newest, delete markers included. Raises NoSuchKey, NoSuchVersion."""
    for raw in tx.values(("s3", "object", name, key)):
        found = _version(raw)
        if version_id in (None, found.id):
            return found
    if version_id is None:
        raise NoSuchKey("The specified key does not exist.", Key=key)
    raise NoSuchVersion("The specified version does not exist.", Key=key, VersionId=version_id)


def add_version(here: Here, name: str, value: Version) -> None:
    """Make `value` the newest version; a null version takes the place of the one before it."""
    tx = here.tx
    if value.id == NULL_VERSION:
        remove_version(here, name, value.key, NULL_VERSION)
    for piece in value.pieces:
        _count(tx, piece, +1)
    sequence = int(tx.get(("s3", "sequence")) or 0) + 1
    tx.put(("s3", "sequence"), b"%d" % sequence)
    tx.put(("s3", "object", name, value.key, -sequence), _encode(value))


def replace_version(here: Here, name: str, value: Version) -> None:
    """Put changed tags or settings of a version in its place."""
    for key, raw in here.tx.prefix(("s3", "object", name, value.key)):
        if _version(raw).id == value.id:
            here.tx.put(key, _encode(value))
            return


def remove_version(here: Here, name: str, key: str, version_id: str) -> Version | None:
    """Remove one version for good; returns it if it was there."""
    for at, raw in here.tx.prefix(("s3", "object", name, key)):
        found = _version(raw)
        if found.id == version_id:
            here.tx.delete(at)
            release(here, found.pieces)
            return found
    return None


def release(here: Here, pieces: tuple[Piece, ...]) -> None:
    """Let go of blobs; those that nothing refers to any more will be removed."""
    unused = [piece.blob for piece in pieces if _count(here.tx, piece, -1) == 0]
    if unused:
        here.later(DROP, {"blobs": unused}, here.now() + READERS_GRACE_S)


def is_used(tx: Transaction, blob: str) -> bool:
    return tx.get(("s3", "blob", blob)) is not None


def _count(tx: Transaction, piece: Piece, change: int) -> int:
    key = ("s3", "blob", piece.blob)
    count = int(tx.get(key) or 0) + change
    assert count >= 0, f"{piece.blob} is released more often than it was taken"
    if count:
        tx.put(key, b"%d" % count)
    else:
        tx.delete(key)
    return count


def uploads(tx: Transaction, name: str, start: str = "") -> Iterator[Upload]:
    """The uploads under way, by key."""
    return (_upload(raw) for _, raw in tx.range(("s3", "upload", name, start), ("s3", "upload", name + "\0")))


def upload(tx: Transaction, name: str, key: str, upload_id: str) -> Upload:
    """Raises NoSuchBucket, NoSuchUpload."""
    bucket(tx, name)
    raw = tx.get(("s3", "upload", name, key, upload_id))
    if raw is None:
        raise NoSuchUpload(
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
            "or completed.",
            UploadId=upload_id,
        )
    return _upload(raw)


def put_upload(tx: Transaction, name: str, value: Upload) -> None:
    tx.put(("s3", "upload", name, value.key, value.id), _encode(value))


def parts(tx: Transaction, upload_id: str) -> Iterator[Part]:
    """The parts of an upload, by number."""
    return map(_part, tx.values(("s3", "part", upload_id)))


def put_part(here: Here, upload_id: str, value: Part) -> None:
    """Keep a part; it replaces an earlier one of its number."""
    key = ("s3", "part", upload_id, value.number)
    before = here.tx.get(key)
    for piece in value.pieces:
        _count(here.tx, piece, +1)
    if before is not None:
        release(here, _part(before).pieces)
    here.tx.put(key, _encode(value))


def end_upload(here: Here, name: str, value: Upload) -> None:
    """Forget the upload and its parts; what became of an object has its own hold on the blobs."""
    for part in list(parts(here.tx, value.id)):
        release(here, part.pieces)
        here.tx.delete(("s3", "part", value.id, part.number))
    here.tx.delete(("s3", "upload", name, value.key, value.id))
