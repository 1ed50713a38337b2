"""What becomes of the files: kept while something refers to them, and no longer."""

from pathlib import Path
from typing import Any

import pytest

from panregion.region import Region
from panregion.services import Context
from panregion.services.s3 import keeping, layout, stack
from panregion.wire import AwsError
from panregion.world.clock import ManualClock
from panregion.world.world import World
from tests.support import region_in


def files(region: Region) -> set[str]:
    return set(keeping.blobs(region.here).names())


async def put(region: Region, key: str, body: bytes, **options: Any) -> dict[str, Any]:
    return await region.ask("s3", "PutObject", {"Bucket": "abc", "Key": key, "Body": body, **options})


async def read(region: Region, key: str) -> bytes:
    body = (await region.ask("s3", "GetObject", {"Bucket": "abc", "Key": key}))["Body"]
    assert isinstance(body, bytes)
    return body


async def test_a_failed_write_leaves_no_bytes(region: Region) -> None:
    await region.ask("s3", "CreateBucket", {"Bucket": "abc"})
    await put(region, "k", b"kept")
    before = files(region)
    with pytest.raises(AwsError, match="PreconditionFailed"):
        await put(region, "k", b"lost", IfNoneMatch="*")
    assert files(region) == before


async def test_a_copy_keeps_the_bytes_alive(region: Region) -> None:
    await region.ask("s3", "CreateBucket", {"Bucket": "abc"})
    await put(region, "k", b"shared")
    (blob,) = files(region)
    await region.ask("s3", "CopyObject", {"Bucket": "abc", "Key": "copy", "CopySource": "abc/k"})
    await region.ask("s3", "DeleteObject", {"Bucket": "abc", "Key": "k"})
    await keeping.drop(region.here, {"blobs": [blob]})
    assert await read(region, "copy") == b"shared"
    await region.ask("s3", "DeleteObject", {"Bucket": "abc", "Key": "copy"})
    await keeping.drop(region.here, {"blobs": [blob]})
    assert files(region) == set()


async def test_replaced_bytes_go_after_a_while(tmp_path: Path) -> None:
    clock = ManualClock()
    region = region_in(tmp_path, world=World(clock=clock))
    await region.start()
    await region.ask("s3", "CreateBucket", {"Bucket": "abc"})
    await put(region, "k", b"1")
    old = files(region)
    await put(region, "k", b"2")
    works = region.here.read(lambda here: [key for key, _ in here.tx.prefix(("work",))])
    assert [key[1] for key in works] == [clock.now() + layout.READERS_GRACE_S]
    assert old < files(region)
    await region.stop()


async def test_what_a_crash_left_is_swept_at_the_start(tmp_path: Path) -> None:
    region = region_in(tmp_path)
    objects = region.here.folder / "objects"
    objects.mkdir(parents=True)
    (objects / "orphan").write_bytes(b"x")
    (objects / ".orphan.1.partial").write_bytes(b"x")
    await region.start()
    assert files(region) == set()
    await region.stop()


async def test_a_bucket_of_a_stack(region: Region) -> None:
    context = Context(stack_name="Site", stack_id="arn:stack", logical_id="Files", suffix="ABCDEFGHIJKL")
    kind = stack.RESOURCES["AWS::S3::Bucket"]
    properties = {
        "VersioningConfiguration": {"Status": "Enabled"},
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": "true"},
        "CorsConfiguration": {"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAge": "5"}]},
        "Tags": [{"Key": "a", "Value": 1}],
    }
    name = await kind.create(region.here, properties, context)
    assert name == "site-files-abcdefghijkl"
    assert await kind.create(region.here, properties, context) == name
    assert (await region.ask("s3", "GetBucketVersioning", {"Bucket": name}))["Status"] == "Enabled"
    cors = (await region.ask("s3", "GetBucketCors", {"Bucket": name}))["CORSRules"]
    assert cors[0]["MaxAgeSeconds"] == 5
    attributes = await kind.attributes(region.here, name, properties)
    assert attributes["RegionalDomainName"] == f"{name}.s3.us-east-1.amazonaws.com"

    assert kind.update is not None
    await kind.update(region.here, name, properties, {}, context)
    assert (await region.ask("s3", "GetBucketVersioning", {"Bucket": name}))["Status"] == "Suspended"
    policy = stack.RESOURCES["AWS::S3::BucketPolicy"]
    document = {"Bucket": name, "PolicyDocument": {"Statement": []}}
    policy_id = await policy.create(region.here, document, context)
    await policy.delete(region.here, policy_id, document, context)
    await kind.delete(region.here, name, {}, context)
    await kind.delete(region.here, name, {}, context)
