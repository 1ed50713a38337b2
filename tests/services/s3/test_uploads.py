"""Uploads in parts."""

import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.services.s3.model import PART_BYTES_MIN
from tests.services.s3.test_objects import code

LARGE = b"p" * PART_BYTES_MIN


def uploaded(s3: Any, bucket: str, bodies: list[bytes], **options: Any) -> tuple[str, list[dict[str, Any]]]:
    """An upload with these parts, not yet completed."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", **options)["UploadId"]
    checksum = {name: value for name, value in options.items() if name == "ChecksumAlgorithm"}
    parts = []
    for number, body in enumerate(bodies, 1):
        sent = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=body, **checksum)
        digests = {name: value for name, value in sent.items() if name.startswith("Checksum")}
        parts.append({"PartNumber": number, "ETag": sent["ETag"], **digests})
    return upload, parts


def test_parts_become_one_object(s3: Any, bucket: str) -> None:
    upload, parts = uploaded(s3, bucket, [LARGE, b"end"], ContentType="text/x", Metadata={"a": "1"})
    listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
    assert [(part["PartNumber"], part["Size"]) for part in listed["Parts"]] == [(1, len(LARGE)), (2, 3)]
    done = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    digests = hashlib.md5(LARGE).digest() + hashlib.md5(b"end").digest()
    assert done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'

    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == LARGE + b"end"
    assert (got["ContentType"], got["Metadata"]) == ("text/x", {"a": "1"})
    across = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={len(LARGE) - 2}-{len(LARGE) + 1}")
    assert across["Body"].read() == b"ppen"
    second = s3.get_object(Bucket=bucket, Key="k", PartNumber=2)
    assert (second["Body"].read(), second["PartsCount"]) == (b"end", 2)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_composite_checksum(s3: Any, bucket: str) -> None:
    upload, parts = uploaded(s3, bucket, [LARGE, b"end"], ChecksumAlgorithm="SHA256")
    done = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    assert done["ChecksumSHA256"].endswith("-2")
    assert done["ChecksumType"] == "COMPOSITE"


def test_a_checksum_of_the_whole_is_joined_from_the_parts(s3: Any, bucket: str) -> None:
    upload, parts = uploaded(s3, bucket, [LARGE, b"end"], ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    whole = s3.put_object(Bucket=bucket, Key="whole", Body=LARGE + b"end")["ChecksumCRC32"]
    done = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    assert (done["ChecksumCRC32"], done["ChecksumType"]) == (whole, "FULL_OBJECT")


def test_a_part_may_be_copied(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    copied = s3.upload_part_copy(
        Bucket=bucket,
        Key="k",
        UploadId=upload,
        PartNumber=1,
        CopySource=f"{bucket}/source",
        CopySourceRange="bytes=2-4",
    )
    parts = [{"PartNumber": 1, "ETag": copied["CopyPartResult"]["ETag"]}]
    s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"234"


def test_what_cannot_be_completed(s3: Any, bucket: str) -> None:
    upload, parts = uploaded(s3, bucket, [b"small", b"end"])

    def complete(named: list[dict[str, Any]]) -> None:
        s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": named})

    for named, expected in (
        (parts, "EntityTooSmall"),
        (parts[::-1], "InvalidPartOrder"),
        ([{"PartNumber": 1, "ETag": '"wrong"'}], "InvalidPart"),
        ([{"PartNumber": 3, "ETag": '"wrong"'}], "InvalidPart"),
        ([], "MalformedXML"),
    ):
        with pytest.raises(ClientError) as caught:
            complete(named)
        assert code(caught) == (expected, 400)
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    with pytest.raises(s3.exceptions.NoSuchUpload):
        s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)


def test_uploads_under_way_are_listed(s3: Any, bucket: str) -> None:
    for key in ("a/1", "a/2", "b"):
        s3.create_multipart_upload(Bucket=bucket, Key=key)
    first = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=2)
    assert ([upload["Key"] for upload in first["Uploads"]], first["IsTruncated"]) == (["a/1", "a/2"], True)
    rest = s3.list_multipart_uploads(
        Bucket=bucket, KeyMarker=first["NextKeyMarker"], UploadIdMarker=first["NextUploadIdMarker"]
    )
    assert [upload["Key"] for upload in rest["Uploads"]] == ["b"]
    rolled = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert rolled["CommonPrefixes"] == [{"Prefix": "a/"}]
