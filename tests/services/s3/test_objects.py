"""Objects, as boto3 sees them."""

import gzip
import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError


def code(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    """An error's code and status."""
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_put_and_get(s3: Any, bucket: str) -> None:
    put = s3.put_object(
        Bucket=bucket, Key="a/b c+d.txt", Body=b"hello", ContentType="text/plain", Metadata={"who": "ada"}
    )
    assert put["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    assert put["ChecksumCRC32"] == "NhCmhg=="
    assert "VersionId" not in put

    got = s3.get_object(Bucket=bucket, Key="a/b c+d.txt")
    assert got["Body"].read() == b"hello"
    assert (got["ContentType"], got["Metadata"], got["ContentLength"]) == ("text/plain", {"who": "ada"}, 5)
    head = s3.head_object(Bucket=bucket, Key="a/b c+d.txt", ChecksumMode="ENABLED")
    assert (head["ETag"], head["ChecksumCRC32"], head["ServerSideEncryption"]) == (put["ETag"], "NhCmhg==", "AES256")


def test_an_empty_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="empty")
    assert s3.get_object(Bucket=bucket, Key="empty")["Body"].read() == b""


def test_an_object_larger_than_a_chunk(s3: Any, bucket: str) -> None:
    data = bytes(range(256)) * 10_000
    s3.put_object(Bucket=bucket, Key="large", Body=data)
    assert s3.get_object(Bucket=bucket, Key="large")["Body"].read() == data
    part = s3.get_object(Bucket=bucket, Key="large", Range="bytes=1000-2000999")
    assert part["Body"].read() == data[1000:2001000]


def test_compressed_bytes_stay_compressed(s3: Any, bucket: str) -> None:
    data = gzip.compress(b"hello")
    s3.put_object(Bucket=bucket, Key="z", Body=data, ContentEncoding="gzip")
    got = s3.get_object(Bucket=bucket, Key="z")
    assert (got["Body"].read(), got["ContentEncoding"]) == (data, "gzip")


def test_what_is_not_there(s3: Any, bucket: str) -> None:
    with pytest.raises(s3.exceptions.NoSuchKey) as key:
        s3.get_object(Bucket=bucket, Key="none")
    assert key.value.response["Error"]["Key"] == "none"
    with pytest.raises(s3.exceptions.NoSuchBucket) as home:
        s3.get_object(Bucket="no-such-bucket-here", Key="none")
    assert home.value.response["Error"]["BucketName"] == "no-such-bucket-here"
    with pytest.raises(ClientError) as head:
        s3.head_object(Bucket=bucket, Key="none")
    assert code(head) == ("404", 404)


@pytest.mark.parametrize(
    ("asked", "body", "shown"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
    ],
)
def test_ranges(s3: Any, bucket: str, asked: str, body: bytes, shown: str) -> None:
    s3.put_object(Bucket=bucket, Key="digits", Body=b"0123456789")
    got = s3.get_object(Bucket=bucket, Key="digits", Range=asked)
    assert (got["Body"].read(), got["ContentRange"]) == (body, shown)
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_a_range_that_is_not_there(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="digits", Body=b"0123456789")
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="digits", Range="bytes=10-12")
    assert code(caught) == ("InvalidRange", 416)


def test_reading_on_condition(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)
    with pytest.raises(ClientError) as changed:
        s3.get_object(Bucket=bucket, Key="k", IfMatch='"other"')
    assert code(changed) == ("PreconditionFailed", 412)
    with pytest.raises(ClientError) as same:
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag)
    assert code(same) == ("304", 304)


def test_writing_on_condition(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    with pytest.raises(ClientError) as there:
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    assert code(there) == ("PreconditionFailed", 412)
    s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=etag)
    with pytest.raises(ClientError) as changed:
        s3.put_object(Bucket=bucket, Key="k", Body=b"4", IfMatch=etag)
    assert code(changed) == ("PreconditionFailed", 412)
    with pytest.raises(ClientError) as missing:
        s3.put_object(Bucket=bucket, Key="other", Body=b"5", IfMatch=etag)
    assert code(missing) == ("NoSuchKey", 404)


def test_a_wrong_checksum_is_refused(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumSHA256="bm90IGl0")
    assert code(caught) == ("BadDigest", 400)
    with pytest.raises(ClientError) as md5:
        s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
    assert code(md5) == ("BadDigest", 400)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksums_that_the_client_computes(s3: Any, bucket: str, algorithm: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    assert got["Body"].read() == b"hello"


def test_copying(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", Metadata={"m": "1"}, ContentType="text/x", Tagging="t=1")
    s3.copy_object(Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a"})
    kept = s3.get_object(Bucket=bucket, Key="b")
    assert (kept["Body"].read(), kept["Metadata"], kept["ContentType"]) == (b"x", {"m": "1"}, "text/x")
    s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/b", MetadataDirective="REPLACE", Metadata={"m": "2"})
    s3.delete_object(Bucket=bucket, Key="a")
    replaced = s3.get_object(Bucket=bucket, Key="b")
    assert (replaced["Body"].read(), replaced["Metadata"]) == (b"x", {"m": "2"})
    with pytest.raises(ClientError) as caught:
        s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/b")
    assert code(caught) == ("InvalidRequest", 400)


def test_deleting_several(s3: Any, bucket: str) -> None:
    for key in ("a", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "b"}, {"Key": "never"}]})
    assert [each["Key"] for each in gone["Deleted"]] == ["a", "b", "never"]
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_versions(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"2")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"]
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key="k")
    for version, body in ((first, b"1"), (second, b"2"), ("null", b"before")):
        assert s3.get_object(Bucket=bucket, Key="k", VersionId=version)["Body"].read() == body

    listed = s3.list_object_versions(Bucket=bucket)
    assert [(found["VersionId"], found["IsLatest"]) for found in listed["Versions"]] == [
        (second, False),
        (first, False),
        ("null", False),
    ]
    assert [(found["VersionId"], found["IsLatest"]) for found in listed["DeleteMarkers"]] == [
        (marker["VersionId"], True)
    ]
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert code(caught) == ("MethodNotAllowed", 405)

    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"


def test_tags(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="a=1&b=2")
    assert s3.get_object(Bucket=bucket, Key="k")["TagCount"] == 2
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "c", "Value": "3"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "c", "Value": "3"}]
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []


def test_what_this_world_does_not_have_is_named(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError, match="SSECustomerAlgorithm"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", SSECustomerAlgorithm="AES256", SSECustomerKey="0" * 32)
    with pytest.raises(ClientError, match="SelectObjectContent"):
        s3.select_object_content(
            Bucket=bucket,
            Key="k",
            Expression="select 1",
            ExpressionType="SQL",
            InputSerialization={},
            OutputSerialization={},
        )
