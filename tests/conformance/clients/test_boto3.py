"""boto3's higher floors: resources, managed transfers, presigned posts of bytes, streams of unknown length."""

import io
import urllib.request
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from boto3.s3.transfer import TransferConfig

from panregion.services.s3.model import PART_BYTES_MIN
from panregion.world import serve
from panregion.world.tls import CERTIFICATE, make_authority, server_context
from tests.support import AGAINST_AWS, REGION, ServedRegion


@pytest.fixture
def bucket(served: ServedRegion) -> Any:
    """A bucket as boto3's resource; it and what is in it goes when the test ends."""
    if AGAINST_AWS:
        resource = boto3.resource("s3")
    else:
        resource = boto3.resource(
            "s3",
            endpoint_url=served.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
    bucket = resource.create_bucket(Bucket=f"clients-{uuid4()}")
    yield bucket
    bucket.object_versions.delete()
    bucket.delete()


def test_objects_of_a_bucket(bucket: Any) -> None:
    for key in ("a", "b", "c/d"):
        bucket.put_object(Key=key, Body=key.encode())
    assert [found.key for found in bucket.objects.filter(Prefix="c/")] == ["c/d"]
    assert bucket.Object("b").get()["Body"].read() == b"b"
    bucket.objects.delete()
    assert list(bucket.objects.all()) == []


def test_a_transfer_in_parts_by_several_threads(bucket: Any) -> None:
    data = bytes(range(256)) * (PART_BYTES_MIN // 100)
    config = TransferConfig(multipart_threshold=PART_BYTES_MIN, multipart_chunksize=PART_BYTES_MIN, max_concurrency=3)
    bucket.upload_fileobj(io.BytesIO(data), "large", ExtraArgs={"ContentType": "x/y"}, Config=config)
    back = io.BytesIO()
    bucket.download_fileobj("large", back, Config=config)
    assert back.getvalue() == data
    copied = bucket.Object("copy")
    copied.copy({"Bucket": bucket.name, "Key": "large"}, Config=config)
    assert copied.content_length == len(data)


def test_a_presigned_put(bucket: Any) -> None:
    client = bucket.meta.client
    address = client.generate_presigned_url("put_object", Params={"Bucket": bucket.name, "Key": "k"}, ExpiresIn=60)
    request = urllib.request.Request(address, data=b"hello", method="PUT")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    assert bucket.Object("k").get()["Body"].read() == b"hello"


def test_deleting_versions(bucket: Any) -> None:
    bucket.Versioning().enable()
    for body in (b"1", b"2"):
        bucket.put_object(Key="k", Body=body)
    bucket.Object("k").delete()
    assert len(list(bucket.object_versions.all())) == 3
    bucket.object_versions.delete()
    assert list(bucket.object_versions.all()) == []


def test_waiters_see_what_comes_and_goes(bucket: Any) -> None:
    bucket.wait_until_exists()
    made = bucket.put_object(Key="k", Body=b"x")
    made.wait_until_exists()
    made.delete()
    made.wait_until_not_exists()


@pytest.fixture
def over_tls(served: ServedRegion) -> Iterator[Any]:
    """A client that speaks TLS to the region, verified by the world's own authority."""
    folder = served.region.settings.path
    make_authority(folder)
    server = served.run(serve(served.region.gateway, "127.0.0.1", 0, server_context(folder, "127.0.0.1")))
    client = boto3.client(
        "s3",
        endpoint_url=f"https://127.0.0.1:{server.port}",
        verify=str(folder / CERTIFICATE),
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    yield client
    client.close()
    served.run(server.close())


@pytest.mark.skipif(AGAINST_AWS, reason="is about how boto3 sends bytes to an endpoint of ours")
def test_over_tls_checksums_come_after_the_bytes(over_tls: Any, bucket: Any) -> None:
    stream = io.BytesIO(b"hello" * 100_000)
    put = over_tls.put_object(Bucket=bucket.name, Key="k", Body=stream, ContentEncoding="x-own")
    got = over_tls.get_object(Bucket=bucket.name, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == stream.getvalue()
    assert (got["ChecksumCRC32"], got["ContentEncoding"]) == (put["ChecksumCRC32"], "x-own")
