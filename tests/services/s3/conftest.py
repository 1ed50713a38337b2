"""A client of S3, and a bucket of its own for each test."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.support import ServedRegion


@pytest.fixture
def s3(served: ServedRegion) -> Any:
    return served.client("s3")


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    name = f"test-{uuid4()}"
    s3.create_bucket(Bucket=name)
    yield name
    versions = s3.list_object_versions(Bucket=name)
    for found in versions.get("Versions", []) + versions.get("DeleteMarkers", []):
        s3.delete_object(Bucket=name, Key=found["Key"], VersionId=found["VersionId"])
    s3.delete_bucket(Bucket=name)
