"""Pages of keys: the pure part against a dumb twin, and the operations through boto3."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from panregion.services.s3.listing import Page, page, past


@dataclass(frozen=True)
class Item:
    key: str


def pages(keys: list[str], prefix: str, delimiter: str | None, limit: int) -> tuple[list[str], list[str]]:
    """All pages, joined."""

    def seek(start: str) -> Iterator[Item]:
        return (Item(key) for key in sorted(keys) if key >= start)

    items: list[str] = []
    prefixes: list[str] = []
    after: str | None = ""
    while after is not None:
        found: Page[Item] = page(seek, prefix, delimiter, after, limit)
        items += [item.key for item in found.items]
        prefixes += found.prefixes
        after = found.last
    return items, prefixes


def all_at_once(keys: list[str], prefix: str, delimiter: str | None) -> tuple[list[str], list[str]]:
    """What the pages must show, the plain way."""
    items, prefixes = [], []
    for key in sorted(key for key in keys if key.startswith(prefix)):
        rest = key[len(prefix) :]
        if delimiter and delimiter in rest:
            prefixes.append(prefix + rest[: rest.index(delimiter)] + delimiter)
        else:
            items.append(key)
    return items, list(dict.fromkeys(prefixes))


KEYS = st.lists(st.text("ab/", min_size=1, max_size=6), unique=True, max_size=20)


@given(KEYS, st.text("ab/", max_size=3), st.sampled_from([None, "/", "b/"]), st.integers(1, 5))
def test_pages_of_any_size_show_everything_once(
    keys: list[str], prefix: str, delimiter: str | None, limit: int
) -> None:
    assert pages(keys, prefix, delimiter, limit) == all_at_once(keys, prefix, delimiter)


@pytest.mark.parametrize(
    ("prefix", "first_after"),
    [("a/", "a0"), ("a\U0010ffff", "b"), ("\U0010ffff", None), ("", None), ("\ud7ff", "\ue000")],
)
def test_the_first_string_past_a_prefix(prefix: str, first_after: str | None) -> None:
    assert past(prefix) == first_after


@pytest.fixture
def filled(s3: Any, bucket: str) -> str:
    for key in ("a/1", "a/2", "b", "c d", "c/é"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    return bucket


def test_a_listing_of_folders(s3: Any, filled: str) -> None:
    listed = s3.list_objects_v2(Bucket=filled, Delimiter="/")
    assert [found["Key"] for found in listed["Contents"]] == ["b", "c d"]
    assert [found["Prefix"] for found in listed["CommonPrefixes"]] == ["a/", "c/"]
    assert (listed["KeyCount"], listed["IsTruncated"]) == (4, False)


def test_pages_through_boto3(s3: Any, filled: str) -> None:
    paginator = s3.get_paginator("list_objects_v2")
    keys = [found["Key"] for each in paginator.paginate(Bucket=filled, MaxKeys=2) for found in each["Contents"]]
    assert keys == ["a/1", "a/2", "b", "c d", "c/é"]
    old = s3.get_paginator("list_objects").paginate(Bucket=filled, MaxKeys=2)
    assert [found["Key"] for each in old for found in each["Contents"]] == keys


def test_where_a_listing_starts(s3: Any, filled: str) -> None:
    listed = s3.list_objects_v2(Bucket=filled, StartAfter="a/2", Prefix="")
    assert [found["Key"] for found in listed["Contents"]] == ["b", "c d", "c/é"]
    assert s3.list_objects_v2(Bucket=filled, MaxKeys=0)["KeyCount"] == 0
    with pytest.raises(ClientError, match="continuation token"):
        s3.list_objects_v2(Bucket=filled, ContinuationToken="é")


def test_pages_of_versions(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put = [(key, s3.put_object(Bucket=bucket, Key=key, Body=b"x")["VersionId"]) for key in ("a", "a", "a", "b", "b")]
    paginator = s3.get_paginator("list_object_versions")
    for size in (1, 2, 3):
        shown = [
            (found["Key"], found["VersionId"])
            for each in paginator.paginate(Bucket=bucket, PaginationConfig={"PageSize": size})
            for found in each["Versions"]
        ]
        assert shown == [*put[2::-1], *put[4:2:-1]]
